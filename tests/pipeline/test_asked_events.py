"""What only event rules ask for, they alone hear of: others remember the same without it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tocsin.core.inputs import Block, SourceStatus
from tocsin.core.predicates import EventRule, LogSource
from tocsin.detect.event_rules import EventRules
from tocsin.detect.sigma.ruleset import RuleSet
from tocsin.pipeline.engine import Engine
from tocsin.testing.scenes import wiring

LINE = '10.0.0.9 - - [01/Jan/2026:10:00:00 +0000] "GET /?wanted HTTP/1.1" 200 9 "-" "Mozilla/5.0"\n'
RULE = EventRule(
    "r", "r", "low", LogSource(category="webserver"),
    ["field", "cs-uri-query", "contains", "wanted", False], "web_scan",
)  # fmt: skip


def remembered(*rules: EventRule) -> dict[str, Any]:
    """Return what each detector remembers of a line."""
    wired = replace(wiring(), event_rules=RuleSet(rules))
    engine = Engine(wired, hold=False)
    list(engine.feed(SourceStatus("access.log", "opened", "log", "site")))
    list(engine.feed(Block("access.log", LINE.encode(), 0)))
    names = [detector.name for detector in wired.detectors(medium="log")]
    (source,) = engine.state()["sources"].values()
    return dict(zip(names, source["detectors"], strict=True))


def test_a_line_that_a_rule_asks_for_is_heard_by_event_rules_alone() -> None:
    with_rule, without = remembered(RULE), remembered()

    differing = [name for name, state in with_rule.items() if state != without[name]]

    assert differing == [EventRules.name]
