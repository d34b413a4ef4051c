"""Templates matched in Python: the same law and the same result as `tocsin.kernels.matching`.

What stands before the last free text is matched forward from the start, what stands after
it backward from the end; free text that is followed by more free text ends at a literal
that must occur exactly once, else the line is ambiguous and names nobody. Every step moves
on and none is taken back, so that the time is linear in the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tocsin.parse.forms import Part, TemplateError, expand, parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.parse.stamp_text import StampReader

Fields = list[tuple[str, str]]
_DIGITS_MAX, _PORT_MAX = 9, 65_535
_HOST = re.compile(r"[0-9A-Za-z._:%\u0080-\U0010ffff-]*+")
_DIGIT = re.compile(r"[0-9]*+")
_ENDPOINT = re.compile(
    r"\[(?P<a>[0-9A-Fa-f:.]{2,45})\](?::(?P<ap>[0-9]{1,5}))?"
    r"|(?P<b>(?:::[Ff]{4}:)?[0-9]{1,3}(?:\.[0-9]{1,3}){3})(?:[:.#/](?P<bp>[0-9]{1,5})(?![0-9]|\.[0-9]))?"
    r"|(?P<c>[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}):(?P<cp>[0-9]{5})(?![0-9A-Fa-f:])"
    r"|(?P<d>[0-9A-Fa-f:.]{2,45})(?:[#/](?P<dp>[0-9]{1,5}))?"
)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_DIGITS = frozenset("0123456789")
_CHARACTERS = {
    "endpoint": frozenset("0123456789abcdefABCDEF:.[]#/"),
    "host": frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:%-"),
}


class Ambiguous(Exception):  # noqa: N818 - a finding about the line, not an error
    """The line can be read in two ways that differ in whom they name."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One expanded template line, ready to match; made by `patterns_of`."""

    lead: str
    needle: str  # the longest literal: what does not hold it need not be tried
    forward: tuple[tuple[str, str, str], ...]  # (kind, argument, name)
    backward: tuple[tuple[str, str, str], ...]
    free: str | None
    has_parties: bool = field(default=False)  # a user and a source: see `match`
    names_source: bool = field(default=False)
    opens: str = field(default="")  # the literal before a free text that ends the line, bare
    tail: str = field(default="")  # the blanks at the end of that literal

    @property
    def weight(self) -> int:
        """How much of a line this form fixes: its literals, and a little for each field."""
        steps = (*self.forward, *self.backward)
        fixed = sum(len(a) for kind, a, _ in steps if kind in {"literal", "text", "trusted"})
        return 2 * (len(self.lead) + fixed) + len(steps)

    def match(self, text: str, *, stamps: StampReader) -> Fields | None:
        """Return the fields (name, text) of a message, None when it is not of this form.

        Raises `Ambiguous` when a literal that must be unique is not.
        """
        if self.needle not in text:
            return None
        found = self._match(text, stamps)
        if found is None and self.tail and text.endswith(self.opens):  # "failed: " and no more
            found = self._match(text + self.tail, stamps)
        return found

    def _match(self, text: str, stamps: StampReader) -> Fields | None:
        if not text.startswith(self.lead):
            return None
        fields: Fields = []
        at = _forward(self.forward, text, len(self.lead), fields, stamps)
        if at < 0:
            return None
        end = _backward(self.backward, text, at, fields)
        if end < 0 or (self.free is None and at != end):
            return None
        if self.free:
            fields.append((self.free, text[at:end]))
        if self.has_parties and any(
            name == "user.name" and value.endswith(" ssh2:") for name, value in fields
        ):
            raise Ambiguous
        return fields


def _forward(
    steps: Sequence[tuple[str, str, str]],
    text: str,
    at: int,
    fields: Fields,
    stamps: StampReader,
) -> int:
    """Match the leading steps; return the place after them, -1 when one fails."""
    for kind, argument, name in steps:
        value = None
        if kind == "literal":
            if not text.startswith(argument, at):
                return -1
            at += len(argument)
            continue
        if kind == "optional":
            at += len(argument) if text.startswith(argument, at) else 0
            continue
        if kind == "text":
            end = text.find(argument, at)
            if end < 0:
                return -1
            if text.find(argument, end + 1) >= 0:
                raise Ambiguous
            value, after = text[at:end], end + len(argument)
        elif kind == "trusted":
            end = text.find(argument, at)
            if end < 0:
                return -1
            value, after = text[at:end], end + len(argument)
        else:
            value, after = _field(kind, argument, text, at, stamps)
        if value is None:
            return -1
        if name:
            fields.append((name, value))
        at = after
    return at


def _field(kind: str, stop: str, text: str, at: int, stamps: StampReader) -> tuple[str | None, int]:
    """Return (text of the field that begins at ``at``, place after it); None when there is none."""
    end = at
    if kind == "word":
        ends = [place for place in (text.find(" ", at), text.find(stop, at)) if place >= 0]
        end = min(ends, default=len(text))
    elif kind == "host":
        found = _HOST.match(text, at)
        end = found.end() if found else at
        if (end > at and text[end - 1] == ":") or (stop == "." and text[at:end].endswith(".")):
            end -= 1
        if end == at:
            return None, at
    elif kind in {"int", "port"}:
        found = _DIGIT.match(text, at)
        end = found.end() if found else at
        if not _is_number(text[at:end], kind):
            return None, at
    elif kind == "stamp":
        ns, end = stamps.read(text, at)
        return (None if end == at else "" if ns is None else str(ns)), end
    else:
        found = (_QUOTED if kind == "quoted" else _ENDPOINT).match(text, at)
        if found is None:
            return None, at
        return (found[1] if kind == "quoted" else _with_colon(found)), found.end()
    return text[at:end], end


