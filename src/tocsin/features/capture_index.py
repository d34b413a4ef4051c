"""One row per about 1 MiB of a capture: what evidence needs to read only where it must."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.features.lane import INDEX_BYTES, BlockRow
from tocsin.kernels import framing as framing_kernel

if TYPE_CHECKING:
    import numpy as np
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
        after: NDArray[np.int64],
        addresses: NDArray[np.uint64] | None = None,
    ) -> tuple[int, int]:
        """Take index rows of the framing kernel in file order; return their time span.

        ``framing`` is the walk's state before the first of them, ``after`` behind the last. A
        fresh one says that they are the capture's first: their row begins with the header;
        ``end_offset`` is where the last one ends; ``addresses`` is the filter over all of them.
        """
        start, lows, highs = 0, [], []
        while start < len(packets):
            offset = int(packets[start]["offset"])
            if framing[framing_kernel.FORMAT] == framing_kernel.UNKNOWN:
                if start == 0:
                    offset = 0
                else:
                    framing = after
            fresh = not self._rows or offset >= self._limit()
            first = offset if fresh else self._rows[-1].first_offset
            stop, low, high = framing_kernel.span(packets, start, len(packets), first + INDEX_BYTES)
            row = BlockRow(
                first,
                int(packets[stop]["offset"]) if stop < len(packets) else end_offset,
                int(low),
                int(high),
                stop - start,
                framing.copy(),
                addresses=None if addresses is None else addresses.copy(),
            )
            if fresh:
                self._rows.append(row)
            else:
                self._rows[-1] = _joined(self._rows[-1], row)
            lows.append(row.first_ns)
            highs.append(row.last_ns)
            start = stop
        return min(lows), max(highs)

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
