"""Windows events as XML that is no lines: ``<Events>`` with one or many over several lines.

Source: the schema of rendered events (``wevtutil qe /f:xml``, "Save all events as XML").
"""

from __future__ import annotations

import re

from tocsin.collect.framing.base import RECORD_BYTES_MAX

_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<Events[^>]{0,200}>\s*)?"
                     rb"<Event[ >]")  # fmt: skip
_LINE = re.compile(rb"<Event[ >][^\n]*</Event>\s*\Z")
_AROUND = re.compile(rb"<\?xml[^>]{0,200}>|</?Events[^>]{0,200}>")
_END = b"</Event>"
_BETWEEN = re.compile(rb">\s*\n\s*<")


def is_xml_events(head: bytes) -> bool:
    """Tell whether an input begins with Windows events that are not one in each line."""
    return _BEGINS.match(head) is not None and _LINE.match(head.split(b"\n", 1)[0]) is None


class XmlEvents:
    """Cuts behind each ``</Event>``; holds one event of at most `RECORD_BYTES_MAX` bytes."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._tail = b""  # of what was given up, the end may be cut

    def feed(self, data: bytes) -> bytes:
        """See `tocsin.collect.framing.base.Unfolder`."""
        out: list[bytes] = []
        text = self._tail + data
        self._tail = b""
        start = 0
        while (end := text.find(_END, start)) >= 0:
            self._hold(text[start : end + len(_END)])
            self._give(out)
            start = end + len(_END)
        keep = max(len(text) - len(_END) + 1, start)
        self._hold(text[start:keep])
        self._tail = text[keep:]
        return b"".join(out)

    def _hold(self, piece: bytes) -> None:
        self._buffer += piece[: max(RECORD_BYTES_MAX - len(self._buffer), 0)]

    def _give(self, out: list[bytes]) -> None:
        text = _AROUND.sub(b"", bytes(self._buffer)).strip(b"\xef\xbb\xbf \t\r\n")
        text = _BETWEEN.sub(b"><", text.replace(b"\r\n", b"\n"))
        self._buffer.clear()
        if text:
            out.append(text.replace(b"\n", b"&#10;") + b"\n")

    def finish(self) -> bytes:
        """See `tocsin.collect.framing.base.Unfolder`."""
        out: list[bytes] = []
        self._hold(self._tail)
        self._tail = b""
        self._give(out)
        return b"".join(out)

    @property
    def damage(self) -> str:
        """See `tocsin.collect.framing.base.Unfolder`."""
        text = bytes(self._buffer) + self._tail
        return "the last event is cut short" if b"<Event" in _AROUND.sub(b"", text) else ""
