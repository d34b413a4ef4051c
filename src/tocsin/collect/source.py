"""One input, opened: what it is, its bytes in blocks, and any range of them again.

Strategy: `Source.blocks` reads into two buffers in turn, so a block is valid until the next
but one is asked for; nothing is copied but what a codec must copy. Ranges for evidence come
from the file itself (plain), or from a spool into which a compressed file is decoded once,
only as far as a range asks.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tocsin.collect.decompress import DamageError, compression_of, decompressed
from tocsin.collect.framing.base import FramingError, unfolded
from tocsin.collect.framing.told import framings_of, unfolder_of
from tocsin.collect.hashing import Hasher
from tocsin.collect.nfcapd import MAGICS, exported
from tocsin.collect.raw import SPOOL_BYTES_MAX, Raw, RawFile, RawStream, Spool
from tocsin.collect.reading import (
    Buffers,
    fill,
    page_aligned,
    piece_fills,
    plain_fills,
    raw_pieces,
    reason,
)
from tocsin.collect.recognise import HEAD_BYTES, Recognition, recognise
from tocsin.core.errors import InputError
from tocsin.core.inputs import Block

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK_BYTES = 4 << 20
STDIN_NAME = "<stdin>"
_STDIN_FD = 0
_NESTING_MAX = 2


class UnrecognisedError(InputError):
    """An input that could be read, but is empty or of a kind that Tocsin does not know."""


@dataclass(slots=True)
class _Reading:
    """What changes while a source is read."""

    sha256: hashlib._Hash | None = None
    range_buffer: memoryview = field(
        default_factory=lambda: memoryview(b"")
    )  # kept: a fresh one costs faults
    bytes_read: int = 0
    damage: InputError | None = None
    spool: Spool | None = None
    spool_pieces: Iterator[bytes] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An input that was recognised, with all that is known before reading it.

    ``medium`` is ``packets`` or ``log``; ``format`` is ``pcap``, ``pcapng`` or ``log``;
    ``compression`` names the codecs, outermost first (``""``, ``gz``, ``xz+gz``), ``framing``
    what makes lines of its records (`tocsin.collect.framing`); "decompressed" below means both
    taken off. ``size_bytes`` and ``mtime_ns`` are those on disk (0 for a stream). ``is_log_like``
    tells whether text holds a line that looks like a log record.
    """

    path: str
    site: str
    medium: str
    format: str
    compression: str
    size_bytes: int
    mtime_ns: int
    is_log_like: bool
    first_bytes: bytes = field(repr=False)
    framing: str
    _raw: Raw = field(repr=False, compare=False)
    _spool_dir: Path | None = field(repr=False, compare=False)
    _spool_bytes_max: int = field(repr=False, compare=False)
    _reading: _Reading = field(default_factory=_Reading, repr=False, compare=False)

    @property
    def sha256(self) -> str:
        """SHA-256 of the decompressed bytes that the last `blocks` gave out so far.

        Empty when they were not hashed.
        """
        digest = self._reading.sha256
        return "" if digest is None else digest.hexdigest()

    @property
    def bytes_read(self) -> int:
        """How many decompressed bytes the last `blocks` gave out so far."""
        return self._reading.bytes_read

    @property
    def damage(self) -> InputError | None:
        """What ended the last `blocks` or `map` early, or None."""
        return self._reading.damage

    @property
    def is_as_stored(self) -> bool:
        """Tell whether its bytes are those on the disk: neither compressed nor framed."""
        return not self.compression and not self.framing

    @property
    def is_stream(self) -> bool:
        """Tell whether it can be read only once beyond what its spool holds."""
        return isinstance(self._raw, RawStream)

    def blocks(
        self,
        *,
        block_bytes: int = BLOCK_BYTES,
        is_hashed: bool = False,
        offset: int = 0,
        is_threaded: bool = True,
    ) -> Iterator[Block]:
        """Yield the decompressed bytes from ``offset`` on, in blocks of ``block_bytes``.

        Each block's ``data`` is a read-only view of one of two buffers in turn: valid until the
        next but one block is asked for. Only the last block is shorter. Raises `InputError` with
        the offset in the decompressed stream after everything readable before it was yielded.
        ``sha256`` covers what this call yields; it is complete when the iteration has ended,
        computed in a second thread while the caller works on the block if ``is_threaded``.
        """
        reading = self._reading
        reading.sha256 = hashlib.sha256() if is_hashed else None
        reading.bytes_read = 0
        reading.damage = None
        buffers = Buffers(block_bytes)
        at = offset
        with Hasher(reading.sha256, is_threaded=is_threaded) as hasher:
            try:
                for size in self._fills(buffers, offset):
                    shown = buffers.filled(size)
                    hasher.wait()
                    hasher.begin(shown)
                    reading.bytes_read += size
                    yield Block(self.path, shown, at)
                    at += size
            except InputError as error:
                reading.damage = error
                raise
            finally:
                self._raw.close()

    def _fills(self, buffers: Buffers, offset: int) -> Iterator[int]:
        """Fill the buffers in turn; yield how many bytes the one just filled holds."""
        if self.is_as_stored:
            return plain_fills(self._raw, buffers, self.path, offset)
        return piece_fills(self._pieces(), buffers, offset)

    def _pieces(self) -> Iterator[bytes]:
        """Yield decompressed pieces, every framing taken off."""
        pieces = self._decompressed() if self.compression else raw_pieces(self._raw, self.path)
        if not self.framing:
            yield from pieces
            return
        given = 0
        try:
            for piece in unfolded(pieces, unfolder_of(self.framing.split("+"))):
                yield piece
                given += len(piece)
        except FramingError as damage:
            raise InputError(str(damage), path=self.path, offset=given) from damage

    def _decompressed(self) -> Iterator[bytes]:
        """Yield decompressed pieces; at damage, decode again finely up to it, then raise."""
        codecs = tuple(self.compression.split("+"))
        good = 0
        try:
            for piece in decompressed(raw_pieces(self._raw, self.path), codecs):
                yield piece
                good += len(piece)
        except DamageError:
            pass
        else:
            return
        at = 0
        again = decompressed(raw_pieces(self._raw, self.path), codecs, fine_from=good)
        try:
            for piece in again:
                if at + len(piece) > good:
                    yield piece[max(0, good - at) :]
                at += len(piece)
        except DamageError as damage:
            raise InputError(str(damage), path=self.path, offset=max(at, good)) from damage

    def head(self, size: int) -> bytes:
        """Return the first ``size`` decompressed bytes, fewer at the end or at damage."""
        is_whole = len(self.first_bytes) < HEAD_BYTES and not self.framing
        if size <= len(self.first_bytes) or is_whole:
            return self.first_bytes[:size]
        return self.read_range(0, size)

    def read_range(self, offset: int, length: int) -> bytes:
        """Return ``length`` decompressed bytes from ``offset``, fewer at the end or at damage.

        A compressed source is decoded into a spool as far as needed; beyond the spool's
        bound it is decoded anew for each range. Raises `InputError` when the operating
        system refuses the read.
        """
        raw: Raw | Spool = self._raw
        if not self.is_as_stored:
            raw = self._spooled(offset + length)
            if raw.size_bytes < offset + length and self._reading.spool_pieces is not None:
                return self._range_anew(offset, length)
        reading = self._reading
        if len(reading.range_buffer) < length:
            reading.range_buffer = page_aligned(length)
        view = reading.range_buffer[:length]
        done = fill(raw, view, offset, self.path)
        if self.is_as_stored:
            self._raw.close()
        return bytes(view[:done])

    def _spooled(self, until: int) -> Spool:
        """Decode into the spool until it holds ``until`` bytes, is full, or the input ends."""
        reading = self._reading
        if reading.spool is None:
            reading.spool = Spool(directory=self._spool_dir, bytes_max=self._spool_bytes_max)
            reading.spool_pieces = self._pieces()
        spool, pieces = reading.spool, reading.spool_pieces
        while pieces is not None and spool.size_bytes < min(until, self._spool_bytes_max):
            try:
                spool.append(next(pieces))
            except StopIteration:
                pieces = None
            except InputError as damage:
                reading.damage = damage
                pieces = None
        if pieces is None:
            self._raw.close()
        reading.spool_pieces = pieces
        return spool

    def _range_anew(self, offset: int, length: int) -> bytes:
        """Read a range that lies beyond the spool's bound."""
        found = bytearray()
        at = 0
        try:
            for piece in self._pieces():
                found += piece[max(0, offset - at) : max(0, offset + length - at)]
                at += len(piece)
                if at >= offset + length:
                    break
        except InputError as damage:
            self._reading.damage = damage
        finally:
            self._raw.close()
        return bytes(found)

    def map(self) -> memoryview:
        """Return all decompressed bytes as one read-only buffer backed by the disk.

        Up to the damage if there is any (`damage` then tells). Raises `InputError` when
        the system refuses or the decompressed content exceeds the spool's bound.
        """
        self._reading.damage = None
        raw: Raw | Spool = self._raw
        if not self.is_as_stored:
            raw = self._spooled(self._spool_bytes_max)
            if self._reading.spool_pieces is not None:
                message = f"more than {self._spool_bytes_max} bytes when decompressed"
                raise InputError(message, path=self.path, offset=raw.size_bytes)
        try:
            return memoryview(raw.mapped())
        except ValueError:
            return memoryview(b"")
        except OSError as error:
            raise InputError(reason(error), path=self.path, offset=0) from error

    def changed(self) -> bool:
        """Tell whether the file on disk has another size or modification time than at opening."""
        if not self.mtime_ns:
            return False
        try:
            now = os.stat(self.path)
        except OSError:
            return True
        return (now.st_size, now.st_mtime_ns) != (self.size_bytes, self.mtime_ns)


