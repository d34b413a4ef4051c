"""One row per about 1 MiB of a log: what evidence needs to read only where it must."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from tocsin.features.lane import BlockRow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

INDEX_BYTES = 1 << 20


class LogIndex:
    """Rows so far, and the one that still grows.

    A row ends before the first record that begins `INDEX_BYTES` or more after it, so rows
    do not depend on how the source was cut into blocks. Records without a stamp fall in no
    time span; a row of nothing else spans all time.
    """

    def __init__(self) -> None:
        self._done: list[BlockRow] = []
        self._open: BlockRow | None = None

    def add(self, rows: NDArray[np.void], *, end_offset: int) -> None:
        """Take scanner rows in order; ``end_offset`` is where the last one ends."""
        offsets = rows["offset"]
        start = 0
        while start < len(rows):
            first = int(offsets[start]) if self._open is None else self._open.first_offset
            stop = bisect_left(offsets, first + INDEX_BYTES)
            stop = max(stop, start + (self._open is None))
            if stop > start:
                end = int(offsets[stop]) if stop < len(rows) else end_offset
                self._grow(rows[start:stop], first, end)
            if stop < len(rows) and self._open is not None:
                self._done.append(self._open)
                self._open = None
            start = stop

    def _grow(self, rows: NDArray[np.void], first_offset: int, end_offset: int) -> None:
        times = rows["ts_ns"][rows["has_stamp"] == 1]
        low, high = _NEVER
        if len(times):
            low, high = int(times.min()), int(times.max())
        records = len(rows)
        if self._open is not None:
            low, high = min(low, self._open.first_ns), max(high, self._open.last_ns)
            records += self._open.records
        self._open = BlockRow(first_offset, end_offset, low, high, records)

    def all(self) -> list[BlockRow]:
        """Return every row, the one that still grows included."""
        rows = self._done if self._open is None else [*self._done, self._open]
        return [_seen(row) for row in rows]

    def state(self) -> list[BlockRow]:
        """Return what a checkpoint keeps."""
        return self._done if self._open is None else [*self._done, self._open]

    def restore(self, rows: list[BlockRow]) -> None:
        """Go on from a checkpoint."""
        self._done, self._open = list(rows[:-1]), (rows[-1] if rows else None)


_NEVER = (1 << 62, -(1 << 62))  # least and greatest time of no record at all


def _seen(row: BlockRow) -> BlockRow:
    if row.first_ns <= row.last_ns:
        return row
    return BlockRow(row.first_offset, row.end_offset, _NEVER[1], _NEVER[0], row.records)
