"""Which framings an input has, told by its first bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.collect.framing.base import Chain, Unfolder
from tocsin.collect.framing.documents import Documents, is_document
from tocsin.collect.framing.evtx import MAGIC, Evtx
from tocsin.collect.framing.journal_export import JournalExport, is_journal_export
from tocsin.collect.framing.streams import Counted, EndedByNul, Utf16, is_counted, is_ended_by_nul
from tocsin.collect.framing.tables import Table, is_table
from tocsin.collect.framing.xml_events import XmlEvents, is_xml_events

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FLOWS = (b"StartTime,", b"ts,te,td,", b"#")
_MADE: dict[str, Callable[[], Unfolder]] = {
    "utf16": Utf16, "evtx": Evtx, "journal": JournalExport, "json": Documents, "xml": XmlEvents,
    "counted": Counted, "nul": EndedByNul, "csv": Table,
}  # fmt: skip
_TOLD: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("journal", is_journal_export), ("xml", is_xml_events), ("counted", is_counted),
    ("nul", is_ended_by_nul), ("json", is_document), ("csv", is_table),
)  # fmt: skip


def framings_of(head: bytes) -> tuple[str, ...]:
    """Return an input's framings, outermost first; none for lines and captures."""
    if head.startswith(MAGIC):
        return ("evtx",)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" in head[:64]:
        return ("utf16", *framings_of(Utf16().feed(head)))
    if head.startswith(_FLOWS):
        return ()
    return next(((name,) for name, tells in _TOLD if tells(head)), ())


def unfolder_of(names: Sequence[str]) -> Unfolder:
    """Return what takes framings off; raises `KeyError` for unknown names."""
    return Chain([_MADE[name]() for name in names])
