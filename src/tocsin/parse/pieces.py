"""A record while it may still grow, and what a checkpoint keeps of it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from tocsin.parse.syslog_head import Head

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.core.event import Event

PLAIN, PARTIAL, AUDIT = "plain", "partial", "audit"


@dataclass(slots=True)
class Piece:
    """A line, and after it what was joined to it.

    ``row`` tells where the first line stands (`tocsin.kernels.scanner.LOG_ROW`, as plain values);
    ``texts`` are the lines, ``bodies`` what of each counts to ``kind``: a fragment of a split
    line, an audit record. ``key`` is what pieces of one record share. ``offset_done`` is the
    offset of the line that ended it: where it stands among what was read meanwhile. ``at_ns`` is
    the time of its first line where that is known before its event is.
    """

    text: str
    head: Head | None
    line: int
    row: Mapping[str, int]
    event: Event | None = None
    kind: str = PLAIN
    key: tuple[str, ...] = ()
    lines: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    details: dict[str, str] = field(default_factory=dict)
    bytes: int = 0
    at_ns: int | None = None
    has_trace: bool = False
    is_done: bool = False
    offset_done: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        if not self.lines:
            self.lines, self.texts, self.bytes = [self.line], [self.text], len(self.text)

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        kept: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        head = self.head
        if head is not None:
            kept["head"] = [head.message, head.program, head.pid, head.host, head.ts_ns]
        return kept | {
            "row": dict(self.row), "key": list(self.key), "offset_done": list(self.offset_done),
        }  # fmt: skip


def piece_of(state: dict[str, Any]) -> Piece:
    """Return the piece that `Piece.state` told of."""
    values = dict(state)
    head = values.pop("head")
    if head is not None:
        head = Head(head[0], program=head[1], pid=head[2], host=head[3], ts_ns=head[4])
    values["key"], values["offset_done"] = tuple(values["key"]), tuple(values["offset_done"])
    return Piece(head=head, **values)
