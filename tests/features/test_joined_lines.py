"""Joined lines in the log lane: counted once, told once, whatever the cut or a restart."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parse.audit_lines import execution
from tests.parse.reading import read
from tests.parse.test_joining import ALL, JAVA
from tocsin.core.codec import message_to_plain
from tocsin.core.inputs import Block
from tocsin.core.parameters import Parameters
from tocsin.features.log_lane import LogLane
from tocsin.kernels.log_scan import Stamps
from tocsin.parse.known import known_templates, log_tables
from tocsin.parse.sparse_rows import SparseRows
from tocsin.testing import laws, logs

AUDIT = [x for n in range(4) for x in execution(["id", str(n)], exe="/usr/bin/id", serial=n)]
MIXED = [line for pair in zip(AUDIT[:10], AUDIT[10:], strict=True) for line in pair]
ACCESS = '203.0.113.9 - - [23/Nov/2026:05:41:02 +0000] "GET /.git/config HTTP/1.1" 404 13 "-" "sqlmap/1.7"\n'
GUESSES = b"".join(logs.guessing(at_s=100.0, failures=9, every_s=5.0)).decode()
PARTS = [*ALL, "".join(MIXED), ACCESS, GUESSES, "\n", "x" * 70_000 + "\n"]
DATA = "".join([*PARTS, *PARTS[::-1]]).encode()


def fresh() -> LogLane:
    stamps = Stamps(year=2026)
    return LogLane(
        "a.log", tables=log_tables(), parameters=Parameters(), year=2026,
        reader=SparseRows(known_templates(), stamps=stamps),
    )  # fmt: skip


def told_by(lane: LogLane) -> list[str]:
    """Return what a lane told since the last take, as text that can be compared."""
    return [json.dumps(message_to_plain(one), default=repr) for one in lane.take().messages]


def taken(data: bytes, *, cuts: list[int], restart_at: int = -1) -> tuple[LogLane, list[str]]:
    lane, told = fresh(), []
    edges = sorted({0, len(data), *(cut for cut in cuts if 0 < cut < len(data))})
    for number, (start, end) in enumerate(pairwise(edges)):
        lane.feed(Block("a.log", data[start:end], start))
        told += told_by(lane)
        if number == restart_at:
            state = lane.state()
            lane = fresh()
            lane.restore(state)
    lane.finish()
    return lane, told + told_by(lane)


def test_an_audit_event_is_one_record_and_one_message() -> None:
    lane, told = taken("".join(MIXED).encode(), cuts=[])

    assert (lane.stats.records, lane.stats.events) == (4, 4)
    assert [json.loads(one)["event"]["process.command_line"] for one in told] == [
        "id 0", "id 2", "id 1", "id 3",
    ]  # fmt: skip
    assert len(json.loads(told[0])["event"]["log.lines"]) == 5


def test_records_add_up_and_are_those_that_parse_gives() -> None:
    lane, _ = taken(DATA, cuts=[])

    laws.check_records(lane.stats)
    assert lane.stats.records == len(read(DATA))


def test_lines_outside_the_span_are_filtered_with_their_record() -> None:
    lane = LogLane(
        "a.log", tables=log_tables(), year=2026, since_ns=1_800_000_000_000_000_000,
        reader=SparseRows(known_templates(), stamps=Stamps(year=2026)),
    )  # fmt: skip
    lane.feed(Block("a.log", JAVA.encode(), 0))
    lane.finish()

    assert (lane.stats.records, lane.stats.filtered, lane.stats.events) == (1, 1, 0)


@pytest.mark.parametrize("step", [700, 5003])
def test_small_blocks_tell_what_one_block_tells(step: int) -> None:
    whole, told = taken(DATA, cuts=[])

    lane, cut = taken(DATA, cuts=list(range(step, len(DATA), step)))

    assert cut == told
    assert lane.stats == whole.stats
    assert lane.index == whole.index


@settings(max_examples=12, deadline=None)
@given(cuts=st.lists(st.integers(1, len(DATA)), max_size=12), restart_at=st.integers(0, 6))
def test_any_cut_and_a_restart_tell_the_same(cuts: list[int], restart_at: int) -> None:
    whole, told = taken(DATA, cuts=[])

    lane, cut = taken(DATA, cuts=cuts, restart_at=restart_at)

    assert cut == told
    assert lane.stats == whole.stats


def test_an_idle_source_ends_what_waits_for_lines() -> None:
    lane = fresh()
    lane.feed(Block("a.log", "".join(execution(["id"], exe="/usr/bin/id")).encode(), 0))
    waiting = told_by(lane)

    lane.advance(lane.watermark_ns + 5_000_000_000)

    assert waiting == []
    assert len(told_by(lane)) == 1
