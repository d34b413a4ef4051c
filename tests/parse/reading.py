"""Reading log bytes into events, in any cut, for the tests of parse."""

from __future__ import annotations

from tocsin.core.event import Event
from tocsin.core.inputs import Block
from tocsin.kernels.log_scan import Stamps
from tocsin.parse.reader import EventReader

STAMPS = Stamps(year=2026)


def read(data: bytes, *, step: int | None = None, stamps: Stamps = STAMPS) -> list[Event]:
    """Return the events of ``data``, fed in blocks of ``step`` bytes (None: in one)."""
    reader = EventReader("auth.log", stamps=stamps)
    size = step or max(len(data), 1)
    events: list[Event] = []
    for at in range(0, len(data), size):
        events.extend(reader.feed(Block("auth.log", data[at : at + size], at)))
    events.extend(reader.finish())
    return events
