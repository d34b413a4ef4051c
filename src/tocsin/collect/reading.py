"""Fill buffers from an input, give what was read before an error, then raise `InputError`."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

from tocsin.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.collect.raw import Raw, Spool

_RAW_PIECE_BYTES = 64 << 10


def page_aligned(size_bytes: int) -> memoryview:
    """Return a zeroed buffer that begins with a page of memory.

    The system copies a file's pages into it five times as fast as into a `bytearray`, which
    begins 16 bytes into one: there AMD's ``rep movsb`` falls back to single bytes (10.5 and
    1.9 GB/s measured on Zen 3).
    """
    return memoryview(mmap.mmap(-1, max(size_bytes, 1)))[:size_bytes]


class Buffers:
    """Two buffers of ``size_bytes`` that are filled in turn, so that one can still be read."""

    def __init__(self, size_bytes: int) -> None:
        self._pair = [page_aligned(size_bytes) for _ in range(2)]

    def __len__(self) -> int:
        """Return how many bytes one buffer takes."""
        return len(self._pair[0])

    @property
    def current(self) -> memoryview:
        """The buffer that is being filled."""
        return self._pair[0]

    def filled(self, size: int) -> memoryview:
        """Return what was filled, read-only, and turn to the other buffer."""
        full = self._pair[0]
        self._pair.reverse()
        return full[:size].toreadonly()


def raw_pieces(raw: Raw, path: str) -> Iterator[bytes]:
    """Yield the raw bytes from the beginning in pieces of up to 64 KiB."""
    buffer = memoryview(bytearray(_RAW_PIECE_BYTES))
    offset = 0
    while size := read_some(raw, buffer, offset, path):
        yield bytes(buffer[:size])
        offset += size


def plain_fills(raw: Raw, buffers: Buffers, path: str, offset: int) -> Iterator[int]:
    """Fill the current buffer from a plain input; at an error give what was read, then raise."""
    while True:
        filled, buffer = 0, buffers.current
        try:
            while filled < len(buffer):
                size = read_some(raw, buffer[filled:], offset + filled, path)
                if not size:
                    break
                filled += size
        except InputError:
            if filled:
                yield filled
            raise
        if filled:
            yield filled
        if filled < len(buffer):
            return
        offset += filled


def piece_fills(pieces: Iterator[bytes], buffers: Buffers, skip: int) -> Iterator[int]:
    """Fill the current buffer from pieces, without the first ``skip`` bytes; see `plain_fills`."""
    filled = 0
    try:
        for piece in pieces:
            view = memoryview(piece)[skip:]
            skip -= len(piece) - len(view)
            while view:
                buffer = buffers.current
                size = min(len(view), len(buffer) - filled)
                buffer[filled : filled + size] = view[:size]
                view = view[size:]
                filled += size
                if filled == len(buffer):
                    yield filled
                    filled = 0
    except InputError:
        if filled:
            yield filled
        raise
    if filled:
        yield filled


def fill(raw: Raw | Spool, view: memoryview, offset: int, path: str) -> int:
    """Read until ``view`` is full or the input ends; return how much was read."""
    done = 0
    while done < len(view):
        size = read_some(raw, view[done:], offset + done, path)
        if not size:
            break
        done += size
    return done


def read_some(raw: Raw | Spool, view: memoryview, offset: int, path: str) -> int:
    """One read, with the system's error told as an `InputError`."""
    try:
        return raw.read_into(view, offset)
    except OSError as error:
        raise InputError(reason(error), path=path, offset=offset) from error


def reason(error: OSError | ValueError) -> str:
    """Return the system's words for an error, without path or number."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
