r"""Records as they travel: counted (RFC 6587), ended by NUL (GELF over TCP), text in UTF-16."""

from __future__ import annotations

import codecs
import re

from tocsin.collect.framing.base import RECORD_BYTES_MAX, on_one_line

_COUNT = re.compile(rb"([1-9][0-9]{0,5}) (?=<[0-9]{1,3}>)")
_MAY_COUNT = re.compile(rb"\s*(?:[1-9][0-9]{0,5}(?: (?:<[0-9]{0,3})?)?)?\Z")
_COUNTED_MAX = 1 << 20
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def is_counted(head: bytes) -> bool:
    """Tell whether an input begins like a syslog record with its length, and goes on so."""
    found = _COUNT.match(head)
    if found is None:
        return False
    after = head[found.end() + int(found[1]) :].lstrip(b"\n")
    return not after or _COUNT.match(after) is not None


def is_ended_by_nul(head: bytes) -> bool:
    """Tell whether JSON or syslog records end with NULs, not with line feeds."""
    end = head.find(b"\0")
    first = head[: max(end, 0)]
    if b"\n" in first or not first:
        return False
    return (first[:1] == b"{" and first[-1:] == b"}") or re.match(rb"<\d{1,3}>", first) is not None


class Counted:
    """Records whose length stands before them; what has none is a line."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._left = -1  # bytes of the open record to come; -1: none is open
        self._held = bytearray()

    def feed(self, data: bytes) -> bytes:
        """See `tocsin.collect.framing.base.Unfolder`."""
        self._buffer += data
        out: list[bytes] = []
        at = 0
        while at < len(self._buffer):
            step = self._take(at, out)
            if step < 0:
                break
            at += step
        del self._buffer[:at]
        return b"".join(out)

    def _take(self, at: int, out: list[bytes]) -> int:
        if self._left >= 0:
            piece = self._buffer[at : at + self._left]
            self._hold(piece)
            self._left -= len(piece)
            if self._left == 0:
                self._give(out)
                self._left = -1
            return len(piece)
        if not self._held:
            if bytes(self._buffer[at : at + 1]) in {b"\n", b"\0"}:
                return 1
            found = _COUNT.match(self._buffer, at)
            if found is not None and int(found[1]) <= _COUNTED_MAX:
                self._left = int(found[1])
                return found.end() - at
            if _MAY_COUNT.match(self._buffer, at):
                return -1
        end = self._buffer.find(b"\n", at)
        self._hold(self._buffer[at : len(self._buffer) if end < 0 else end])
        if end < 0:
            return len(self._buffer) - at
        self._give(out)
        return end + 1 - at

    def _hold(self, piece: bytes | bytearray) -> None:
        self._held += piece[: max(RECORD_BYTES_MAX - len(self._held), 0)]

    def _give(self, out: list[bytes]) -> None:
        out.append(on_one_line(bytes(self._held).rstrip(b"\r\n\0")) + b"\n")
        self._held.clear()

    def finish(self) -> bytes:
        """See `tocsin.collect.framing.base.Unfolder`."""
        out: list[bytes] = []
        self._hold(self._buffer)
        self._buffer.clear()
        if self._held:
            self._give(out)
        return b"".join(out)

    @property
    def damage(self) -> str:
        """See `tocsin.collect.framing.base.Unfolder`."""
        return f"the last record lacks {self._left} bytes" if self._left > 0 else ""


class EndedByNul:
    """Records that end with NULs."""

    def feed(self, data: bytes) -> bytes:
        """See `tocsin.collect.framing.base.Unfolder`."""
        return on_one_line(data).replace(b"\0", b"\n")

    def finish(self) -> bytes:
        """See `tocsin.collect.framing.base.Unfolder`."""
        return b""

    @property
    def damage(self) -> str:
        """See `tocsin.collect.framing.base.Unfolder`."""
        return ""


class Utf16:
    """Text in UTF-16, as Windows tools export it; what is none is marked (U+FFFD)."""

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder | None = None
        self._begin = b""

    def feed(self, data: bytes) -> bytes:
        """See `tocsin.collect.framing.base.Unfolder`."""
        if self._decoder is None:
            self._begin += data
            if len(self._begin) < 2:  # noqa: PLR2004 - the mark that tells the order of bytes
                return b""
            name = _UTF16.get(self._begin[:2], "utf-16-le")
            self._decoder = codecs.getincrementaldecoder(name)(errors="replace")
            data = self._begin[2:]
        return self._decoder.decode(data).encode("utf-8", "replace")

    def finish(self) -> bytes:
        """See `tocsin.collect.framing.base.Unfolder`."""
        if self._decoder is None:
            return b""
        return self._decoder.decode(b"", final=True).encode("utf-8", "replace")

    @property
    def damage(self) -> str:
        """See `tocsin.collect.framing.base.Unfolder`."""
        return ""
