"""One row per about 1 MiB of a capture: what evidence needs to read only where it must."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.features.lane import INDEX_BYTES, BlockRow

if TYPE_CHECKING:
    from numpy.typing import NDArray


class CaptureIndex:
    """Rows so far, and the one that still grows.

    A row ends before the first record that begins `INDEX_BYTES` or more after it, so rows
    do not depend on how the source was cut into blocks.
    """

    def __init__(self) -> None:
        self._rows: list[BlockRow] = []

    def add(
        self,
        packets: NDArray[np.void],
        *,
        end_offset: int,
        framing: NDArray[np.int64],
        addresses: NDArray[np.uint64] | None = None,
    ) -> None:
        """Take index rows of the framing kernel in file order.

        ``framing`` is the walk's state before the first of them; ``end_offset`` is where
        the last one ends; ``addresses`` is the filter over all of them.
        """
        offsets = packets["offset"]
        start = 0
        while start < len(packets):
            fresh = not self._rows or int(offsets[start]) >= self._limit()
            first = int(offsets[start]) if fresh else self._rows[-1].first_offset
            stop = int(np.searchsorted(offsets, first + INDEX_BYTES))
            end = int(offsets[stop]) if stop < len(packets) else end_offset
            times = packets["ts_ns"][start:stop]
            row = BlockRow(
                first,
                end,
                int(times.min()),
                int(times.max()),
                stop - start,
                framing.copy(),
                addresses=None if addresses is None else addresses.copy(),
            )
            if fresh:
                self._rows.append(row)
            else:
                self._rows[-1] = _joined(self._rows[-1], row)
            start = stop

    def _limit(self) -> int:
        return self._rows[-1].first_offset + INDEX_BYTES

    def all(self) -> list[BlockRow]:
        """Return every row, the one that still grows included."""
        return list(self._rows)

    def restore(self, rows: list[BlockRow]) -> None:
        """Go on from a checkpoint."""
        self._rows = list(rows)


def _joined(old: BlockRow, new: BlockRow) -> BlockRow:
    either = None
    if old.addresses is not None and new.addresses is not None:
        either = old.addresses | new.addresses
    return BlockRow(
        old.first_offset,
        new.end_offset,
        min(old.first_ns, new.first_ns),
        max(old.last_ns, new.last_ns),
        old.records + new.records,
        old.framing,
        addresses=either,
    )
