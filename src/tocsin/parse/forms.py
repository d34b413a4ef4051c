"""The form in which templates are written: a line that reads like the message.

Literal text stands for itself; ``{name}`` is a field; ``[text]`` optional literal text;
``<a|b>`` one of several texts. A backslash takes the next character literally. A field
may say its type, ``{name:type}``; without a name it is only skipped. Types:

``text``      anything: what remains, or up to a literal that must occur exactly once
``word``      no space, and not the character that follows
``host``      an address, or a name that is then only claimed
``int``, ``port``
``endpoint``  an address and a port: ``192.0.2.1:22``, ``[2001:db8::1]:22``, ``192.0.2.1.22``
``stamp``     a time in any usual form
``quoted``    up to the quotation mark that no backslash escapes, marks included
``trusted``   text that the log's writer alone chooses, up to the next literal or the end

``endpoint``, ``stamp`` and ``quoted`` exist only outside kernels (`tocsin.parse.pattern`). Without
a type, ``source.address`` is a host, ``source.port`` a port, ``tocsin.count`` an int, the rest
text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPES = frozenset(("text", "word", "host", "int", "port", "endpoint", "stamp", "quoted", "trusted"))
_TYPE_OF = {"source.address": "host", "source.port": "port", "tocsin.count": "int"}
_PART = re.compile(
    r"\\(?P<escaped>.)|\{(?P<name>[@a-z0-9._]*)(?::(?P<type>[a-z]+))?\}|\[(?P<optional>[^\]]+)\]"
    r"|(?P<plain>.)"
)
_CHOICE = re.compile(r"(?<!\\)<((?:[^<>\\|]|\\.)*+\|(?:[^<>\\]|\\.)*+)>")
_BAR = re.compile(r"(?<!\\)\|")


class TemplateError(ValueError):
    """A template's line does not follow the form, or cannot be matched without doubt."""


@dataclass(frozen=True, slots=True)
class Part:
    """A literal, optional literal, or field of a template's line."""

    kind: str  # "literal", "optional", or the type of a field
    text: str  # the literal, or the field's name


def expand(line: str) -> Iterator[str]:
    """Yield a line once per combination of its ``<a|b>`` choices.

    >>> list(expand("Connection <closed|reset> by {source.address}"))[1]
    'Connection reset by {source.address}'
    """
    pieces = _CHOICE.split(line)
    choices = [_BAR.split(p) if i % 2 else [p] for i, p in enumerate(pieces)]
    for combination in product(*choices):
        yield "".join(combination)


def parts_of(line: str) -> tuple[Part, ...]:
    """Return the parts of an expanded line; raises `TemplateError` where it has no meaning."""
    return tuple(_settled(list(unsettled_parts_of(line))))


def unsettled_parts_of(line: str) -> tuple[Part, ...]:
    """Return the parts of an expanded line as they are written, before any is settled."""
    parts: list[Part] = []
    for found in _PART.finditer(line):
        name = found["name"]
        if name is not None:
            kind = found["type"] or _TYPE_OF.get(name, "text")
            if kind not in TYPES:
                raise TemplateError(f"unknown type {kind!r} in {line!r}")
            parts.append(Part(kind, name))
            continue
        if found["optional"] is not None:
            parts.append(Part("optional", found["optional"]))
            continue
        text = found["escaped"] or found["plain"]
        if parts and parts[-1].kind == "literal":
            text = parts.pop().text + text
        parts.append(Part("literal", text))
    return tuple(parts)


def _settled(parts: list[Part]) -> list[Part]:
    """Return parts in which text behind the address ends at the first literal that can end it.

    Nothing that stands there can name another source, so it need not be free of doubt. What the
    writer alone chooses is any text where it ends the line.
    """
    if parts and parts[-1].kind == "trusted":
        parts = [*parts[:-1], Part("text", parts[-1].text)]
    named = [i for i, part in enumerate(parts) if part.text.startswith("source.")]
    texts = [i for i, part in enumerate(parts) if part.kind == "text"]
    if not named:
        return parts
    return [
        Part("trusted", part.text) if part.kind == "text" and named[-1] < i < texts[-1] else part
        for i, part in enumerate(parts)
    ]
