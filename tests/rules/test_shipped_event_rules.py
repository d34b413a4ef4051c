"""The shipped event rules: complete, and right by their own tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.core.predicates import Correlation, EventRule
from tocsin.settings.resources import shipped
from tocsin.settings.sigma.load import load_event_rules
from tocsin.testing.rule_tests import outcomes_of

LOADED = load_event_rules([shipped("rules") / "events"])
RULES = [rule for rule in LOADED.all if not rule.is_part]


def test_every_shipped_rule_loads() -> None:
    assert [v for v in LOADED.verdicts if v.status != "ok"] == []


def test_there_are_enough_of_each_area() -> None:
    areas = {Path(rule.path).parent.name for rule in RULES}

    assert {"linux", "auth", "web", "mail", "database", "container", "cloud", "network"} <= areas
    assert len(RULES) >= 140
    assert sum(any(isinstance(c, str) for c in rule.positive) for rule in RULES) >= 40


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: Path(rule.path).stem)
def test_a_rule_is_whole_and_passes_its_own_tests(rule: EventRule | Correlation) -> None:
    assert rule.description
    assert rule.runbook
    assert rule.falsepositives
    assert rule.techniques or rule.kind == "log_anomaly"
    assert rule.positive
    assert rule.negative
    assert [one.given for one in outcomes_of(rule, LOADED.all) if not one.ok] == []
