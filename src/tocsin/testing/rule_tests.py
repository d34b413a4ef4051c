"""The tests that event rules carry: events or raw log lines that a rule holds for, and others.

The test of a correlation is a list of these, a second apart unless they say when they were
(``@timestamp``). In an event ``tocsin.repeat: 5`` stands for five of its kind, in which ``{n}`` is
1 to 5.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tocsin.core.inputs import Block
from tocsin.core.predicates import Correlation, EventRule
from tocsin.core.times import NS_PER_S, parse_rfc3339
from tocsin.detect.sigma.correlating import Correlator, Match, Raised
from tocsin.detect.sigma.ruleset import RuleSet
from tocsin.kernels.log_scan import Stamps
from tocsin.parse.reader import EventReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tocsin.core.event import Event

_YEAR, _START_NS = 2026, 1_770_112_800_000_000_000
_REPEAT, _REPEAT_MAX = "tocsin.repeat", 10_000


class RuleTest(NamedTuple):
    """One test of a rule: what it was given, whether it should hold, whether it did."""

    rule: EventRule | Correlation
    given: str
    expected: bool
    found: bool

    @property
    def ok(self) -> bool:
        """Whether the rule did what its test says."""
        return self.expected is self.found


def outcomes_of(
    rule: EventRule | Correlation, others: Sequence[EventRule | Correlation]
) -> Iterator[RuleTest]:
    """Run the tests of a rule, each alone; ``others`` holds the rules that a correlation names."""
    rules = RuleSet([rule] if isinstance(rule, EventRule) else [])
    for cases, expected in ((rule.positive, True), (rule.negative, False)):
        for case in cases:
            if isinstance(rule, Correlation):
                found = correlated(rule, case, others)
            else:
                found = any(rules.match(event) for event in events_of_case(case))
            given = case if isinstance(case, str) else json.dumps(case, default=str)
            yield RuleTest(rule, given, expected, found)


def correlated(rule: Correlation, case: Any, others: Sequence[EventRule | Correlation]) -> bool:
    """Tell whether a correlation holds at any of the events of a test."""
    singles = RuleSet([one for one in others if isinstance(one, EventRule)])
    correlator = Correlator([one for one in others if isinstance(one, Correlation)] or [rule])
    found: list[Raised] = []
    at_ns = _START_NS
    for event in _series(case):
        stamp = event.get("@timestamp")
        at_ns = parse_rfc3339(stamp) if isinstance(stamp, str) else at_ns + NS_PER_S
        found += correlator.advance(at_ns)
        parties = (str(event.get("source.ip", "")), "", str(event.get("user.name", "")))
        hits = [hit.rule.id for hit in singles.match(event)]
        found += correlator.take(hits, Match(at_ns, event, parties))
    return any(one.correlation.id == rule.id for one in found)


def _series(case: Any) -> Iterator[Event]:
    for one in case if isinstance(case, list) else [case]:
        times = one.get(_REPEAT, 1) if isinstance(one, dict) else 1
        for number in range(1, min(int(times), _REPEAT_MAX) + 1):
            for event in events_of_case(one):
                event.pop(_REPEAT, None)
                yield {
                    name: value.replace("{n}", str(number)) if isinstance(value, str) else value
                    for name, value in event.items()
                }


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
    return Stamps(year=_YEAR, zone="UTC", fallback_ns=_START_NS, newest=None)
