"""``tocsin rule explain ID [--event FILE]``: what a rule asks, and why an event matches or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.cli.output import print_json, safe, words
from tocsin.core.errors import UsageError
from tocsin.core.predicates import Correlation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.core.event import Event
    from tocsin.core.predicates import EventRule

EVENT_BYTES_MAX = 1 << 20


def explain(
    rule: EventRule | Correlation,
    *,
    event: str | None,
    others: Sequence[EventRule | Correlation],
    as_json: bool,
) -> int:
    """Print a rule in words, and for each event of a file whether it holds and why."""
    if isinstance(rule, Correlation):
        return _correlation(rule, event=event, others=others, as_json=as_json)
    from tocsin.detect.sigma.explaining import explained

    events: list[Event | None] = [*_events(event)] if event is not None else [None]
    for number, one in enumerate(events, start=1):
        parts = explained(rule, one)
        holds = None if one is None else all(part.holds for part in parts if part.depth == 0)
        if as_json:
            print_json({
                "id": rule.id, "title": rule.title, "event": None if one is None else number,
                "matches": holds, "parts": [part._asdict() for part in parts],
            })  # fmt: skip
            continue
        _print_head(rule)
        if one is not None:
            said = "matches" if holds else "does not match"
            print(f"event {number} {said}")
        for part in parts:
            mark = {None: " ", True: "+", False: "-"}[part.holds]
            found = "" if part.found is None else f"   <- {part.found!r}"
            print(safe(f"  {mark} {'  ' * part.depth}{part.text}{found}"))
    return 0


def _print_head(rule: EventRule | Correlation) -> None:
    print(safe(f"{rule.title} ({rule.level}, {rule.kind})"))
    if rule.description:
        print(safe(rule.description))


def _correlation(
    rule: Correlation,
    *,
    event: str | None,
    others: Sequence[EventRule | Correlation],
    as_json: bool,
) -> int:
    from tocsin.detect.sigma.correlation_words import asked_of

    if event is not None:
        raise UsageError("--event explains a rule about single events; ask for one of its rules")
    named = [one for one in others if one.id in rule.rules]
    if as_json:
        parts = [{"id": one.id, "title": one.title} for one in named]
        print_json({"id": rule.id, "title": rule.title, "asks": asked_of(rule), "rules": parts})
        return 0
    _print_head(rule)
    print(safe(asked_of(rule)))
    for one in named:
        print(safe(f"    {one.title}   {one.id}"))
    return 0


def _events(path: str) -> list[Event]:
    """Return the events of a file: JSON objects one per line, else log lines as they are."""
    from tocsin.parse.event_json import EventJsonError, read_event
    from tocsin.testing.rule_tests import events_of_lines

    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise UsageError(error.strerror or "can't be read", where=path) from error
    if len(data) > EVENT_BYTES_MAX:
        raise UsageError(f"is of {len(data):,} bytes, more than {EVENT_BYTES_MAX:,}", where=path)
    text = data.decode("utf-8", errors="backslashreplace").strip("\n")
    if not text:
        raise UsageError("holds no event", where=path)
    whole = _whole_object(text)
    if whole is not None:
        return _both(whole, text)
    found: list[Event] = []
    for line in text.split("\n"):
        try:
            found += _both(read_event(line), line)
        except EventJsonError:
            found += events_of_lines(line)
    return found


def _whole_object(text: str) -> dict[str, Any] | None:
    """Return the JSON object that a text is as a whole, laid flat."""
    from tocsin.parse.event_json import event_of

    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return event_of(document) if isinstance(document, dict) else None


def _both(event: Event, text: str) -> list[Event]:
    """Return an event as its writer named it, unless it is a log record that we know better."""
    from tocsin.testing.rule_tests import events_of_lines

    if any(name in event for name in ("event.dataset", "EventID", "Channel")):
        return [event]
    read = events_of_lines(json.dumps(json.loads(text)))
    known = [one for one in read if one.get("event.dataset") not in (None, "generic")]
    if not known:
        words("read as an event with its writer's names")
    return known or [event]
