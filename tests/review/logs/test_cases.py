"""Truth per rule: it fires on its events, by its id."""

from __future__ import annotations

import pytest

from tocsin.core.errors import ConfigError
from tocsin.review.logs.cases import (
    Expectation,
    Recording,
    RuleCase,
    rule_cases,
    score_cases,
    score_expectations,
    score_recordings,
)
from tocsin.review.logs.rows import Row


def test_a_rule_that_fires_on_one_of_its_events_is_met() -> None:
    cases = [RuleCase("r1", "one", ({}, {}), 2), RuleCase("r2", "two", ({},), 1)]
    events = [[{"rule.id": ["r0", "r1"]}, {}], [{"rule.id": ["r1"]}]]

    report = score_cases(cases, events)

    assert (report.summary["rules"]["met"], report.summary["rules"]["of"]) == (1, 2)
    assert (report.summary["events_fired_on"]["met"], report.summary["missed"]) == (1, ["two"])
    assert report.summary["as_often_as_published"]["of"] == 2
    assert report.items[0]["other_rules"] == ["r0"]


def test_a_case_needs_an_event() -> None:
    with pytest.raises(ConfigError, match=r't:1: "events" must be at least one event'):
        rule_cases([Row("t:1", {"rule_id": "r", "events": []})])


def test_expectations_of_other_rules_are_compared_at_medium_and_above() -> None:
    truths = [
        Expectation("a", "AWS", {}, is_expected=True, is_counted=True),
        Expectation("b", "AWS", {}, is_expected=False, is_counted=True),
        Expectation("c", "AWS", {}, is_expected=True, is_counted=False),
    ]
    events = [{"rule.id": ["r"]}, {"rule.id": ["info"]}, {}]

    summary = score_expectations(truths, events, {"r": "high", "info": "low"}).summary

    assert (summary["fires_where_expected"]["met"], summary["fires_where_expected"]["of"]) == (1, 1)
    assert summary["fires_where_not_expected"]["met"] == 0
    assert summary["not_counted"] == 1


def test_recordings_are_found_per_tactic() -> None:
    truths = [Recording("a", "Execution", 2), Recording("b", "Execution", 1)]

    summary = score_recordings(truths, {"a": ["r"]}).summary

    assert (summary["files"]["met"], summary["per_tactic"]["Execution"]["of"]) == (1, 2)
