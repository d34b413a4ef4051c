"""Correlations: how many events, how many values, which rules in what order, per group."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.core.predicates import Correlation
from tocsin.detect.sigma import correlating
from tocsin.detect.sigma.correlating import Correlator, Match, Raised
from tocsin.detect.sigma.correlation_words import words_of

S = 1_000_000_000


def correlation(kind: str, rules: tuple[str, ...] = ("a",), **more: Any) -> Correlation:
    values: dict[str, Any] = {"timespan_ns": 60 * S, "group_by": ("user",), **more}
    return Correlation("c", "Together", "high", kind, rules, kind="exploit", **values)


def fed(made: Correlator, *events: tuple[float, str, dict[str, Any]]) -> list[Raised]:
    found: list[Raised] = []
    for at_s, rule, event in events:
        at_ns = round(at_s * S)
        found += made.advance(at_ns)
        found += made.take([rule], Match(at_ns, event, ("203.0.113.9", "web01", "")))
    return found


def test_events_of_one_group_are_counted_within_the_span() -> None:
    made = Correlator([correlation("event_count", bound=3.0)])

    found = fed(made, (0, "a", {"user": "x"}), (30, "a", {"user": "y"}), (59, "a", {"user": "x"}),
                (61, "a", {"user": "x"}), (62, "a", {"user": "x"}))  # fmt: skip

    assert [(one.group, one.observed, one.first_ns) for one in found] == [
        ((("user", "x"),), 3.0, 59 * S)
    ]
    assert words_of(found[0]) == "3 events within 1 min; the rule asks for at least 3"
    assert found[0].attackers == ("203.0.113.9",)


def test_different_values_are_counted_not_events() -> None:
    made = Correlator([correlation("value_count", bound=2.0, fields=("host",))])

    found = fed(made, *((n, "a", {"user": "x", "host": host})
                        for n, host in enumerate(("h1", "h1", "h1", "h2"))))  # fmt: skip

    assert [one.observed for one in found] == [2.0]


@pytest.mark.parametrize(
    ("kind", "order", "holds"),
    [
        ("temporal", "ab", True), ("temporal", "ba", True), ("temporal", "aa", False),
        ("temporal_ordered", "ab", True), ("temporal_ordered", "ba", False),
        ("temporal_ordered", "bab", True), ("temporal_ordered", "bb", False),
    ],
)  # fmt: skip
def test_rules_together_and_in_order(kind: str, order: str, holds: bool) -> None:
    made = Correlator([correlation(kind, ("a", "b"), bound=2.0)])

    found = fed(made, *((n, rule, {"user": "x"}) for n, rule in enumerate(order)))

    assert bool(found) is holds


def test_an_order_that_takes_longer_than_the_span_does_not_count() -> None:
    made = Correlator([correlation("temporal_ordered", ("a", "b"), bound=2.0)])

    assert fed(made, (0, "a", {"user": "x"}), (61, "b", {"user": "x"})) == []


def test_an_alias_names_the_field_of_each_rule() -> None:
    aliases = {"who": {"a": "user", "b": "account"}}
    made = Correlator(
        [correlation("temporal", ("a", "b"), bound=2.0, group_by=("who",), aliases=aliases)]
    )

    found = fed(made, (0, "a", {"user": "x"}), (1, "b", {"account": "y"}),
                (2, "b", {"account": "x"}))  # fmt: skip

    assert [one.group for one in found] == [(("who", "x"),)]


def test_an_upper_bound_is_judged_when_the_span_is_over() -> None:
    made = Correlator([correlation("event_count", sign="<", bound=2.0)])

    assert fed(made, (0, "a", {"user": "x"}), (59, "a", {"user": "y"})) == []
    (found,) = made.advance(61 * S)

    assert (found.group, found.observed) == ((("user", "x"),), 1.0)


@pytest.mark.parametrize(
    ("kind", "observed"),
    [("value_sum", 60.0), ("value_avg", 20.0), ("value_median", 20.0), ("value_percentile", 30.0)],
)
def test_measures_of_a_field(kind: str, observed: float) -> None:
    made = Correlator([correlation(kind, bound=0.0, fields=("bytes",), percentile=95.0)])

    found = fed(made, *((n, "a", {"user": "x", "bytes": n * 10}) for n in (1, 2, 3)))

    assert found[-1].observed == observed


def test_a_correlation_counts_for_another() -> None:
    often = Correlation("often", "", "low", "event_count", ("a",), 60 * S, "exploit", ("user",),
                        bound=2.0)  # fmt: skip
    made = Correlator([often, correlation("temporal_ordered", ("often", "b"), bound=2.0)])

    found = fed(made, (0, "a", {"user": "x"}), (1, "a", {"user": "x"}), (2, "b", {"user": "x"}))

    assert [one.correlation.id for one in found] == ["often", "c"]


def test_an_event_without_the_field_is_of_no_group() -> None:
    made = Correlator([correlation("event_count")])

    assert fed(made, (0, "a", {"other": "x"})) == []


def test_groups_are_bounded_and_the_alarm_is_still_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(correlating, "GROUPS_MAX", 4)
    made = Correlator([correlation("event_count", bound=2.0)])

    crowd = [(n / 100, "a", {"user": f"u{n}"}) for n in range(50)]
    found = fed(made, *crowd, (2, "a", {"user": "x"}), (3, "a", {"user": "x"}))

    assert [one.group for one in found] == [(("user", "x"),)]
    assert len(made.state()["groups"]["c"]) == 4


def test_a_restart_in_between_changes_nothing() -> None:
    whole, first, second = (Correlator([correlation("event_count", bound=3.0)]) for _ in range(3))
    events = [(n, "a", {"user": "x"}) for n in range(3)]

    fed(first, *events[:2])
    second.restore(first.state())

    assert fed(second, events[2]) == fed(whole, *events)
