"""Streaming decompression with bounded memory, whatever the compressed bytes claim.

Strategy: every codec is driven by the same loop, which asks for at most `STEP_BYTES` of
output at a time, so a "bomb" costs time and no memory. zstandard cannot bound its output;
it is fed 512 bytes at a time, which bounds one call at 16 MiB (a 4-byte block makes 128 KiB).

A codec that meets damage throws away what it had produced in that call. The reader then
decodes once more with ``fine_from`` set to the last good offset: from there the output is
taken byte by byte, so everything that stands before the damage is read.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import TYPE_CHECKING, Protocol

import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STEP_BYTES = 128 << 10
_ZSTD_FEED_BYTES = 512
_OUTER_FINE_BYTES = 512

MAGICS: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b\x08", "gz"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zst"),
    (b"BZh", "bz2"),
)
NAMES = {"gz": "gzip", "xz": "xz", "zst": "zstd", "bz2": "bzip2"}


class DamageError(Exception):
    """A compressed stream is cut short or damaged; the text says which, fit for a person.

    Does not leave this package: the source turns it into an `InputError` with path and offset.
    """


class _Member(Protocol):
    """One gzip member, xz stream, bzip2 stream or zstd frame being decoded."""

    def decode(self, data: bytes, out_max: int) -> bytes: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


class _ZlibMember:
    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._is_full = False

    def decode(self, data: bytes, out_max: int) -> bytes:
        tail = self._inner.unconsumed_tail
        out = self._inner.decompress(tail + data if tail else data, out_max)
        self._is_full = len(out) == out_max
        return out

    @property
    def needs_input(self) -> bool:
        return not self._is_full and not self._inner.unconsumed_tail

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data


class _BlockMember:
    """bzip2 and xz share one interface in the standard library."""

    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inner = inner

    def decode(self, data: bytes, out_max: int) -> bytes:
        return self._inner.decompress(data, out_max)

    @property
    def needs_input(self) -> bool:
        return self._inner.needs_input

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data


class _ZstdMember:
    def __init__(self) -> None:
        self._inner = zstandard.ZstdDecompressor().decompressobj()
        self._pending = b""
        self._at = 0

    def decode(self, data: bytes, out_max: int) -> bytes:
        if data:
            self._pending = self._pending[self._at :] + data
            self._at = 0
        feed = 1 if out_max == 1 else _ZSTD_FEED_BYTES
        piece = self._pending[self._at : self._at + feed]
        self._at += len(piece)
        return self._inner.decompress(piece)

    @property
    def needs_input(self) -> bool:
        return self._at >= len(self._pending)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data + self._pending[self._at :]


_MEMBERS: dict[str, Callable[[], _Member]] = {
    "gz": _ZlibMember,
    "xz": lambda: _BlockMember(lzma.LZMADecompressor(format=lzma.FORMAT_XZ)),
    "bz2": lambda: _BlockMember(bz2.BZ2Decompressor()),
    "zst": _ZstdMember,
}
_DAMAGE = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, zstandard.ZstdError)


def compression_of(head: bytes) -> str:
    """Return ``gz``, ``xz``, ``zst`` or ``bz2`` by the first bytes, or an empty string."""
    return next((codec for magic, codec in MAGICS if head.startswith(magic)), "")


def decompressed(
    pieces: Iterator[bytes], codecs: tuple[str, ...], *, fine_from: int | None = None
) -> Iterator[bytes]:
    """Yield the content of ``pieces`` after taking off each codec, outermost first.

    The pieces given out have any size up to `STEP_BYTES` (zstd: 16 MiB), never zero.
    Several members in a row are read as one stream, zero padding between them is skipped.
    With ``fine_from`` the output from that offset on is taken byte by byte. Raises
    `DamageError` after everything readable was yielded; errors of ``pieces`` itself pass
    through, never as a codec's fault.
    """
    for depth, codec in enumerate(codecs):
        is_last = depth == len(codecs) - 1
        step = STEP_BYTES if fine_from is None or is_last else _OUTER_FINE_BYTES
        pieces = _decoded(pieces, codec, step, fine_from if is_last else None)
    return pieces


def _decoded(
    pieces: Iterator[bytes], codec: str, step_bytes: int, fine_from: int | None
) -> Iterator[bytes]:
    """Take one codec off; see `decompressed`."""
    member = _MEMBERS[codec]()
    is_between = False
    produced = 0
    for piece in pieces:
        pending = piece
        while pending or not member.needs_input:
            if is_between:
                pending = pending.lstrip(b"\0")
                if not pending:
                    break
            out_max = step_bytes
            if fine_from is not None:
                out_max = max(1, min(step_bytes, fine_from - produced))
            out = _decode(member, pending, out_max, codec, is_first=not produced)
            pending = b""
            if out:
                produced += len(out)
                yield out
            is_between = member.eof
            if is_between:
                pending = member.unused_data
                member = _MEMBERS[codec]()
    if not is_between:
        message = f"the {NAMES[codec]} data is cut short"
        raise DamageError(message)


def _decode(member: _Member, data: bytes, out_max: int, codec: str, *, is_first: bool) -> bytes:
    """Decode one step, naming the codec when it fails."""
    try:
        return member.decode(data, out_max)
    except _DAMAGE as error:
        where = "from its beginning" if is_first else "here"
        message = f"the {NAMES[codec]} data is damaged {where} ({error})"
        raise DamageError(message) from error
