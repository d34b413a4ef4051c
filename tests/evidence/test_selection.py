"""What is kept beyond the bound, what is stated, and lines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence.made import ATTACKER, capture, chosen, log_source, packet_source, syn
from tocsin.core.detection import Selector
from tocsin.core.errors import InputError
from tocsin.core.times import NS_PER_S
from tocsin.evidence.keeping import RECORD, Bound, Keeper
from tocsin.evidence.reading import Source

LINES = (
    b"Nov 23 05:41:00 host sshd[1]: Failed password for root from 203.0.113.9 port 1 ssh2\n"
    b"Nov 23 05:41:01 host sshd[2]: Failed password for root from 203.0.113.99 port 2 ssh2\n"
    b"Nov 23 05:41:02 host sshd[3]: Failed \x00\xff for root from 203.0.113.9 port 3 ssh2\r\n"
    b"Nov 23 05:41:03 host sshd[4]: Accepted password for ada from 192.0.2.7 port 4 ssh2"
)

YEAR = (0, 365 * 86_400 * NS_PER_S)


def test_lines_are_kept_as_read_with_their_offsets() -> None:
    found = chosen(log_source(LINES), Selector("auth.log", "log", *YEAR, near=(ATTACKER,)))

    assert found.rows["offset"].tolist() == [0, 169]
    assert found.data[1] == LINES[169:248]
    assert b"".join(found.data) == LINES[:84] + LINES[169:248]


def test_a_user_selects_the_last_line_without_line_end() -> None:
    found = chosen(log_source(LINES), Selector("auth.log", "log", *YEAR, users=("ada",)))

    assert found.data == (LINES[248:],)


def test_a_block_that_changed_is_stated_and_not_used() -> None:
    source = log_source(LINES)
    changed = Source(
        "auth.log", "log", type(source.reader)(LINES.replace(b"root", b"toor")), source.index
    )  # type: ignore[call-arg]

    found = chosen(changed, Selector("auth.log", "log", 0, 1, near=(ATTACKER,)))

    assert (len(found.rows), found.is_exact, found.gaps_total) == (0, False, 1)
    assert found.gaps[0].reason == "changed since it was first read"


def test_a_source_that_went_away_is_stated() -> None:
    class Gone:
        def read_range(self, offset: int, length: int) -> bytes:
            raise InputError("no such file", path=f"auth.log+{length}", offset=offset)

    found = chosen(
        Source("auth.log", "log", Gone(), log_source(LINES).index),
        Selector("auth.log", "log", 0, 1),
    )

    assert found.gaps[0].reason == "can't be read any more: no such file"


def test_beyond_the_bound_first_last_and_a_sample_are_kept_with_the_exact_count() -> None:
    keeper = Keeper(Bound(records_max=100, ends=5, sample=10))

    for at in range(0, 1000, 50):
        keeper.add(_rows(at, 50), [b"x"] * 50)

    assert (keeper.seen, keeper.is_exact) == (1000, False)
    assert keeper.rows["offset"].tolist()[:5] == [0, 1, 2, 3, 4]
    assert keeper.rows["offset"].tolist()[-5:] == [995, 996, 997, 998, 999]
    assert 10 <= len(keeper.rows) <= 20


@given(cuts=st.lists(st.integers(1, 40), max_size=30))
def test_the_sample_does_not_depend_on_the_cut(cuts: list[int]) -> None:
    whole, cut = (Keeper(Bound(records_max=20, ends=3, sample=6)) for _ in range(2))
    total = sum(cuts)

    if total:
        whole.add(_rows(0, total), [b"x"] * total)
    at = 0
    for n in cuts:
        cut.add(_rows(at, n), [b"x"] * n)
        at += n

    assert whole.rows["offset"].tolist() == cut.rows["offset"].tolist()
    assert (whole.seen, whole.is_exact) == (cut.seen, cut.is_exact)


def test_bytes_are_bounded_as_well() -> None:
    keeper = Keeper(Bound(bytes_max=1000))

    keeper.add(_rows(0, 50), [b"x" * 100] * 50)

    assert keeper.held_bytes <= 1000
    assert (keeper.seen, keeper.is_exact) == (50, False)


@pytest.mark.parametrize("records", [1, 2, 7])
def test_more_records_than_the_index_says_are_still_walked(records: int) -> None:
    content = capture([(t, syn(ATTACKER, "198.51.100.5")) for t in range(1, 8)])
    source = packet_source(content, records=records, span_s=(1, 7))

    found = chosen(source, Selector("capture.pcap", "packets", 0, 9 * NS_PER_S, near=(ATTACKER,)))

    assert found.matched == 7


def _rows(at: int, n: int) -> np.ndarray:
    rows = np.zeros(n, dtype=RECORD)
    rows["offset"] = np.arange(at, at + n)
    return rows
