"""The index of a capture: what evidence needs to read only where it must.

One row per `SPAN_BYTES` at first. When the table is full, neighbours are joined and rows
span twice as much, so that a capture of any size has at most `ROWS_MAX` of them (18 MB).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.features.lane import BlockRow
from tocsin.kernels.capture_rows import CAPTURE_ROW, halved, note_rows
from tocsin.kernels.framing import FORMAT, UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPAN_BYTES, ROWS_MAX = 256 << 10, 32_768


class CaptureIndex:
    """Rows so far, the last of which still grows; they do not depend on how blocks were cut."""

    def __init__(self, *, span_bytes: int = SPAN_BYTES, rows_max: int = ROWS_MAX) -> None:
        self._span_bytes = span_bytes
        self._table = np.zeros(rows_max, dtype=CAPTURE_ROW)
        self._total = 0
        self._framings: list[NDArray[np.int64]] = []

    def add(
        self,
        packets: NDArray[np.void],
        *,
        end_offset: int,
        framing: NDArray[np.int64],
        after: NDArray[np.int64],
        decoded: NDArray[np.void],
        is_decoded: bool = True,
    ) -> None:
        """Take index rows of the framing kernel in file order.

        ``framing`` is the walk's state before the first of them, ``after`` behind the last. A
        fresh one says that they are the capture's first: their row begins with the header.
        ``end_offset`` is where the last one ends; ``decoded`` are the packets' rows, which
        say nothing unless ``is_decoded``.
        """
        begins = self._number(framing)
        goes_on = self._number(after) if framing[FORMAT] == UNKNOWN else begins
        done = 0
        while done < len(packets):
            with np.errstate(over="ignore"):  # hashes wrap round; matters in plain Python only
                done, self._total = note_rows(
                    packets, decoded, done, len(packets), end_offset, self._span_bytes,
                    self._table, self._total, begins, goes_on, int(is_decoded),
                )  # fmt: skip
            if done < len(packets):
                self._halve()

    def _number(self, framing: NDArray[np.int64]) -> int:
        """Return the place of a walk state among those that rows begin with."""
        if not self._framings or not np.array_equal(self._framings[-1], framing):
            self._framings.append(framing.copy())
        return len(self._framings) - 1

    def _halve(self) -> None:
        joined = halved(self._table[: self._total])
        self._total = len(joined)
        self._table[: self._total] = joined
        self._span_bytes *= 2

    def all(self) -> list[BlockRow]:
        """Return every row, the one that still grows included."""
        rows = self._table[: self._total]
        names = ("first_offset", "end_offset", "first_ns", "last_ns", "records", "framing")
        values = zip(*(rows[name].tolist() for name in names), strict=True)
        return [
            BlockRow(
                first, end, low, high, records, self._framings[number],
                addresses=rows["addresses"][place],
            )
            for place, (first, end, low, high, records, number) in enumerate(values)
        ]  # fmt: skip

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps, as arrays and plain values."""
        return {
            "table": self._table[: self._total].copy(),
            "framings": [one.copy() for one in self._framings],
            "span_bytes": self._span_bytes,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._total = len(state["table"])
        self._table[: self._total] = state["table"]
        self._framings = list(state["framings"])
        self._span_bytes = state["span_bytes"]
