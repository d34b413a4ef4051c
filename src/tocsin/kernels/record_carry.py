"""The record that a block's end cuts: kept until its line feed comes, bounded.

A record longer than `RECORD_BYTES_MAX` is kept up to one byte more than that (so that the
scanner sees that it is too long) and skipped to its line feed: a file that is one line of a
gigabyte takes no more memory than any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tocsin.kernels.log_scan import RECORD_BYTES_MAX

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LINE_FEED = b"\n"


@dataclass(frozen=True, slots=True)
class WholeRecord:
    """A stitched record without its line feed; ``skipped`` bytes of it were not kept."""

    data: bytes
    offset: int
    skipped: int


class RecordCarry:
    """Bytes since the last line feed, at most RECORD_BYTES_MAX + 1 of them."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._offset = -1  # of the record's first byte; -1: no record is open
        self._skipped = 0
        self._is_whole = False

    def join(self, buffer: NDArray[np.uint8]) -> int:
        """Take the rest of the open record; return where the next record begins."""
        if self._offset < 0 or not len(buffer):
            return 0
        end = _find(buffer)
        self._append(buffer[: len(buffer) if end < 0 else end])
        if end < 0:
            return len(buffer)
        self._is_whole = True
        return end + 1

    def keep(self, rest: NDArray[np.uint8], offset: int) -> None:
        """Open a record with the bytes after a block's last line feed."""
        if len(rest):
            self._offset = offset
            self._append(rest)

    def whole(self) -> WholeRecord | None:
        """Give out the record when its line feed has come."""
        return self.flush() if self._is_whole else None

    def flush(self) -> WholeRecord | None:
        """Give out the open record as it is."""
        if self._offset < 0:
            return None
        # The scanner needs the line feed: an empty record would be no bytes at all.
        record = WholeRecord(bytes(self._data + _LINE_FEED), self._offset, self._skipped)
        self._data.clear()
        self._offset, self._skipped, self._is_whole = -1, 0, False
        return record

    def _append(self, piece: NDArray[np.uint8]) -> None:
        room = RECORD_BYTES_MAX + 1 - len(self._data)
        self._data += piece[:room].tobytes()
        self._skipped += max(len(piece) - room, 0)

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"data": bytes(self._data), "offset": self._offset, "skipped": self._skipped}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._data = bytearray(state["data"])
        self._offset, self._skipped = state["offset"], state["skipped"]
        self._is_whole = False


def _find(buffer: NDArray[np.uint8]) -> int:
    """Return the place of the first line feed, -1 when there is none."""
    step = 1 << 16
    for start in range(0, len(buffer), step):
        at = buffer[start : start + step].tobytes().find(_LINE_FEED)
        if at >= 0:
            return start + at
    return -1
