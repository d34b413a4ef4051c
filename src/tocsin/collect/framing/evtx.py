"""Windows event log files: each record as the JSON that the ``evtx`` library gives of it.

A file is a header of 4 KiB and chunks of 64 KiB that are read each by itself, so that memory stays
bounded and a damaged chunk costs only itself. Source: the library's documentation.
"""

from __future__ import annotations

import json
import struct
import warnings
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"ElfFile\0"
_CHUNK_MAGIC = b"ElfChnk\0"
_HEADER_BYTES, _CHUNK_BYTES = 4096, 1 << 16
_COUNTED_BYTES = 120  # of the header, before flags and checksum


class Evtx:
    """Collects one chunk."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._header = b""
        self._chunks = 0
        self._damage = ""

    def feed(self, data: bytes) -> bytes:
        """See `tocsin.collect.framing.base.Unfolder`."""
        self._buffer += data
        if not self._header:
            if len(self._buffer) < _HEADER_BYTES:
                return b""
            self._header = _header_of_one(bytes(self._buffer[:_HEADER_BYTES]))
            del self._buffer[:_HEADER_BYTES]
        out: list[bytes] = []
        at = 0
        while len(self._buffer) - at >= _CHUNK_BYTES:
            out.extend(self._chunk(bytes(self._buffer[at : at + _CHUNK_BYTES])))
            at += _CHUNK_BYTES
        del self._buffer[:at]
        return b"".join(out)

    def _chunk(self, chunk: bytes) -> Iterator[bytes]:
        self._chunks += 1
        try:
            from evtx import PyEvtxParser
        except ImportError as error:
            self._complain(f"it takes the evtx package to read it: {error}")
            return
        if not chunk.startswith(_CHUNK_MAGIC):
            if chunk.strip(b"\0"):
                self._complain("is none")
            return
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                parser = PyEvtxParser(
                    BytesIO(self._header + chunk), number_of_threads=1, skip_errors=True
                )
                for record in parser.records_json():
                    yield _line(record)
            except (RuntimeError, OSError, ValueError) as error:
                self._complain(str(error))
        if caught:
            self._complain(str(caught[0].message))

    def _complain(self, why: str) -> None:
        if not self._damage:
            self._damage = f"chunk {self._chunks} of the event log is damaged ({why[:200]})"

    def finish(self) -> bytes:
        """See `tocsin.collect.framing.base.Unfolder`."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        if not self._header:
            self._damage = self._damage or "the header of the event log is cut short"
            return b""
        if not rest.strip(b"\0"):
            return b""
        known = self._damage
        lines = b"".join(self._chunk(rest.ljust(_CHUNK_BYTES, b"\0")))
        self._damage = known or "the last chunk of the event log is cut short"
        return lines

    @property
    def damage(self) -> str:
        """See `tocsin.collect.framing.base.Unfolder`."""
        return self._damage


def _header_of_one(header: bytes) -> bytes:
    """Return a file's header as one would stand before a single chunk."""
    found = bytearray(header)
    struct.pack_into("<QQ", found, 8, 0, 0)
    struct.pack_into("<H", found, 42, 1)
    struct.pack_into("<I", found, 124, zlib.crc32(bytes(found[:_COUNTED_BYTES])))
    return bytes(found)


def _line(record: Any) -> bytes:
    try:
        text = json.dumps(json.loads(record["data"]), ensure_ascii=False)
    except (ValueError, RecursionError):
        text = " ".join(str(record["data"]).split())
    return text.encode("utf-8", "backslashreplace") + b"\n"
