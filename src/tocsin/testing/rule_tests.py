"""The tests that event rules carry: events or raw log lines that a rule holds for, and others."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tocsin.core.inputs import Block
from tocsin.detect.sigma.ruleset import RuleSet
from tocsin.kernels.log_scan import Stamps
from tocsin.parse.reader import EventReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.event import Event
    from tocsin.core.predicates import EventRule

_YEAR, _FALLBACK_NS = 2026, 1_770_112_800_000_000_000


class RuleTest(NamedTuple):
    """One test of a rule: what it was given, whether it should hold, whether it did."""

    rule: EventRule
    given: str
    expected: bool
    found: bool

    @property
    def ok(self) -> bool:
        """Whether the rule did what its test says."""
        return self.expected is self.found


def tested(rule: EventRule) -> Iterator[RuleTest]:
    """Run the tests of a rule, each alone."""
    rules = RuleSet([rule])
    for cases, expected in ((rule.positive, True), (rule.negative, False)):
        for case in cases:
            found = any(rules.match(event) for event in events_of_case(case))
            given = case if isinstance(case, str) else json.dumps(case, default=str)
            yield RuleTest(rule, given, expected, found)


def events_of_case(case: Any) -> list[Event]:
    """Return the events of a test: one that is written out, or those of raw lines."""
    return [dict(case)] if isinstance(case, dict) else events_of_lines(str(case))


def events_of_lines(text: str) -> list[Event]:
    """Return the events of raw log lines, as ``tocsin parse`` gives them."""
    reader = EventReader("test", stamps=_stamps())
    data = text.encode("utf-8", "surrogateescape") + b"\n"
    return [*reader.feed(Block("test", data, 0)), *reader.finish()]


@lru_cache(maxsize=1)
def _stamps() -> Stamps:
    return Stamps(year=_YEAR, zone="UTC", fallback_ns=_FALLBACK_NS, newest=None)
