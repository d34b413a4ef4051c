"""Event rules as data: what a Sigma rule asks of an event, without the library that read it.

A condition is nested lists, so that it can be cached as JSON: ``["and", [...]]``,
``["or", [...]]``, ``["not", condition]``, ``["field", name, operation, value, is_cased]`` and
``["any", operation, value, is_cased]`` (a keyword, in any field). Operations: ``is``,
``contains``, ``begins``, ``ends`` (text); ``glob`` (texts with ``*`` and ``?`` between them, as
one-element lists); ``re`` ([pattern, flags]); ``number``; ``compare`` ([sign, number]);
``cidr``; ``null``; ``exists`` (true or false); ``ref``, ``ref_begins``, ``ref_ends`` and
``ref_contains`` (another field); ``time`` ([part, number]); ``bool``. Source: the Sigma
specification 2.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Condition = list[Any]
CORRELATION_TYPES = (
    "event_count", "value_count", "temporal", "temporal_ordered", "value_sum", "value_avg",
    "value_median", "value_percentile",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LogSource:
    """What kind of log a rule is about; an empty part asks for nothing."""

    category: str = ""
    product: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True)
class EventRule:
    """A rule about single events.

    ``kind`` is the kind of incident that it ends in, ``entity`` names the fields of attacker,
    victim and user; ``positive`` and ``negative`` are its own tests (events or lines).
    ``is_part``: it only counts for correlations and is not raised by itself.
    """

    id: str
    title: str
    level: str
    logsource: LogSource
    condition: Condition
    kind: str
    path: str = ""
    line: int = 1
    status: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    falsepositives: tuple[str, ...] = ()
    runbook: tuple[str, ...] = ()
    entity: dict[str, str] = field(default_factory=dict)
    positive: tuple[Any, ...] = ()
    negative: tuple[Any, ...] = ()
    name: str = ""
    is_part: bool = False

    @property
    def techniques(self) -> tuple[str, ...]:
        """The ATT&CK techniques among its tags, in capitals."""
        return _techniques(self.tags)


def _techniques(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(tag.removeprefix("attack.").upper() for tag in tags if tag.startswith("attack.t"))


@dataclass(frozen=True, slots=True)
class Correlation:
    """A rule about several events: how many, how many different, or which ones in what order.

    ``type`` is one of `CORRELATION_TYPES`; ``rules`` are the ids of the rules whose events count.
    Events are told apart by the values of ``group_by``; ``aliases`` maps a name used there to
    the field that holds it in the events of each rule. They count within ``timespan_ns``;
    ``sign`` and ``bound`` say how many it takes, ``fields`` what is counted or measured.
    ``shows_parts``: its rules are also raised by themselves.
    """

    id: str
    title: str
    level: str
    type: str
    rules: tuple[str, ...]
    timespan_ns: int
    kind: str
    group_by: tuple[str, ...] = ()
    aliases: dict[str, dict[str, str]] = field(default_factory=dict)
    sign: str = ">="
    bound: float = 1.0
    fields: tuple[str, ...] = ()
    percentile: float = 50.0
    shows_parts: bool = False
    name: str = ""
    path: str = ""
    line: int = 1
    status: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    falsepositives: tuple[str, ...] = ()
    runbook: tuple[str, ...] = ()
    entity: dict[str, str] = field(default_factory=dict)
    positive: tuple[Any, ...] = ()
    negative: tuple[Any, ...] = ()
    is_part: bool = False

    @property
    def techniques(self) -> tuple[str, ...]:
        """The ATT&CK techniques among its tags, in capitals."""
        return _techniques(self.tags)

    def field_of(self, name: str, rule: str) -> str:
        """Return the field that a name stands for in the events of a rule."""
        return self.aliases.get(name, {}).get(rule, name)


@dataclass(frozen=True, slots=True)
class RuleHit:
    """An event rule that holds for an event."""

    rule: EventRule
