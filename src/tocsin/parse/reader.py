"""A log's bytes, any cut, to its events: what `tocsin parse` runs on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.networks import NO_PROXIES
from tocsin.kernels import scanner
from tocsin.kernels.log_scan import BATCH_ROWS, Scanner, Stamps, read_only
from tocsin.kernels.record_carry import RecordCarry, WholeRecord
from tocsin.parse.connections import Connections
from tocsin.parse.events import pieces_of, placed
from tocsin.parse.joining import Joiner
from tocsin.parse.known import known_templates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.event import Event
    from tocsin.core.inputs import Block
    from tocsin.core.networks import Proxies

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STAMP = re.compile(rb"(?m)^(?:<\d{1,3}>)?([A-Z][a-z]{2}) +(\d{1,2}) \d\d:\d\d:\d\d")


def newest_day(tail: bytes) -> tuple[int, int] | None:
    """Return (month, day) of the last stamp without a year in the end of a log.

    >>> newest_day(b"Dec 31 23:59:59 web01 a: b" + bytes([10]) + b"Jan  2 08:00:00 web01 a: b")
    (1, 2)
    """
    for month, day in reversed(_STAMP.findall(tail)):
        name = month.decode()
        if name in _MONTHS:
            return _MONTHS.index(name) + 1, int(day)
    return None


class EventReader:
    """Carry a log's scanner, its open records and its line number."""

    def __init__(self, path: str, *, stamps: Stamps, proxies: Proxies = NO_PROXIES) -> None:
        self._path = path
        self._compiled = known_templates()
        self._scanner = Scanner(self._compiled.log_tables, stamps=stamps)
        self._joiner = Joiner(stamps, proxies=proxies)
        self._connections = Connections()
        self._carry = RecordCarry()
        self._rows = np.zeros(BATCH_ROWS, dtype=scanner.LOG_ROW)
        self._line = 1

    def feed(self, block: Block) -> Iterator[Event]:
        """Yield the events whose records end in the block."""
        buffer = read_only(block.data)
        start = self._carry.join(buffer)
        yield from self._stitched(self._carry.whole())
        while start < len(buffer):
            n, end = self._scanner.scan(buffer, self._rows, start=start, base=block.offset)
            if n == 0:
                break
            yield from self._events(block.data, n)
            start = end
        self._carry.keep(buffer[start:], block.offset + start)

    def finish(self) -> Iterator[Event]:
        """Yield the events that are still open, and that of a record that no line feed ends."""
        yield from self._stitched(self._carry.flush())
        self._joiner.finish()
        yield from self._done()

    def _stitched(self, record: WholeRecord | None) -> Iterator[Event]:
        if record is None:
            return
        n, _ = self._scanner.scan(read_only(record.data), self._rows, base=record.offset)
        yield from self._events(record.data, n, skipped=record.skipped)

    def _events(
        self, data: bytes | bytearray | memoryview, n: int, *, skipped: int = 0
    ) -> Iterator[Event]:
        rows, first_line = self._rows[:n], self._line
        self._line += n
        for piece in pieces_of(data, rows, compiled=self._compiled, first_line=first_line):
            if skipped and piece.event is not None:
                piece.event["tocsin.original_bytes"] += skipped
            self._joiner.add(piece)
            yield from self._done()

    def _done(self) -> Iterator[Event]:
        for piece in self._joiner.done():
            event = placed(piece, self._path)
            self._connections.complete(event)
            yield event
