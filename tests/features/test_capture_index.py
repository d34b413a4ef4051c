"""The index of a capture: the same rows for any cut, bounded, and nothing falls between rows."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.addresses import address_halves
from tocsin.features.capture_index import CaptureIndex
from tocsin.features.lane import BlockRow
from tocsin.kernels.address_filter import may_hold
from tocsin.kernels.decode import DECODED
from tocsin.kernels.framing import FORMAT, PACKET, PCAP, fresh_framing

RECORD_BYTES, TOTAL = 100, 5000


def packets() -> tuple[np.ndarray, np.ndarray]:
    rows, decoded = np.zeros(TOTAL, dtype=PACKET), np.zeros(TOTAL, dtype=DECODED)
    rows["offset"] = 24 + RECORD_BYTES * np.arange(TOTAL)
    rows["ts_ns"] = 1_000 * np.arange(TOTAL)
    decoded["src_lo"] = 0xFFFF_0000_0000 + np.arange(TOTAL)
    return rows, decoded


def indexed(*, batch: int, rows_max: int = 64, span_bytes: int = 10_000) -> list[BlockRow]:
    rows, decoded = packets()
    index = CaptureIndex(span_bytes=span_bytes, rows_max=rows_max)
    known = fresh_framing()
    known[FORMAT] = PCAP
    for first in range(0, TOTAL, batch):
        part = rows[first : first + batch]
        index.add(
            part,
            end_offset=int(part["offset"][-1]) + RECORD_BYTES,
            framing=fresh_framing() if first == 0 else known,
            after=known,
            decoded=decoded[first : first + batch],
        )
    return index.all()


def plain(rows: list[BlockRow]) -> list[tuple[object, ...]]:
    return [
        (r.first_offset, r.end_offset, r.first_ns, r.last_ns, r.records, r.addresses.tobytes())
        for r in rows
        if r.addresses is not None
    ]


@pytest.mark.parametrize("batch", [1, 7, 999, 4096])
def test_rows_do_not_depend_on_batches(batch: int) -> None:
    assert plain(indexed(batch=batch)) == plain(indexed(batch=TOTAL))


def test_rows_span_what_they_should_and_leave_nothing_out() -> None:
    rows = indexed(batch=500)

    assert (rows[0].first_offset, rows[0].end_offset, rows[0].records) == (0, 10_024, 100)
    assert [a.end_offset for a in rows[:-1]] == [b.first_offset for b in rows[1:]]
    assert sum(row.records for row in rows) == TOTAL


def test_a_full_table_joins_neighbours_and_forgets_no_address() -> None:
    rows = indexed(batch=500, rows_max=8)

    assert len(rows) <= 8
    assert [a.end_offset for a in rows[:-1]] == [b.first_offset for b in rows[1:]]
    assert (rows[0].first_offset, rows[-1].end_offset) == (0, 24 + RECORD_BYTES * TOTAL)
    assert sum(row.records for row in rows) == TOTAL
    holding = [row for row in rows if may_hold(row.addresses, 0, 0xFFFF_0000_0000 + 4321)]
    assert any(row.first_ns <= 4_321_000 <= row.last_ns for row in holding)


def test_the_capture_begins_with_its_header_and_goes_on_from_a_state_that_knows_it() -> None:
    rows = indexed(batch=500)

    assert [int(row.framing[FORMAT]) for row in rows[:2] if row.framing is not None] == [0, PCAP]


def test_packets_that_were_not_decoded_may_have_any_address() -> None:
    rows, decoded = packets()
    index = CaptureIndex()
    index.add(
        rows, end_offset=1 << 20, framing=fresh_framing(), after=fresh_framing(),
        decoded=decoded, is_decoded=False,
    )  # fmt: skip

    assert all(may_hold(row.addresses, *address_halves("203.0.113.9")) for row in index.all())


def test_an_index_goes_on_from_its_state() -> None:
    rows, decoded = packets()
    known = fresh_framing()
    known[FORMAT] = PCAP
    whole, half = CaptureIndex(span_bytes=10_000), CaptureIndex(span_bytes=10_000)
    ends = {2500: 24 + RECORD_BYTES * 2500, TOTAL: 24 + RECORD_BYTES * TOTAL}
    half.add(rows[:2500], end_offset=ends[2500], framing=known, after=known, decoded=decoded)
    resumed = CaptureIndex()
    resumed.restore(half.state())
    resumed.add(
        rows[2500:], end_offset=ends[TOTAL], framing=known, after=known, decoded=decoded[2500:]
    )
    whole.add(rows, end_offset=ends[TOTAL], framing=known, after=known, decoded=decoded)

    assert plain(resumed.all()) == plain(whole.all())
