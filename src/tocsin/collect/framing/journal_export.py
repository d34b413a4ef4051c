r"""systemd's journal export format: fields in lines, binary ones with their length.

An entry comes out as the object that ``journalctl -o json`` gives of it; bytes that are not
UTF-8 as ``\xNN``. Source: systemd's "Journal Export Formats".
"""

from __future__ import annotations

import json
import re

from tocsin.collect.framing.base import RECORD_BYTES_MAX

_FIELD = re.compile(rb"([A-Z_][A-Z0-9_]{0,63})(?:=(.*))?\Z", re.DOTALL)
_BEGINS = re.compile(rb"(?:__CURSOR|__REALTIME_TIMESTAMP)=[^\n]*\n", re.ASCII)
_LENGTH_BYTES, _FIELDS_MAX, _NAME_BYTES_MAX = 8, 1024, 65


def is_journal_export(head: bytes) -> bool:
    """Tell whether an input begins like an entry of a journal export."""
    return _BEGINS.match(head.lstrip(b"\n")) is not None


class JournalExport:
    """Collects the fields of one entry, of at most `RECORD_BYTES_MAX` bytes."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._name = ""  # of the binary field that is open
        self._left = -1  # bytes of it to come, its line feed included; -1: its length comes
        self._value = bytearray()
        self._fields: dict[str, list[bytes]] = {}
        self._size = 0

    def feed(self, data: bytes) -> bytes:
        """See `tocsin.collect.framing.base.Unfolder`."""
        self._buffer += data
        out: list[bytes] = []
        at = 0
        while True:
            step = self._binary(at) if self._name else self._line(at, out)
            if step < 0:
                break
            at += step
        del self._buffer[:at]
        if not self._name:
            del self._buffer[RECORD_BYTES_MAX + _NAME_BYTES_MAX :]  # of an endless line
        return b"".join(out)

    def _line(self, at: int, out: list[bytes]) -> int:
        """Take one line at ``at``; return how many bytes it was, -1 when it is not whole."""
        end = self._buffer.find(b"\n", at)
        if end < 0:
            return -1
        line = bytes(self._buffer[at:end])
        if not line:
            self._give(out)
        elif (found := _FIELD.match(line)) is None:
            self._give(out)
            out.append(line[:RECORD_BYTES_MAX] + b"\n")  # no field: a reader calls it weird
        elif found[2] is None:
            self._name, self._left = found[1].decode(), -1
            self._value.clear()
        else:
            self._add(found[1].decode(), found[2])
        return end + 1 - at

    def _binary(self, at: int) -> int:
        """Take what is there of a binary field; return how many bytes, -1 when more must come."""
        if self._left < 0:
            if len(self._buffer) < at + _LENGTH_BYTES:
                return -1
            self._left = int.from_bytes(self._buffer[at : at + _LENGTH_BYTES], "little") + 1
            return _LENGTH_BYTES
        piece = self._buffer[at : at + self._left]
        if not piece:
            return -1
        self._value += piece[: max(RECORD_BYTES_MAX - len(self._value), 0)]
        self._left -= len(piece)
        if self._left == 0:
            self._add(self._name, bytes(self._value).removesuffix(b"\n"))
            self._name = ""
        return len(piece)

    def _add(self, name: str, value: bytes) -> None:
        self._size += len(name) + len(value)
        if self._size <= RECORD_BYTES_MAX and len(self._fields) < _FIELDS_MAX:
            self._fields.setdefault(name, []).append(value)

    def _give(self, out: list[bytes]) -> None:
        if self._fields:
            texts = {
                name: [one.decode("utf-8", errors="backslashreplace") for one in values]
                for name, values in self._fields.items()
            }
            plain = {name: one[0] if len(one) == 1 else one for name, one in texts.items()}
            out.append(json.dumps(plain, ensure_ascii=False).encode() + b"\n")
        self._fields, self._size = {}, 0

    def finish(self) -> bytes:
        """See `tocsin.collect.framing.base.Unfolder`."""
        out: list[bytes] = []
        if self._buffer and not self._name:
            self._buffer += b"\n"
            self._line(0, out)
        self._give(out)
        return b"".join(out)

    @property
    def damage(self) -> str:
        """See `tocsin.collect.framing.base.Unfolder`."""
        return f"the field {self._name} is cut short" if self._name else ""