def _with_colon(endpoint: re.Match[str]) -> str:
    """Return an endpoint with a colon before its port: with a dot it might be a name."""
    return f"{endpoint['b']}:{endpoint['bp']}" if endpoint["bp"] else endpoint.group()


def _backward(steps: Sequence[tuple[str, str, str]], text: str, at: int, fields: Fields) -> int:
    """Match the trailing steps from the end; return the place before them, -1 when one fails."""
    end = len(text)
    for kind, argument, name in steps:
        if kind in {"literal", "optional"}:
            stands = end - len(argument) >= at and text.endswith(argument, at, end)
            if not stands and kind == "literal":
                return -1
            end -= len(argument) if stands else 0
            continue
        start = _begin(kind, argument, text, at, end)
        if start < 0:
            return -1
        if name:
            found = _ENDPOINT.fullmatch(text, start, end) if kind == "endpoint" else None
            fields.append((name, text[start:end] if found is None else _with_colon(found)))
        end = start
    return end


def _begin(kind: str, stop: str, text: str, at: int, end: int) -> int:
    """Return where the field that ends at ``end`` begins, -1 when it is not of its kind."""
    if kind == "word":
        return max(text.rfind(" ", at, end), text.rfind(stop, at, end), at - 1) + 1
    allowed = _CHARACTERS.get(kind, _DIGITS)
    if kind == "host":
        allowed = allowed - {stop}
    start = end
    while start > at and (
        text[start - 1] in allowed or (kind == "host" and text[start - 1] > "\x7f")
    ):
        start -= 1
    is_right = {
        "host": start < end,
        "endpoint": _ENDPOINT.fullmatch(text, start, end) is not None,
    }.get(kind, _is_number(text[start:end], kind))
    return start if is_right else -1


def _is_number(text: str, kind: str) -> bool:
    if not text or len(text) > _DIGITS_MAX:
        return False
    return kind != "port" or int(text) <= _PORT_MAX


def endpoint_of(text: str) -> tuple[str, int | None]:
    """Return (address, port) of an endpoint's text.

    >>> endpoint_of("[2001:db8::1]:22"), endpoint_of("192.0.2.1.22")
    (('2001:db8::1', 22), ('192.0.2.1', 22))
    """
    found = _ENDPOINT.fullmatch(text)
    if found is None:
        return text, None
    part = found.groupdict()
    port = part["ap"] or part["bp"] or part["cp"] or part["dp"]
    address = part["a"] or part["b"] or part["c"] or part["d"]
    return address, int(port) if port else None


def patterns_of(line: str) -> tuple[Pattern, ...]:
    """Return the patterns of a template line, one per combination of its choices.

    Raises `TemplateError` when a line cannot be matched.
    """
    return tuple(_pattern(parts_of(one), one) for one in expand(line))


def _pattern(parts: Sequence[Part], line: str) -> Pattern:
    literals = [part.text for part in parts if part.kind == "literal"]
    names = {part.text for part in parts if part.kind not in {"literal", "optional"}}
    lead = parts[0].text if parts and parts[0].kind == "literal" else ""
    rest = list(parts[1:] if lead else parts)
    texts = [i for i, part in enumerate(rest) if part.kind == "text"]
    free = texts[-1] if texts else len(rest)
    opening = _opening(lead, rest, free)
    return Pattern(
        lead=lead,
        needle=max(literals, key=len, default="").rstrip(),
        forward=_steps_forward(rest[:free], rest[free : free + 1], line),
        backward=_steps_backward(rest[free:], line),
        free=rest[free].text if texts else None,
        has_parties="user.name" in names and "source.address" in names,
        names_source="source.address" in names,
        opens=opening.rstrip(),
        tail=opening[len(opening.rstrip()) :],
    )


def _opening(lead: str, parts: Sequence[Part], free: int) -> str:
    """Return the literal before a free text that ends the line, empty when there is none.

    Records are read without the blanks that end them: an empty text takes those along.
    """
    if free != len(parts) - 1 or parts[free].text == "message":
        return ""
    if not free:
        return lead
    return parts[free - 1].text if parts[free - 1].kind == "literal" else ""


def _steps_forward(
    parts: Sequence[Part], after_all: Sequence[Part], line: str
) -> tuple[tuple[str, str, str], ...]:
    steps: list[tuple[str, str, str]] = []
    skip = False
    for part, after in zip(parts, [*parts[1:], *after_all, None][: len(parts)], strict=True):
        if skip:
            skip = False
            continue
        if part.kind in {"literal", "optional"}:
            steps.append((part.kind, part.text, ""))
        elif part.kind in {"text", "trusted"}:
            if after is None or after.kind != "literal":
                raise TemplateError(f"{part.kind} {part.text!r} must end at a literal in {line!r}")
            steps.append((part.kind, after.text, part.text))
            skip = True
        else:
            stop = after.text[0] if after is not None and after.kind == "literal" else " "
            steps.append((part.kind, stop, part.text))
    return tuple(steps)


def _steps_backward(parts: Sequence[Part], line: str) -> tuple[tuple[str, str, str], ...]:
    steps: list[tuple[str, str, str]] = []
    for i in range(len(parts) - 1, 0, -1):
        part, before = parts[i], parts[i - 1]
        if part.kind in {"literal", "optional"}:
            steps.append((part.kind, part.text, ""))
        elif part.kind in {"word", "host", "int", "port", "endpoint"}:
            stop = before.text[-1] if before.kind == "literal" else " "
            steps.append((part.kind, stop, part.text))
        else:
            raise TemplateError(f"{part.kind} {part.text!r} can't stand after free text: {line!r}")
    return tuple(steps)
