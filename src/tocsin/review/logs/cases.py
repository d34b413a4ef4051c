"""Truth per rule or per file of events: which rules fire.

A *case* holds the events on which one published rule must fire, by its id; it is met when
the rule fires on at least one of them. An *expectation* is one event on which somebody
else's rule fires or not: a comparison of ours with theirs, with no figure to reach. A
*recording* is a file of events of one tactic; found is one on which any rule fires.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tocsin.core.vocabulary import level_rank
from tocsin.review.logs.report import Report, grouped, share, share_met

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.core.event import Event
    from tocsin.review.logs.rows import Row

_MEDIUM = level_rank("medium")


@dataclass(frozen=True, slots=True)
class RuleCase:
    """Events, and the id of the rule that must fire; ``matches``: on how many, if known."""

    rule_id: str
    title: str
    events: tuple[Mapping[str, Any], ...]
    matches: int | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """One event; whether somebody else's rule fires on it. Not counted if it needs a mock."""

    id: str
    log_type: str
    event: Mapping[str, Any]
    is_expected: bool
    is_counted: bool


@dataclass(frozen=True, slots=True)
class Recording:
    """One file of events, all of one tactic."""

    file: str
    tactic: str
    events: int


def rule_cases(rows: Sequence[Row]) -> tuple[RuleCase, ...]:
    """Return the case of each row; raises `ConfigError` for a row that isn't of this form."""
    found = []
    for row in rows:
        events = row.objects("events")
        if not events:
            raise row.error("events", "at least one event", [])
        matches = None if row.fields.get("match_count") is None else row.number("match_count")
        title = row.text_or_none("title") or ""
        found.append(RuleCase(row.text("rule_id"), title, events, matches))
    return tuple(found)


def expectations(rows: Sequence[Row]) -> tuple[Expectation, ...]:
    """Return the expectation of each row; raises `ConfigError` for one not of this form."""
    found = []
    for row in rows:
        event, log_types = row.fields.get("event"), row.texts("log_types")
        if not isinstance(event, dict):
            raise row.error("event", "an object", event)
        found.append(
            Expectation(row.text("id"), log_types[0] if log_types else "unknown", event,
                        row.flag("expect"), not row.flag("mocks", default=False))
        )  # fmt: skip
    return tuple(found)


def recordings(rows: Sequence[Row]) -> tuple[Recording, ...]:
    """Return the recording of each row; raises `ConfigError` for one not of this form."""
    return tuple(Recording(r.text("file"), r.text("tactic"), r.number("events")) for r in rows)


def score_cases(cases: Sequence[RuleCase], events: Sequence[Sequence[Event]]) -> Report:
    """Return how many rules fire on their events; ``events`` are those of each case."""
    items, hits = [], []
    for case, marked in zip(cases, events, strict=True):
        fired = sum(case.rule_id in (event.get("rule.id") or ()) for event in marked)
        hits.append(fired)
        others = dict.fromkeys(rule for event in marked for rule in event.get("rule.id") or ())
        items.append(
            {
                "rule_id": case.rule_id,
                "title": case.title,
                "met": fired > 0,
                "events": len(case.events),
                "fired_on": fired,
                "matches_published": case.matches,
                "other_rules": [rule for rule in others if rule != case.rule_id],
            }
        )
    counted = [(case, n) for case, n in zip(cases, hits, strict=True) if case.matches is not None]
    summary = {
        "truth": "rules on their events",
        "rules": share_met(fired > 0 for fired in hits),
        "events_fired_on": share(sum(hits), sum(len(case.events) for case in cases)),
        "as_often_as_published": share_met(case.matches == n for case, n in counted),
        "missed": [
            case.title or case.rule_id for case, n in zip(cases, hits, strict=True) if not n
        ],
    }
    return Report(tuple(items), summary)


def score_expectations(
    truths: Sequence[Expectation], events: Sequence[Event], levels: Mapping[str, str]
) -> Report:
    """Return on how many of their events a rule of ours at ``medium`` or above fires.

    ``levels`` are those of our rules, by id.
    """
    items: list[dict[str, Any]] = []
    for truth, event in zip(truths, events, strict=True):
        rules = event.get("rule.id") or []
        does_fire = any(level_rank(levels.get(rule, "info")) >= _MEDIUM for rule in rules)
        met = does_fire == truth.is_expected if truth.is_counted else None
        items.append(
            {"id": truth.id, "log_type": truth.log_type, "expected": truth.is_expected,
             "met": met, "fires": does_fire, "rules": rules}
        )  # fmt: skip
    counted = [item for item in items if item["met"] is not None]
    summary = {
        "truth": "events on which other rules fire",
        "rows": len(items),
        "not_counted": len(items) - len(counted),
        **_fires(counted),
        "per_log_type": {
            log_type: _fires(rows)
            for log_type, rows in grouped(counted, lambda item: item["log_type"]).items()
        },
    }
    return Report(tuple(items), summary)


def _fires(items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "fires_where_expected": share_met(i["fires"] for i in items if i["expected"]),
        "fires_where_not_expected": share_met(i["fires"] for i in items if not i["expected"]),
    }


def score_recordings(truths: Sequence[Recording], fired: Mapping[str, Sequence[str]]) -> Report:
    """Return how many recordings any rule fires on, per tactic; ``fired`` by file."""
    items = [
        {"file": truth.file, "tactic": truth.tactic, "events": truth.events,
         "met": bool(fired.get(truth.file)), "rules": list(fired.get(truth.file, ()))}
        for truth in truths
    ]  # fmt: skip
    summary = {
        "truth": "recordings by tactic",
        "files": share_met(bool(item["met"]) for item in items),
        "per_tactic": {
            tactic: share_met(bool(item["met"]) for item in rows)
            for tactic, rows in grouped(items, lambda item: item["tactic"]).items()
        },
    }
    return Report(tuple(items), summary)
