"""What evidence needs of a source: to read it again, and the index of what was read.

These are shapes, not imports: the lanes' index rows and the collectors' readers fit them.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tocsin.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

STRETCH_BYTES = 4 << 20


class RangeReader(Protocol):
    """A source that can be read again, by places in its decompressed stream."""

    def read_range(self, offset: int, length: int) -> bytes:
        """Return the bytes; fewer at the end; raises `InputError` or `OSError`."""
        ...


class IndexRow(Protocol):
    """A stretch of a source; see `tocsin.features.lane.BlockRow`."""

    @property
    def first_offset(self) -> int:
        """Where its first record begins."""
        ...

    @property
    def end_offset(self) -> int:
        """Where its last record ends."""
        ...

    @property
    def first_ns(self) -> int:
        """Its least time."""
        ...

    @property
    def last_ns(self) -> int:
        """Its greatest time."""
        ...

    @property
    def records(self) -> int:
        """How many records it holds."""
        ...

    @property
    def framing(self) -> NDArray[np.int64] | None:
        """The state from which a capture is walked there; ``None`` for logs."""
        ...

    @property
    def crc32(self) -> int:
        """Of the bytes between the offsets; 0 when it was not taken."""
        ...

    @property
    def addresses(self) -> NDArray[np.uint64] | None:
        """Filter of the addresses in its packets; None: it may hold any."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """One source of an incident: its name as the selectors say it, and how to read it.

    ``medium`` is ``packets`` or ``log``.
    """

    name: str
    medium: str
    reader: RangeReader
    index: Sequence[IndexRow]


@dataclass(frozen=True, slots=True)
class Gap:
    """A block that could not be used again, and why; stated in the manifest."""

    first_offset: int
    end_offset: int
    reason: str


def read_together(source: Source, rows: Sequence[IndexRow]) -> Iterator[tuple[int, bytes | Gap]]:
    """Yield where each stretch begins with its bytes or its gap; adjoining rows are one stretch.

    For logs, whose records are found anew: rows only bound what is read. Where a stretch is not
    whole any more, its rows are read one by one, so that a gap is no larger than it must be.
    """
    first = 0
    while first < len(rows):
        last, start = first + 1, rows[first].first_offset
        while last < len(rows) and _adjoins(rows[last - 1], rows[last], start):
            last += 1
        together = rows[first:last]
        whole = _read(source, start, together[-1].end_offset) if len(together) > 1 else None
        if isinstance(whole, bytes):
            yield start, whole
        else:
            yield from ((row.first_offset, read_row(source, row)) for row in together)
        first = last


def _adjoins(row: IndexRow, following: IndexRow, start: int) -> bool:
    """Tell whether the next row may be read together with those from ``start`` on."""
    is_next = following.first_offset == row.end_offset and not (row.crc32 or following.crc32)
    return is_next and following.end_offset - start <= STRETCH_BYTES


def read_row(source: Source, row: IndexRow) -> bytes | Gap:
    """Return a row's bytes as they were first read, or why that is not possible."""
    data = _read(source, row.first_offset, row.end_offset)
    if row.crc32 and isinstance(data, bytes) and zlib.crc32(data) != row.crc32:
        return Gap(row.first_offset, row.end_offset, "changed since it was first read")
    return data


def _read(source: Source, first_offset: int, end_offset: int) -> bytes | Gap:
    length = end_offset - first_offset
    try:
        data = source.reader.read_range(first_offset, length)
    except InputError as error:
        return Gap(first_offset, end_offset, f"can't be read any more: {error.reason}")
    except OSError as error:
        reason = error.strerror or "unreadable"
        return Gap(first_offset, end_offset, f"can't be read any more: {reason}")
    if len(data) < length:
        return Gap(first_offset, end_offset, f"cut short to {len(data)} bytes")
    return data
