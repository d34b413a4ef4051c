"""What a scored truth file gives: its items, and shares with numerator and denominator."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
    from typing import TypeVar

    from tocsin.core.event import Event

    T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Report:
    """One line per item, each with ``met`` (None: not counted), and the summary."""

    items: tuple[Mapping[str, Any], ...]
    summary: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Feed:
    """Records to be read as one log of their own; ``name`` says which.

    ``texts`` are whole records without their line feed; one may span several lines.
    """

    name: str
    texts: tuple[str, ...]

    def content(self) -> bytes:
        """Return the log's bytes."""
        return "".join(f"{text}\n" for text in self.texts).encode("utf-8", "surrogateescape")

    def first_lines(self) -> tuple[int, ...]:
        """Return the number of each record's first line, from 1."""
        numbers, number = [], 1
        for text in self.texts:
            numbers.append(number)
            number += 1 + text.count("\n")
        return tuple(numbers)


def share(met: int, of: int) -> dict[str, float | None]:
    """Return a share for the summary; null over nothing.

    >>> share(3, 4), share(0, 0)
    ({'met': 3, 'of': 4, 'share': 0.75}, {'met': 0, 'of': 0, 'share': None})
    """
    return {"met": met, "of": of, "share": round(met / of, 5) if of else None}


def share_met(flags: Iterable[bool]) -> dict[str, float | None]:
    """Return how many of the flags are true."""
    all_flags = list(flags)
    return share(sum(all_flags), len(all_flags))


def grouped(items: Iterable[T], key: Callable[[T], Hashable]) -> dict[str, list[T]]:
    """Return the items by key, the keys as text and in order."""
    found: dict[str, list[T]] = {}
    for item in items:
        found.setdefault(str(key(item)), []).append(item)
    return dict(sorted(found.items()))


def address(text: object) -> str | None:
    """Return an address in its one form (mapped IPv4 as IPv4, no zone), else the text itself.

    >>> address("::ffff:203.0.113.9"), address("fe80::1%eth0"), address("web01"), address(None)
    ('203.0.113.9', 'fe80::1', 'web01', None)
    """
    if text is None:
        return None
    plain = str(text).partition("%")[0]
    try:
        parsed = ip_address(plain)
    except ValueError:
        return str(text)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(parsed)


def is_address(text: str) -> bool:
    """Tell whether a text is an IP address."""
    try:
        ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


def by_line(events: Sequence[Event]) -> dict[int, list[Event]]:
    """Return the events of one log by each line they carry; a joined one stands under several.

    ``log.lines`` is how many lines were joined, or which.
    """
    found: dict[int, list[Event]] = {}
    for event in events:
        first, joined = event["log.line"], event.get("log.lines")
        lines: Iterable[int] = (first,)
        if isinstance(joined, int):
            lines = range(first, first + joined)
        elif joined:
            lines = dict.fromkeys((first, *joined))
        for line in lines:
            found.setdefault(line, []).append(event)
    return found


def brief(event: Event) -> dict[str, Any]:
    """Return what a scored line's event said."""
    names = ("event.action", "event.outcome", "event.category", "source.ip", "user.name")
    return {name: event[name] for name in names if event.get(name) is not None}
