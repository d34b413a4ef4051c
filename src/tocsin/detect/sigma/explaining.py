"""Why a rule holds for an event or not: its condition in words, part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tocsin.detect.sigma.matchers import matcher
from tocsin.detect.sigma.names import ALIASES, names_for
from tocsin.detect.sigma.seen import Seen, texts_of
from tocsin.detect.sigma.sources import sources_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tocsin.core.predicates import Condition, EventRule, LogSource

VALUE_CHARACTERS_MAX = 160
_WORDS = {
    "is": "is", "contains": "contains", "begins": "begins with", "ends": "ends with",
    "glob": "is of the form", "re": "matches", "number": "is the number", "compare": "is",
    "cidr": "lies in", "null": "is missing or empty", "exists": "is there", "bool": "is",
    "ref": "equals the field", "ref_begins": "begins with the field",
    "ref_ends": "ends with the field", "ref_contains": "contains the field", "time": "has as",
}  # fmt: skip


class Part(NamedTuple):
    """A part of a condition: how deep it stands, what it asks, whether it holds, on what."""

    depth: int
    text: str
    holds: bool | None
    found: str | None


def explained(rule: EventRule, event: Mapping[str, Any] | None = None) -> list[Part]:
    """Return the parts of a rule, outermost first; without an event ``holds`` is None.

    The first part is the log source that the rule is about.
    """
    seen = admitted = None
    if event is not None:
        sources = sources_of(event)
        seen, admitted = Seen(event, names_for(sources)), sources.admit(rule.logsource)
    first = Part(0, f"log source: {source_text(rule.logsource)}", admitted, None)
    return [first, *_parts(rule.condition, seen, 0)]


def source_text(source: LogSource) -> str:
    """Return a log source in words, ``any`` for an empty one."""
    said = [
        f"{name} {value}"
        for name in ("category", "product", "service")
        if (value := getattr(source, name))
    ]
    return ", ".join(said) or "any"


def _parts(condition: Condition, seen: Seen | None, depth: int) -> Iterator[Part]:
    holds = None if seen is None else matcher(condition)(seen)
    match condition[0]:
        case "and" | "or":
            text = "all of" if condition[0] == "and" else "any of"
            yield Part(depth, f"{text} these {len(condition[1])}", holds, None)
            for one in condition[1]:
                yield from _parts(one, seen, depth + 1)
        case "not":
            yield Part(depth, "not", holds, None)
            yield from _parts(condition[1], seen, depth + 1)
        case "any":
            yield Part(depth, f"the record {_asks(condition[1], condition[2])}", holds, None)
        case _:
            _, name, operation, value, is_cased = condition
            text = f"{_named(name)} {_asks(operation, value)}{' (in this case)' * is_cased}"
            found = None
            if seen is not None:
                held = texts_of(seen.value(name))
                found = ", ".join(held)[:VALUE_CHARACTERS_MAX] if held else "(no such field)"
            yield Part(depth, text, holds, found)


def _named(name: str) -> str:
    others = ALIASES.get(name, ())
    return f"{name} ({' or '.join(others)})" if others else name


def _asks(operation: str, value: Any) -> str:
    word = _WORDS[operation]
    match operation:
        case "null":
            return word
        case "exists":
            return word if value else "is not there"
        case "glob":
            form = "".join(p[0] if isinstance(p, list) else p for p in value)
            return f"{word} {form!r}"
        case "re":
            return f"{word} /{value[0]}/{value[1]}"
        case "compare":
            return f"{word} {value[0]} {value[1]:g}"
        case "time":
            return f"{word} {value[0]} {value[1]}"
        case "cidr" | "number" | "bool" | "ref" | "ref_begins" | "ref_ends" | "ref_contains":
            return f"{word} {value}"
        case _:
            return f"{word} {value!r}"
