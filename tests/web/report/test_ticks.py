"""Marks of the axis of time: round, few, within the span."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.times import DAY_NS, NS_PER_S
from tocsin.web.report.ticks import time_ticks


@given(st.integers(-(10**18), 10**18), st.integers(1, 10**18))
def test_ticks_are_few_and_within_the_span(start_ns: int, span_ns: int) -> None:
    ticks = time_ticks(start_ns, span_ns)

    assert len(ticks) <= 8
    assert all(0 <= at_ns <= span_ns for at_ns, _ in ticks)


def test_the_labels_follow_the_step() -> None:
    assert [text for _, text in time_ticks(0, 2 * NS_PER_S)][:2] == ["00:00:00.000", "00:00:00.500"]
    assert [text for _, text in time_ticks(0, 60 * NS_PER_S)][1] == "00:00:10"
    assert [text for _, text in time_ticks(0, 3 * DAY_NS)][:3] == ["01-01", "12:00", "01-02"]
    assert [text for _, text in time_ticks(0, 30 * DAY_NS)][1] == "01-06"
    assert [text for _, text in time_ticks(0, 2000 * DAY_NS)][1] == "1971"
