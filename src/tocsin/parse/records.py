"""One record to one event, whatever wrote it: what kernels have no form for is read here.

The order is fixed: a record of named values (JSON, CEF), the layout of a program's own log, a
syslog header and the family of its program. Layouts and templates are data
(`tocsin.parse.templates`); a record gives at most one event, and nothing that its remote side
wrote decides which program it is of.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tocsin.core.networks import NO_PROXIES
from tocsin.core.times import rfc3339
from tocsin.parse.access_line import read_access_line
from tocsin.parse.audit import read_audit, read_plain_audit
from tocsin.parse.bare_message import bare_message
from tocsin.parse.candidates import (
    bare_families,
    candidates_of,
    family_named,
    family_of,
    formats_told,
    last_families,
    layouts_for,
    shared_families,
)
from tocsin.parse.fields import put_all
from tocsin.parse.forwarded import put_forwarded
from tocsin.parse.known import known_record_formats
from tocsin.parse.named_values import Values, json_values, pair_values, values_in
from tocsin.parse.pattern import Ambiguous, Fields, Pattern
from tocsin.parse.plain_words import plain_refusal
from tocsin.parse.record_formats import (
    AMBIGUOUS,
    disown,
    fill,
    format_of,
    is_doubtful,
    judge_status,
    program_of,
)
from tocsin.parse.stamp_text import StampReader
from tocsin.parse.syslog_head import Head, cisco_head, loose_head, odd_head, repeated, syslog_head
from tocsin.parse.windows import read_windows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tocsin.core.event import Event
    from tocsin.core.networks import Proxies
    from tocsin.kernels.log_scan import Stamps
    from tocsin.parse.template import Family, Layout, RecordFormat, Template

NO_HEADER, EMPTY = "no header", "empty record"
_NESTING_MAX = 3
_LEVELS = frozenset(("TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "SEVERE",
                     "CRITICAL", "FATAL"))  # fmt: skip
_AUDITING = frozenset(("audit", "kernel"))
_PAIRS = re.compile(
    r"[A-Za-z_@][\w.@-]{0,63}=(?:[^\s\"]+|\"[^\"]*\")[ ,]+[A-Za-z_@][\w.@-]{0,63}=", re.ASCII
)
_WRAPPED = re.compile(  # CRI (Kubernetes), docker compose
    r"(?P<stamp>[0-9]{4}-[0-9]{2}-[0-9]{2}T\S{8,32}) (?:stdout|stderr) [FP] |"
    r"[A-Za-z][\w.-]{0,63} +\| ",
    re.ASCII,
)
_PRIORITY = re.compile(r"^<[0-9]{1,3}>(?:1 )? ?", re.ASCII)
_CONTAINER = re.compile(r"docker/|podman|[0-9a-f]{12}$", re.ASCII)


class RecordReader:
    """Reads single records of one log; keeps nothing between them."""

    def __init__(self, stamps: Stamps, *, proxies: Proxies = NO_PROXIES) -> None:
        self._stamps = StampReader(stamps)
        self._proxies = proxies

    def read(self, text: str, *, head: Head | None = None, depth: int = 0) -> Event:
        """Return the event of a record; ``head`` is what the scanner found before its message.

        Without a known form the event says that its header is unknown (``tocsin.weird``).
        """
        event = self._event(text, head, depth)
        put_forwarded(event, self._proxies)
        return event

    def _event(self, text: str, head: Head | None, depth: int) -> Event:
        text = text.rstrip("\r \t\0")
        text = _PRIORITY.sub("", text)
        wrapped = _WRAPPED.match(text)
        if wrapped is not None and depth < _NESTING_MAX:
            return self._wrapped(text, wrapped, depth)
        event: Event = {"@timestamp": None}
        known = head is not None and head.program and family_of(head.program)
        if not known and self._alone(event, text, depth):
            return event
        if head is not None and head.program and not head.program.isdigit():
            self._syslog(event, head, depth)
        elif head is not None and head.ts_ns is not None:
            before = f"{head.program}: " if head.program else ""
            loose = loose_head(f"{head.host} {before}{head.message}".lstrip(), head.ts_ns)
            if loose is not None:
                self._syslog(event, loose, depth)
            else:
                event["@timestamp"] = rfc3339(head.ts_ns)
                if not self._alone(event, head.message, depth):
                    self._bare(event, f"{head.host} {head.message}".lstrip())
        elif (loose := odd_head(text, self._stamps)) is not None:
            self._syslog(event, loose, depth)
            if loose.ts_ns is None:
                event.setdefault("tocsin.weird", NO_HEADER)
        elif (cisco := cisco_head(text)) is not None:
            self._syslog(event, cisco, depth)
        elif not self._bare(event, self._stamps.after(text)):
            event["tocsin.weird"] = NO_HEADER if text else EMPTY
        return event

    def _wrapped(self, text: str, wrapper: re.Match[str], depth: int) -> Event:
        """Read a record behind what a container's runtime puts before it."""
        inner = text[wrapper.end() :]
        event = self.read(inner, head=syslog_head(inner, self._stamps), depth=depth + 1)
        if wrapper["stamp"] and event["@timestamp"] is None:
            ns = self._stamps.whole(wrapper["stamp"])
            event["@timestamp"] = None if ns is None else rfc3339(ns)
            if "event.action" not in event:
                event.pop("tocsin.weird", None)
        return event

    def _alone(self, event: Event, text: str, depth: int) -> bool:
        """Read a record that needs no syslog header: it tells its form by itself."""
        if self._named(event, text, depth):
            return True
        if " [" in text and read_access_line(event, text, self._stamps):
            return True
        if self._layout(event, text):
            return True
        return self._plain_pairs(event, text, depth)

    def _plain_pairs(self, event: Event, text: str, depth: int) -> bool:
        if not _PAIRS.match(text):
            return False
        self._values(event, pair_values(text), known_record_formats(), depth)
        return True

    def _named(
        self, event: Event, text: str, depth: int, formats: tuple[RecordFormat, ...] | None = None
    ) -> bool:
        """Read a record of named values that tells its form by itself."""
        if read_windows(event, text, self._stamps) or read_audit(event, text, self._stamps):
            return True
        values = values_in(text)
        if values is None:
            return False
        self._values(event, values, known_record_formats() if formats is None else formats, depth)
        return True

    def _values(
        self, event: Event, values: Values, formats: Iterable[RecordFormat], depth: int
    ) -> None:
        known = format_of(values, formats)
        fill(event, values, known, self._stamps)
        if known is None:
            return
        if any(is_doubtful(path, values) for path in (known.program, known.message, known.unwrap)):
            disown(event)
            return
        if known.unwrap and depth < _NESTING_MAX:
            self._unwrap(event, values.text(known.unwrap), depth)
            return
        message = values.text(known.message) if known.message else ""
        if not message:
            return
        if known.templates and self._match(event, message, templates=known.templates):
            return
        program = program_of(known, values)
        if program:
            event["process.name"] = program
            self._message(event, program, message, depth)

    def _unwrap(self, event: Event, text: str, depth: int) -> None:
        """Let the record inside speak; what its wrapper says stays where it says nothing."""
        inner = self.read(text.rstrip("\n"), head=syslog_head(text, self._stamps), depth=depth + 1)
        inner.pop("tocsin.weird", None) if "event.action" not in inner else None
        for name, value in inner.items():
            if value is not None:
                event[name] = value

    def _layout(self, event: Event, text: str) -> bool:
        """Read a line of a program's own log.

        Where the first layout that fits names a source and another that fits names another one,
        the line is ambiguous.
        """
        layouts = layouts_for(text[:1])
        for number, (layout, pattern) in enumerate(layouts):
            try:
                fields = pattern.match(text, stamps=self._stamps)
            except Ambiguous:
                fields = None
                if layout.is_certain or pattern.names_source:
                    event["event.dataset"], event["tocsin.weird"] = layout.dataset, AMBIGUOUS
                    return True
            if fields is not None and self._inside(event, layout, fields):
                others = () if layout.is_certain else layouts[number + 1 :]
                if "source.ip" in event and self._is_other(event, text, others):
                    disown(event)
                return True
        return False

    def _is_other(self, event: Event, text: str, others: Iterable[tuple[Layout, Pattern]]) -> bool:
        """Tell whether another layout reads a line too, and names another source."""
        for layout, pattern in others:
            try:
                fields = pattern.match(text, stamps=self._stamps)
            except Ambiguous:
                continue
            other: Event = {}
            if fields is None or not self._inside(other, layout, fields):
                continue
            if other.get("source.ip", event["source.ip"]) != event["source.ip"]:
                return True
        return False

    def _inside(self, event: Event, layout: Layout, fields: Fields) -> bool:
        message = next((value for name, value in fields if name == "message"), "")
        rest = [(name, value) for name, value in fields if name != "message"]
        before = dict(event)
        put_all(event, rest)
        event["event.dataset"] = layout.dataset
        if _is_repeated(message, layout.once):
            event["tocsin.weird"] = AMBIGUOUS
            return True
        found = self._match(event, message, templates=layout.templates)
        if not found and layout.family:
            family = family_named(layout.family)
            found = self._match(event, message, templates=family.templates)
        if not found and layout.formats:
            found = self._pairs(event, message, layout.formats)
        is_nobody = "tocsin.claimed.source.address" in event and "source.ip" not in event
        if layout.is_certain or (found and not is_nobody):
            return True
        event.clear()
        event.update(before)
        return False

    def _syslog(self, event: Event, head: Head, depth: int) -> None:
        if head.ts_ns is not None:
            event["@timestamp"] = rfc3339(head.ts_ns)
        if head.host in _LEVELS:  # what stands where a syslog header has its host
            event["log.level"] = head.host
        elif head.host:
            event["host.name"] = head.host
        event["process.name"] = head.program
        if head.pid >= 0:
            event["process.pid"] = head.pid
        self._message(event, head.program, head.message, depth)

    def _message(self, event: Event, program: str, message: str, depth: int) -> None:
        """Say what a program's message means."""
        family = family_of(program)
        text, count = repeated(bare_message(message))
        if family is None and self._match_any(event, text, shared_families()):
            return
        if family is None:
            if depth < _NESTING_MAX and self._named(event, message, depth + 1, formats_told()):
                return
            is_read = (
                read_access_line(event, message, self._stamps)
                or self._layout(event, message)
                or (self._plain_pairs(event, message, depth) and "event.action" in event)
                or (_CONTAINER.match(program) is not None and self._bare(event, message))
            )
            if not is_read:
                self._plainly(event, message)
            return
        if family.name in _AUDITING and self._audit(event, message):
            return
        event["event.dataset"] = family.dataset
        if count > 1:
            event["tocsin.count"] = count
        if _is_repeated(text, family.once):
            event["tocsin.weird"] = AMBIGUOUS
            return
        if self._match_any(event, text, (family, *shared_families())):
            return
        if family.formats and self._pairs(event, message, family.formats):
            return
        if message.startswith("{") and depth < _NESTING_MAX:
            self._named(event, message, depth + 1, formats_told())
        elif not self._alone(event, message, depth + 1):
            self._plainly(event, message)

    def _audit(self, event: Event, message: str) -> bool:
        return read_audit(event, message, self._stamps) or (
            event["process.name"] == "audit" and read_plain_audit(event, message, self._stamps)
        )

    def _bare(self, event: Event, text: str) -> bool:
        """Read a message of a program that needs no name before it: it fills the whole line."""
        return self._match_any(event, bare_message(text), bare_families()) or self._plainly(
            event, text
        )

    def _match_any(self, event: Event, text: str, families: Iterable[Family]) -> bool:
        """Say what the first family of which a template fits means by a message."""
        for one in families:
            if self._match(event, text, templates=one.templates, is_dense=one.is_dense):
                event["event.dataset"] = one.dataset
                if _is_repeated(text, one.once):
                    disown(event)
                return True
        return False

    def _plainly(self, event: Event, message: str) -> bool:
        """Believe a message that nobody described where it says a refusal and nothing else."""
        for family in last_families():
            if self._match(event, message.strip(), templates=family.templates):
                event.setdefault("event.dataset", family.dataset)
                if _is_repeated(message, family.once):
                    disown(event)
                return True
        return plain_refusal(event, message.strip())

    def _pairs(self, event: Event, message: str, formats: Sequence[RecordFormat]) -> bool:
        values = json_values(message) if message.startswith("{") else pair_values(message)
        if values is None:
            return False
        for name, value in event.items():  # what the header said counts under its last name
            if value is not None:
                values.named.setdefault(name.rsplit(".", maxsplit=1)[-1], value)
        known = format_of(values, formats)
        if known is None:
            return False
        dataset = event.get("event.dataset")
        stamp = event.get("@timestamp")
        fill(event, values, known, self._stamps)
        event["@timestamp"] = event.get("@timestamp") or stamp
        event["event.dataset"] = known.dataset or dataset
        return True

    def _match(
        self, event: Event, text: str, *, templates: tuple[Template, ...], is_dense: bool = False
    ) -> bool:
        """Say what the first template that fits means; one that is ambiguous names nobody.

        Another template that fits too and names another source makes the record ambiguous: its
        text may have been written to look like the first. Kernels don't ask for others, so
        neither is it done for templates that they match: those may not be mistaken.
        """
        candidates = candidates_of(templates, text)
        for template, pattern in candidates:
            try:
                fields = pattern.match(text, stamps=self._stamps)
            except Ambiguous:
                event["tocsin.weird"] = AMBIGUOUS
                return True
            if fields is None:
                continue
            if not is_dense and pattern.names_source and self._is_denied(text, fields, candidates):
                event["tocsin.weird"] = AMBIGUOUS
                return True
            event["event.action"] = template.action
            event["event.outcome"] = template.outcome
            event["event.category"] = template.category
            if template.is_invalid_user:
                event["tocsin.user_unknown"] = True
            put_all(event, fields)
            judge_status(event)
            return True
        return False

    def _is_denied(
        self, text: str, fields: Fields, others: Iterable[tuple[Template, Pattern]]
    ) -> bool:
        """Tell whether another form of the same program fits and names another source."""
        named = _source(fields)
        for _, pattern in others:
            if not pattern.names_source:
                continue
            try:
                other = pattern.match(text, stamps=self._stamps)
            except Ambiguous:
                return True
            if other is not None and _source(other) != named:
                return True
        return False


def _source(fields: Fields) -> str | None:
    """Return the address that a match names, None when what stands there is none."""
    event: Event = {}
    put_all(event, ((name, value) for name, value in fields if name == "source.address"))
    return event.get("source.ip")


def _is_repeated(message: str, once: tuple[str, ...]) -> bool:
    return any(message.count(one) > 1 for one in once)
