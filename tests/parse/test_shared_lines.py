"""Searches that share one look at an access log find what each finds by itself."""

from __future__ import annotations

import random

import pytest

from tocsin.core.detection import Selector
from tocsin.core.times import NS_PER_S
from tocsin.kernels.log_scan import Stamps
from tocsin.parse.matching_lines import LineSearch
from tocsin.parse.shared_lines import SEARCHES_MIN, SharedLines

STAMPS = Stamps(year=2026)
START_NS = 1_767_225_600 * NS_PER_S  # 2026-01-01T00:00:00Z
LINES = 600
ODD = b"192.0.2.1 - bob smith [01/Jan/2026:00:00:00 +0000] what is this\n"


def access_log(*, odd_at: tuple[int, ...] = ()) -> list[bytes]:
    chosen = random.Random(5)
    lines = []
    for n in range(LINES):
        client = chosen.choice(["2001:db8::{}", "203.0.113.{}"]).format(chosen.randrange(1, 40))
        stamp = f"01/Jan/2026:00:{n // 60:02}:{n % 60:02} +0000"
        told = chosen.choice(["203.0.113.7", "curl/8.5.0"])  # some name an address, and are not its
        lines.append(f'{client} - - [{stamp}] "GET /{n} HTTP/1.1" 200 9 "-" "{told}"\n'.encode())
    for place in odd_at:
        lines[place] = ODD
    return lines


def searched(lines: list[bytes], shared: SharedLines | None, *, blocks: int) -> list[list[object]]:
    searches = [
        LineSearch(
            [
                Selector(
                    "a.log", "log", START_NS + n * 10 * NS_PER_S, START_NS + (300 + n) * NS_PER_S,
                    near=(f"203.0.113.{n}", f"2001:db8::{n}"),
                )
            ],
            stamps=STAMPS,
            shared=shared,
        )
        for n in range(1, 13)
    ]  # fmt: skip
    found: list[list[object]] = [[] for _ in searches]
    size, base = len(lines) // blocks, 500
    for first in range(0, len(lines), size):
        data = b"".join(lines[first : first + size])
        for own, search in zip(found, searches, strict=True):
            own += search.find(data, base=base).tolist()
        base += len(data)
    return found


@pytest.mark.parametrize("odd_at", [(), (3,), (3, 250, 599)])
@pytest.mark.parametrize("blocks", [1, 3])
def test_each_search_takes_its_own(odd_at: tuple[int, ...], blocks: int) -> None:
    lines = access_log(odd_at=odd_at)

    alone = searched(lines, None, blocks=blocks)

    assert searched(lines, SharedLines(STAMPS), blocks=blocks) == alone
    assert sum(map(len, alone)) > 60


def test_parts_that_overlap_are_seen_once_and_whole() -> None:
    lines, shared = access_log(), SharedLines(STAMPS)
    ends = [0]
    for line in lines:
        ends.append(ends[-1] + len(line))
    shared.join([Selector("a.log", "log", 0, 1 << 62, near=("203.0.113.7",))])
    for _ in range(SEARCHES_MIN):
        shared.join([])
    data = b"".join(lines)
    whole = SharedLines(STAMPS)
    whole.join([Selector("a.log", "log", 0, 1 << 62, near=("203.0.113.7",))])
    for _ in range(SEARCHES_MIN):
        whole.join([])

    for first, last in ((100, 200), (50, 150), (180, 600), (0, 600), (90, 210)):
        rows = shared.rows(data[ends[first] : ends[last]], base=ends[first])
        expected = whole.rows(data, base=0)
        assert rows is not None
        assert expected is not None
        inside = (expected["offset"] >= ends[first]) & (expected["offset"] < ends[last])
        assert rows.tolist() == expected[inside].tolist()
