"""What every framing offers: bytes of any cut in, whole lines out, nothing decided twice.

Offsets and evidence of such an input refer to the lines, as those of a compressed one refer to
its decompressed bytes: the same bytes always give the same lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RECORD_BYTES_MAX = (1 << 16) + 2  # one more than a lane keeps, so that it sees the excess


class FramingError(Exception):
    """Records are damaged or cut short; the text says which, fit for a person.

    Does not leave this package: the source turns it into an `InputError` with path and offset.
    """


class Unfolder(Protocol):
    """Takes one framing off; keeps an open record, bounded."""

    def feed(self, data: bytes) -> bytes:
        """Return the lines of the records that end in ``data``."""
        ...

    def finish(self) -> bytes:
        """Return what a last, open record holds, as a line."""
        ...

    @property
    def damage(self) -> str:
        """What is wrong with the input so far, empty when nothing is."""
        ...


class Chain:
    """Several framings, outermost first, as one."""

    def __init__(self, parts: Sequence[Unfolder]) -> None:
        self._parts = tuple(parts)

    def feed(self, data: bytes) -> bytes:
        """See `Unfolder`."""
        for part in self._parts:
            data = part.feed(data)
        return data

    def finish(self) -> bytes:
        """See `Unfolder`."""
        data = b""
        for part in self._parts:
            data = (part.feed(data) if data else b"") + part.finish()
        return data

    @property
    def damage(self) -> str:
        """See `Unfolder`."""
        return next((part.damage for part in self._parts if part.damage), "")


def unfolded(pieces: Iterator[bytes], unfolder: Unfolder) -> Iterator[bytes]:
    """Yield the lines of ``pieces``; raises `FramingError` after the last when some are damaged."""
    for piece in pieces:
        lines = unfolder.feed(piece)
        if lines:
            yield lines
    lines = unfolder.finish()
    if lines:
        yield lines
    if unfolder.damage:
        raise FramingError(unfolder.damage)


def on_one_line(record: bytes) -> bytes:
    """Return a record with every line feed as syslog daemons write one (``#012``).

    >>> on_one_line(b"a" + bytes([10]) + b"b")
    b'a#012b'
    """
    return record.replace(b"\n", b"#012")
