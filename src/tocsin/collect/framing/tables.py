r"""Tables with a header: each row as a JSON object under the names of its columns.

Fields may be quoted (RFC 4180) and hold line feeds then; the separator is that of the header. A
row of another width than the header comes out as it stands: whose value is whose can't be told.
"""

from __future__ import annotations

import csv
import json
import re
from io import StringIO

from tocsin.collect.framing.base import RECORD_BYTES_MAX, on_one_line

_SEPARATORS = (",", ";", "\t", "|")
_NAME = re.compile(r"[A-Za-z_@#][\w .@:/()#%*-]{0,63}", re.ASCII)
_TIMES = re.compile(
    r"@?(?:.*[ _.-])?(?:time|date|datetime|timestamp|timecreated|ts|utctime)(?:[ _.(-].*)?"
    r"|.*(?:Time|Date|TimeGenerated|Timestamp)",
    re.IGNORECASE,
)
_COLUMNS_MIN, _COLUMNS_MAX, _DIGITS_MIN = 3, 256, 4


def is_table(head: bytes) -> bool:
    """Tell whether an input begins with names of columns and a row of as many fields."""
    header = columns_of(head.split(b"\n", 1)[0])
    times = [name for name in header[0] if _TIMES.fullmatch(name)] if header else []
    if not times:
        return False
    unfolder = Table()
    lines = (unfolder.feed(head) or unfolder.finish()).split(b"\n", 1)
    if not lines[0].startswith(b"{"):
        return False
    row = json.loads(lines[0])
    return any(sum(sign.isdigit() for sign in row[name]) >= _DIGITS_MIN for name in times)


def columns_of(line: bytes) -> tuple[tuple[str, ...], str] | None:
    """Return the columns that a header names and their separator, None when it is none."""
    text = line.decode("utf-8", errors="replace").lstrip("\ufeff").rstrip("\r")
    for separator in _SEPARATORS:
        names = _fields(text, separator)
        if names is None or not _COLUMNS_MIN <= len(names) <= _COLUMNS_MAX:
            continue
        names = [name.strip() for name in names]
        if len(set(names)) == len(names) and all(_NAME.fullmatch(name) for name in names):
            return tuple(names), separator
    return None


def _fields(text: str, separator: str) -> list[str] | None:
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        fields = next(reader, list[str]())
        return fields if next(reader, None) is None else None
    except csv.Error:
        return None


class Table:
    """Keeps the header and one open row of at most `RECORD_BYTES_MAX` bytes."""

    def __init__(self) -> None:
        self._columns: tuple[str, ...] = ()
        self._separator = ","
        self._row = bytearray()
        self._is_quoted = False  # an odd number of quotation marks came so far

    def feed(self, data: bytes) -> bytes:
        """See `tocsin.collect.framing.base.Unfolder`."""
        out: list[bytes] = []
        first, *more = data.split(b"\n")
        self._hold(first)
        for line in more:
            if self._is_quoted and len(self._row) < RECORD_BYTES_MAX:
                self._row += b"\n"
            else:
                self._give(bytes(self._row), out)
                self._row.clear()
                self._is_quoted = False
            self._hold(line)
        return b"".join(out)

    def _hold(self, piece: bytes) -> None:
        self._is_quoted ^= bool(piece.count(b'"') & 1)
        self._row += piece[: max(RECORD_BYTES_MAX - len(self._row), 0)]

    def _give(self, row: bytes, out: list[bytes]) -> None:
        if not self._columns:
            found = columns_of(row)
            if found is not None:
                self._columns, self._separator = found
                return
        text = row.decode("utf-8", errors="backslashreplace").rstrip("\r")
        fields = _fields(text, self._separator) if len(row) < RECORD_BYTES_MAX else None
        if fields is None or len(fields) != len(self._columns):
            out.append(on_one_line(row) + b"\n")
            return
        named = dict(zip(self._columns, fields, strict=True))
        out.append(json.dumps(named, ensure_ascii=False).encode() + b"\n")

    def finish(self) -> bytes:
        """See `tocsin.collect.framing.base.Unfolder`."""
        out: list[bytes] = []
        rows = bytes(self._row).split(b"\n") if self._is_quoted else [bytes(self._row)]
        for row in rows:  # a quotation that never ended was none
            if row:
                self._give(row, out)
        self._row.clear()
        return b"".join(out)

    @property
    def damage(self) -> str:
        """See `tocsin.collect.framing.base.Unfolder`."""
        return ""
