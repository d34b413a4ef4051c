"""What evidence needs of a source: to read it again, and the index of what was read.

These are shapes, not imports: the lanes' index rows and the collectors' readers fit them.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tocsin.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


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


def read_row(source: Source, row: IndexRow) -> bytes | Gap:
    """Return a row's bytes as they were first read, or why that is not possible."""
    length = row.end_offset - row.first_offset
    try:
        data = source.reader.read_range(row.first_offset, length)
    except InputError as error:
        return Gap(row.first_offset, row.end_offset, f"can't be read any more: {error.reason}")
    except OSError as error:
        reason = error.strerror or "unreadable"
        return Gap(row.first_offset, row.end_offset, f"can't be read any more: {reason}")
    if len(data) < length:
        return Gap(row.first_offset, row.end_offset, f"cut short to {len(data)} bytes")
    if row.crc32 and zlib.crc32(data) != row.crc32:
        return Gap(row.first_offset, row.end_offset, "changed since it was first read")
    return data