def open_source(
    path: str,
    *,
    site: str,
    spool_dir: Path | None = None,
    spool_bytes_max: int = SPOOL_BYTES_MAX,
    is_unfolded: bool = True,
) -> Source:
    """Open and recognise one input; ``-`` is standard input.

    ``is_unfolded``: records in a framing (a list, a table) come as lines, else as they stand.

    ``spool_dir`` (the system's temporary folder if None) takes what cannot be read twice:
    streams and decompressed content. Raises `InputError` when it cannot be read, is empty,
    or is neither a capture nor text.
    """
    raw, name, size_bytes, mtime_ns = _raw_of(path, spool_dir, spool_bytes_max)
    try:
        first = next(plain_fills(raw, Buffers(HEAD_BYTES), name, 0), 0)
        codecs, head = _head(raw, name, first)
    finally:
        raw.close()
    if head.startswith(MAGICS) and not codecs and isinstance(raw, RawFile):
        raw = exported(path, spool_dir=spool_dir, bytes_max=spool_bytes_max)
        first = next(plain_fills(raw, Buffers(HEAD_BYTES), name, 0), 0)
        head = _head(raw, name, first)[1]
        raw.close()
    framings = framings_of(head) if is_unfolded else ()
    if framings:
        head = unfolder_of(framings).feed(head)[:HEAD_BYTES]
    found: Recognition = recognise(head)
    if framings and not found.medium:  # not one whole record yet
        found = Recognition("log", "log", is_log_like=True)
    if not found.medium:
        content = f"its {'+'.join(codecs)} content " if codecs else ""
        raise UnrecognisedError(content + found.reason, path=name, offset=0)
    return Source(
        path=name, site=site, medium=found.medium, format=found.format,
        compression="+".join(codecs), size_bytes=size_bytes, mtime_ns=mtime_ns,
        is_log_like=found.is_log_like or bool(framings), first_bytes=head,
        framing="+".join(framings),
        _raw=raw, _spool_dir=spool_dir, _spool_bytes_max=spool_bytes_max,
    )  # fmt: skip


