"""Event rules as data: what a Sigma rule asks of an event, without the library that read it.

A condition is nested lists, so that it can be cached as JSON: ``["and", [...]]``,
``["or", [...]]``, ``["not", condition]``, ``["field", name, operation, value, is_cased]`` and
``["any", operation, value, is_cased]`` (a keyword, in any field). Operations: ``is``,
``contains``, ``begins``, ``ends`` (text); ``glob`` (texts with ``*`` and ``?`` between them, as
one-element lists); ``re`` ([pattern, flags]); ``number``; ``compare`` ([sign, number]);
``cidr``; ``null``; ``exists`` (true or false); ``ref`` (another field); ``bool``. Source: the
Sigma specification 2.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Condition = list[Any]


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

    @property
    def techniques(self) -> tuple[str, ...]:
        """The ATT&CK techniques among its tags, in capitals."""
        return tuple(
            tag.removeprefix("attack.").upper() for tag in self.tags if tag.startswith("attack.t")
        )


@dataclass(frozen=True, slots=True)
class RuleHit:
    """An event rule that holds for an event."""

    rule: EventRule
