"""Confirm: every detection leaves as exactly one finding."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures import detection
from tocsin.confirm.confirm import BELOW_K_OF_N, Confirm, Confirmation, Suppression
from tocsin.core.detection import Detection
from tocsin.core.times import NS_PER_S

TWO_OF_THREE = {"rule-a": Confirmation(k=2, n=3, confidence=0.6)}


def window(number: int, *, rule: str = "rule-a") -> Detection:
    return detection(
        rule=rule, window_start_ns=number * 60 * NS_PER_S, window_s=60.0, at_s=number * 60 + 60
    )


def test_a_decisive_rule_confirms_at_once() -> None:
    confirm = Confirm(confirmations={})

    (finding,) = confirm.judge(detection())

    assert (finding.state, finding.confidence) == ("confirmed", 0.9)


def test_two_of_three_windows_confirm_both_detections() -> None:
    confirm = Confirm(confirmations=TWO_OF_THREE)

    first = list(confirm.judge(window(0)))
    second = list(confirm.judge(window(2)))

    assert first == []
    assert [f.state for f in second] == ["confirmed", "confirmed"]
    assert second[0].grounds == ("2 of 3 windows agree",)


def test_windows_too_far_apart_do_not_add_up() -> None:
    confirm = Confirm(confirmations=TWO_OF_THREE)

    found = [*confirm.judge(window(0)), *confirm.judge(window(3)), *confirm.finish()]

    assert [f.suppressed_by for f in found] == [BELOW_K_OF_N, BELOW_K_OF_N]


def test_a_candidate_expires_after_an_hour_of_event_time() -> None:
    confirm = Confirm(confirmations=TWO_OF_THREE, hold_s=3600)
    list(confirm.judge(window(0)))

    found = list(confirm.judge(window(100)))

    assert [f.suppressed_by for f in found] == [BELOW_K_OF_N]
    assert confirm.waiting_total == 1


def test_suppression_names_its_rule_and_ends_at_its_expiry() -> None:
    rule = Suppression(
        name="scanner", reason="our own", until_ns=100 * NS_PER_S, attacker="203.0.113.0/24"
    )
    confirm = Confirm(confirmations={}, suppressions=[rule])

    (before,) = confirm.judge(detection(at_s=99))
    (after,) = confirm.judge(detection(at_s=101))

    assert before.suppressed_by == "scanner"
    assert after.state == "confirmed"


def test_suppressing_one_attacker_never_hides_another() -> None:
    rule = Suppression(name="scanner", reason="our own", attacker="203.0.113.9")
    confirm = Confirm(confirmations={}, suppressions=[rule])

    (finding,) = confirm.judge(detection(attackers=("203.0.113.9", "203.0.113.10")))

    assert finding.state == "confirmed"


def test_odd_traffic_of_a_host_that_a_suppressed_attacker_works_on_is_suppressed_too() -> None:
    rule = Suppression(name="scanner", reason="our own", attacker="203.0.113.9")
    odd = detection(kind="unusual_traffic", entity="198.51.100.10", attackers=(), at_s=130)
    late = replace(odd, first_ns=odd.first_ns + 3600 * NS_PER_S)

    first = Confirm(confirmations={}, suppressions=[rule])
    (_,) = first.judge(detection(at_s=99, attackers=("203.0.113.9",), victims=(odd.entity,)))
    confirm = Confirm(confirmations={}, suppressions=[rule])
    confirm.restore(first.state())
    found = [*confirm.judge(odd), *confirm.judge(replace(odd, entity="198.51.100.11"))]

    assert [f.suppressed_by for f in found] == ["scanner", None]
    assert [f.suppressed_by for f in confirm.judge(late)] == [None]


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["a", "b", "c"])), max_size=40))
def test_every_detection_leaves_exactly_once(steps: list[tuple[int, str]]) -> None:
    confirm = Confirm(confirmations=TWO_OF_THREE, waiting_max=2)
    given_ = [
        replace(window(number), entity=entity, episode=f"{i}")
        for i, (number, entity) in enumerate(sorted(steps))
    ]

    found = [f for d in given_ for f in confirm.judge(d)] + list(confirm.finish())

    assert sorted(f.detection.episode for f in found) == sorted(d.episode for d in given_)