def _raw_of(path: str, spool_dir: Path | None, bytes_max: int) -> tuple[Raw, str, int, int]:
    """Return the raw input, its name, its size in bytes and its modification time in ns."""
    if path == "-":
        spool = Spool(directory=spool_dir, bytes_max=bytes_max)
        return RawStream(_STDIN_FD, name=STDIN_NAME, spool=spool), STDIN_NAME, 0, 0
    try:
        status = os.stat(path)
        if stat.S_ISFIFO(status.st_mode):
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            spool = Spool(directory=spool_dir, bytes_max=bytes_max)
            return RawStream(fd, name=path, spool=spool), path, 0, 0
    except (OSError, ValueError) as error:
        raise InputError(reason(error), path=path, offset=0) from error
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a socket or device"
        message = f"is {kind}, not a file"
        raise InputError(message, path=path, offset=0)
    return RawFile(path), path, status.st_size, status.st_mtime_ns


def _head(raw: Raw, name: str, first: int) -> tuple[tuple[str, ...], bytes]:
    """Return the codecs, outermost first, and up to `HEAD_BYTES` of the content."""
    buffer = bytearray(first)
    fill(raw, memoryview(buffer), 0, name)
    head = bytes(buffer)
    codecs: tuple[str, ...] = ()
    while len(codecs) < _NESTING_MAX and (codec := compression_of(head)):
        codecs = (*codecs, codec)
        head, damage = _decompressed_head(raw, name, codecs)
        if damage is not None and not head:
            raise InputError(str(damage), path=name, offset=0) from damage
    return codecs, head


def _decompressed_head(
    raw: Raw, name: str, codecs: tuple[str, ...]
) -> tuple[bytes, DamageError | None]:
    """Return up to `HEAD_BYTES` of the content and the damage met on the way."""
    damage: DamageError | None = None
    head = bytearray()
    for fine_from in (None, 0):
        head.clear()
        damage = None
        try:
            for piece in decompressed(raw_pieces(raw, name), codecs, fine_from=fine_from):
                head += piece
                if len(head) >= HEAD_BYTES:
                    return bytes(head[:HEAD_BYTES]), None
        except DamageError as error:
            damage = error
        if damage is None:
            break
    return bytes(head), damage
