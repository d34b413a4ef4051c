"""Lines that belong together, as one record: audit events, split lines, traces, statements.

A record keeps the place of its first line and says by ``log.lines`` which lines were joined to it;
those are no records of their own, so records = events + weird + filtered still adds up. Bounds:
`LINES_MAX` lines and `BYTES_MAX` bytes a record, `OPEN_MAX` audit events and split lines at a
time, no longer than `AGE_MAX` lines; what comes after a bound is a record of its own.

Records come out in the order of their first lines. Nothing depends on how the log was cut: only
lines end a record, or `advance`, when its source is idle.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Any

from tocsin.core.networks import NO_PROXIES
from tocsin.core.times import NS_PER_S
from tocsin.parse.audit import put_audit
from tocsin.parse.audit_values import AuditPart, audit_part
from tocsin.parse.continuation import detail_of, ends_trace, is_trace
from tocsin.parse.pieces import AUDIT, PARTIAL, PLAIN, Piece, piece_of
from tocsin.parse.records import RecordReader
from tocsin.parse.stamp_text import StampReader
from tocsin.parse.syslog_head import structured_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tocsin.core.event import Event
    from tocsin.core.networks import Proxies
    from tocsin.kernels.log_scan import Stamps
    from tocsin.parse.syslog_head import Head

LINES_MAX, BYTES_MAX, OPEN_MAX, AGE_MAX = 256, 1 << 16, 8, 64
LATE_NS = 2 * NS_PER_S  # records of one audit event are written at once
_CRI = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T\S{8,32} (stdout|stderr) ([FP]) ", re.ASCII)
_AUDIT_PROGRAMS = ("audispd", "audit", "audisp-syslog", "auditd", "kernel")
_DOCKER = re.compile(
    r"\{\"log\":\"((?:[^\"\\]|\\.)*+)\",\"stream\":\"(stdout|stderr)\"", re.ASCII | re.DOTALL
)
_DOCKER_CUT = 16 << 10  # where Docker's json-file cuts a line


class Joiner:
    """Reads the lines of one log into records."""

    def __init__(self, stamps: Stamps, *, proxies: Proxies = NO_PROXIES) -> None:
        self._records = RecordReader(stamps, proxies=proxies)
        self._stamps = StampReader(stamps)
        self._queue: deque[Piece] = deque()
        self._open: dict[tuple[str, ...], Piece] = {}
        self._last: Piece | None = None
        self._seen: Event | None = None  # what the line says that was asked about

    def add(self, piece: Piece) -> bool:
        """Take the next line; return whether it was joined to an earlier one.

        A piece with an ``event`` is whole already. Else its event is there afterwards, unless
        other lines may still belong to it.
        """
        last, self._last = self._last, None
        self._seen = None
        for one in [one for one in self._open.values() if piece.line - one.lines[-1] > AGE_MAX]:
            self._close(one, (piece.row["offset"], 0))
        if piece.event is not None:
            self._end(last)
            self._put(piece, is_done=True)
            return False
        part = self._part(piece)
        if part is not None:
            self._end(last)
            return self._audit(piece, part)
        split = _split_of(piece.text)
        if split is not None and (split[0] in self._open or not split[2]):
            self._end(last)
            return self._partial(piece, *split)
        if last is not None and last.lines[-1] + 1 == piece.line and self._goes_on(last, piece):
            self._last = last
            return True
        self._end(last)
        piece.event = self._event_of(piece)
        piece.has_trace = is_trace(piece.text)
        self._put(piece)
        self._last = piece
        return False

    def _put(self, piece: Piece, *, is_done: bool = False) -> None:
        piece.is_done = is_done
        piece.offset_done = piece.row["offset"], 1
        self._queue.append(piece)

    def _end(self, last: Piece | None) -> None:
        if last is not None:
            last.is_done = True

    def _event_of(self, piece: Piece) -> Event:
        return self._seen or self._read(piece.text, piece.head)

    def _read(self, text: str, head: Head | None) -> Event:
        event = self._records.read(text, head=head)
        if text.startswith("<"):
            for name, value in structured_data(text).items():
                event[f"syslog.structured_data.{name}"] = value
        return event

    # --- audit events -------------------------------------------------------------------------

    def _part(self, piece: Piece) -> AuditPart | None:
        text = piece.text
        if piece.head is not None and piece.head.program in _AUDIT_PROGRAMS:
            text = piece.head.message
        elif not text.startswith(("type=", "node=")):
            return None
        return audit_part(text.rstrip("\r \t\0"))

    def _audit(self, piece: Piece, part: AuditPart) -> bool:
        key = (piece.head.host if piece.head is not None else "", *part.key)
        known = self._open.get(key)
        self._end_old(piece, part, but=key)
        if known is not None and self._grow(known, piece, piece.text):
            if part.type == "EOE":
                self._close(known, (piece.row["offset"], 0))
            return True
        if known is not None:
            self._close(known, (piece.row["offset"], 0))
        if part.is_alone or part.type == "EOE":
            piece.event = self._read(piece.text, piece.head)
            self._put(piece, is_done=True)
            return False
        piece.kind, piece.key, piece.bodies = AUDIT, key, [piece.text]
        piece.at_ns = _ns(part.at)
        self._put(piece)
        self._open[key] = piece
        return False

    def _end_old(self, piece: Piece, part: AuditPart, *, but: tuple[str, ...]) -> None:
        """End what the records of another event show to be whole."""
        at_ns = _ns(part.at)
        others = [one for key, one in self._open.items() if key != but and one.kind == AUDIT]
        excess = len(self._open) + (but not in self._open) - OPEN_MAX
        for number, one in enumerate(others):
            is_old = at_ns - _ns(one.key[2]) > LATE_NS
            is_whole = "type=PROCTITLE " in one.texts[-1] or "type=1327 " in one.texts[-1]
            if is_old or is_whole or number < excess:
                self._close(one, (piece.row["offset"], 0))

    # --- lines that a container's runtime split ------------------------------------------------

    def _partial(self, piece: Piece, key: tuple[str, ...], body: str, is_last: bool) -> bool:  # noqa: FBT001
        known = self._open.get(key)
        if known is not None:
            if self._grow(known, piece, body):
                if is_last:
                    self._close(known, (piece.row["offset"], 1))
                    piece.event = known.event  # the line that ends it speaks for all
                return True
            is_last = True
        if known is not None:
            self._close(known, (piece.row["offset"], 0))
        if is_last:
            piece.event = self._read(piece.text, piece.head)
            self._put(piece, is_done=True)
            return False
        piece.kind, piece.key, piece.bodies = PARTIAL, key, [body]
        piece.at_ns = self._stamps.read(piece.text)[0]
        self._put(piece)
        self._open[key] = piece
        return False

    # --- lines without a header of their own ---------------------------------------------------

    def _goes_on(self, last: Piece, piece: Piece) -> bool:
        """Join a line to the record before it if it goes on with that."""
        text = piece.text.rstrip("\r \t\0")
        told = last.event or {}
        if not text or (told.get("@timestamp") is None and not last.has_trace):
            return False
        body, before, is_alike = _bodies(piece, last)
        name = detail_of(body, before)
        if not is_alike and not name:
            return False
        starts = is_trace(body)
        in_trace = starts or (last.has_trace and ends_trace(body))
        is_indented = body[:1] in {" ", "\t"} and not (piece.head and piece.head.program)
        if not (in_trace or is_indented or name):
            return False
        if not starts:
            read = self._read(text, piece.head)
            is_told = "event.action" in read and not (name and read["event.outcome"] == "unknown")
            if is_told or (is_indented and read["@timestamp"] is not None):
                self._seen = read
                return False
        if not self._grow(last, piece, ""):
            return False
        last.has_trace = last.has_trace or starts
        if name:
            last.details[name] = body.partition(":  ")[2]
        elif last.details:
            last.details[next(reversed(last.details))] += f"\n{body.rstrip()}"
        return True

    # --- common --------------------------------------------------------------------------------

    def _grow(self, piece: Piece, more: Piece, body: str) -> bool:
        size = piece.bytes + len(more.text) + 1
        if len(piece.lines) >= LINES_MAX or size > BYTES_MAX:
            return False
        piece.bytes = size
        piece.lines.append(more.line)
        piece.texts.append(more.text)
        if piece.kind != PLAIN:
            piece.bodies.append(body)
        return True

    def _close(self, piece: Piece, offset: tuple[int, int]) -> None:
        """Read a record that is whole now."""
        self._open.pop(piece.key, None)
        if piece.kind == AUDIT and len(piece.bodies) > 1:
            piece.event = self._audit_event(piece)
        elif piece.kind == PARTIAL:
            at, size = piece.text.rindex(piece.bodies[0]), len(piece.bodies[0])
            whole = piece.text[:at] + "".join(piece.bodies) + piece.text[at + size :]
            piece.event = self._read(whole, piece.head)
        else:
            piece.event = self._read(piece.text, piece.head)
        piece.is_done, piece.offset_done = True, offset

    def _audit_event(self, piece: Piece) -> Event:
        event: Event = {"@timestamp": None}
        if piece.head is not None and piece.head.host:
            event["host.name"] = piece.head.host
        found = []
        for text in piece.bodies:
            part = audit_part(text) or audit_part(text[max(_audit_at(text), 0) :])
            if part is not None:
                found.append(part)
        put_audit(event, found, self._stamps)
        return event

    def done(self, *, in_order: bool = True) -> Iterator[Piece]:
        """Yield the records that are whole, each once: up to the first open one, or all."""
        waiting: deque[Piece] = deque()
        while self._queue and (self._queue[0].is_done or not in_order):
            piece = self._queue.popleft()
            if piece.is_done and piece.event is not None:
                yield _told(piece, piece.event)
            elif not piece.is_done:
                waiting.append(piece)
        self._queue.extendleft(reversed(waiting))

    def settle(self, line: int) -> None:
        """End the last record unless its last line is ``line``: others stand between."""
        if self._last is not None and self._last.lines[-1] != line:
            self._end(self._last)
            self._last = None

    def finish(self) -> None:
        """End every record: nothing more comes."""
        self._end(self._last)
        self._last = None
        for piece in list(self._open.values()):
            self._close(piece, (1 << 62, 0))

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        queue = list(self._queue)
        last = next((n for n, one in enumerate(queue) if one is self._last), -1)
        return {"queue": [one.state() for one in queue], "last": last}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._queue = deque(piece_of(one) for one in state["queue"])
        self._open = {one.key: one for one in self._queue if one.kind != PLAIN and not one.is_done}
        self._last = self._queue[state["last"]] if state["last"] >= 0 else None


def _split_of(text: str) -> tuple[tuple[str, str], str, bool] | None:
    """Return stream, fragment and whether it is the last one, of a line that may be split."""
    found = _CRI.match(text)
    if found is not None:
        return ("cri", found[1]), text[found.end() :], found[2] == "F"
    if not text.startswith('{"log":"') or (found := _DOCKER.match(text)) is None:
        return None
    is_last = found[1].endswith("\\n") or len(found[1]) < _DOCKER_CUT
    return ("docker", found[2]), found[1], is_last


def _bodies(piece: Piece, before: Piece) -> tuple[str, str, bool]:
    """Return what of a line and of the one before counts, and whether one program wrote both."""
    mine, its = _CRI.match(piece.text), _CRI.match(before.text)
    if mine is not None and its is not None:
        return piece.text[mine.end() :], before.text[its.end() :], mine[1] == its[1]
    if mine is not None or its is not None:
        return piece.text, before.text, False
    head, other = piece.head, before.head
    is_in_trace = is_trace(piece.text) or (before.has_trace and ends_trace(piece.text))
    if head is None or (head.ts_ns is None and (not head.program or is_in_trace)):
        return piece.text, before.text, True
    if not head.program or other is None or not other.program:
        return piece.text, before.text, False
    writer = (head.program, head.pid, head.host)
    return head.message, other.message, writer == (other.program, other.pid, other.host)


def _told(piece: Piece, event: Event) -> Piece:
    """Say in a record's event what was joined to it."""
    if len(piece.lines) > 1:
        event["event.original"] = "\n".join(piece.texts)
        event["log.lines"] = piece.lines
        if piece.has_trace:
            event["error.stack_trace"] = "\n".join(piece.texts[1:])
        for name, value in piece.details.items():
            event["db.statement" if name == "statement" else f"postgresql.{name}"] = value
    return piece


def _audit_at(text: str) -> int:
    """Return where an audit record begins behind a header that named its program."""
    return min((at for at in (text.find("type="), text.find("node=")) if at >= 0), default=0)


def _ns(at: str) -> int:
    seconds, _, part = at.partition(".")
    return int(seconds or 0) * NS_PER_S + int(part.ljust(9, "0") or 0)
