"""Figures and spans as people read them."""

from __future__ import annotations

import pytest

from tocsin.web.report.words import chance, listed, moment, number, period, span


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (13.75, "13.8"), (1234.5, "1,234"), (float("nan"), "\u2013"),
        (float("inf"), "∞"), (float("-inf"), "\u2212∞"), (-2.5, "-2.5"), (1e300, "1e+300"),
    ],
)  # fmt: skip
def test_a_figure_has_as_many_digits_as_say_something(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("p_value", "text"),
    [(1.0, "1"), (1.1e-9, "1e-9"), (1e-310, "< 1e-300"), (float("nan"), "\u2013")],
)
def test_a_chance_is_never_nought(p_value: float, text: str) -> None:
    assert chance(p_value) == text


@pytest.mark.parametrize(
    ("span_ns", "text"),
    [(1, "1 ms"), (250_000_000, "250 ms"), (2_500_000_000, "2.5 s"), (3_600_000_000_000, "1 h"), (-5, "0 s")],
)  # fmt: skip
def test_a_span_has_at_most_two_units(span_ns: int, text: str) -> None:
    assert span(span_ns) == text


def test_a_period_over_midnight_names_both_days() -> None:
    assert period(0, 86_400_000_000_000) == "1970-01-01 00:00:00 to 1970-01-02 00:00:00 UTC"
    assert period(5, 5) == "1970-01-01 00:00:00 UTC"
    assert moment(None) == "\u2013"


def test_a_list_that_was_cut_says_how_many_there_are() -> None:
    assert listed(()) == ""
    assert listed(("a", "b", "c")) == "a, b and c"
    assert listed(("a",), total=215) == "a and 214 more"
