"""The part of ``tocsin evaluate`` for logs: feed what a truth file holds, score what comes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tocsin.cli.output import print_json, words
from tocsin.core.errors import ConfigError, InputError, UsageError
from tocsin.review.logs import forms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tocsin.core.event import Event
    from tocsin.pipeline.matching import EventMatcher
    from tocsin.pipeline.wiring import Wiring
    from tocsin.review.logs.report import Feed, Report


@dataclass(slots=True)
class Setting:
    """What an evaluation runs with; ``problems`` grows with what could not be read."""

    folder: Path
    rules: tuple[Path, ...]
    jobs: int = 1
    problems: list[InputError] = field(default_factory=list)

    def problem(self, error: InputError) -> None:
        """Say that something could not be read, and remember it."""
        words(str(error))
        self.problems.append(error)

    def wiring(self) -> Wiring:
        """Return the engine's wiring with these rules."""
        from tocsin.pipeline.assemble import assemble

        return assemble(config=None, rules=tuple(map(str, self.rules)))

    def matcher(self) -> EventMatcher:
        """Return what marks events with these rules; says how many of them can't run."""
        from tocsin.pipeline.matching import load_matcher

        matcher, verdicts = load_matcher(self.rules)
        refused = sum(verdict.status != "ok" for verdict in verdicts)
        if refused:
            words(f"{refused:,} of {len(verdicts):,} rules can't run: see tocsin rule check")
        return matcher


def evaluate(truth: forms.Truth, setting: Setting, *, with_all: bool) -> Report:
    """Print a line per item that isn't met (or per item), and the summary; return both."""
    report = _SCORES[truth.unit](truth.rows, setting)
    for item in report.items:
        if with_all or item["met"] is False or item.get("wrong"):
            print_json(item)
    print_json({"summary": report.summary})
    return report


def _events(
    feeds: Sequence[Feed], *, year: int | None = None, zone: str = "UTC"
) -> dict[str, list[Event]]:
    from tocsin.pipeline.trials import events_of_logs

    logs = {feed.name: feed.content() for feed in feeds}
    # What can't be read as a log has no events: a miss, and no fault of the truth file.
    return events_of_logs(logs, year=year, zone=zone, problem=lambda error: words(str(error)))


def _lines(lines: Sequence[Any], _: Setting) -> Report:
    from tocsin.review.logs.lines import YEAR, ZONE, line_feeds, score_lines

    return score_lines(lines, _events(line_feeds(lines), year=YEAR, zone=ZONE))


def _outcomes(truths: Sequence[Any], _: Setting) -> Report:
    from tocsin.review.logs.outcomes import outcome_feeds, score_outcomes

    return score_outcomes(truths, _events(outcome_feeds(truths)))


def _sources(truths: Sequence[Any], setting: Setting) -> Report:
    from tocsin.pipeline.trials import trials
    from tocsin.review.logs.incidents import score_sources

    files = {one.file: str(setting.folder / one.file) for one in truths}
    found = trials(list(files.values()), wiring=setting.wiring(), jobs=setting.jobs)
    incidents, reasons = {}, {}
    for file, trial in zip(files, found, strict=True):
        incidents[file] = trial.incidents
        for error in trial.problems:
            setting.problem(error)
            reasons[file] = error.reason
    return score_sources(truths, incidents, reasons)


def _requests(truths: Sequence[Any], setting: Setting) -> Report:
    from tocsin.pipeline.trials import attacks_in_access_log, attacks_in_requests
    from tocsin.review.logs.requests import score_requests

    whole = attacks_in_requests(
        [one.as_json() for one in truths], matcher=setting.matcher(), problem=setting.problem
    )
    logged = [number for number, one in enumerate(truths) if one.is_in_access_log]
    in_log = attacks_in_access_log(
        [truths[number].as_access_line(number) for number in logged],
        {truths[number].address(number): number for number in logged},
        wiring=setting.wiring(),
    )
    return score_requests(truths, whole, in_log)


def _cases(cases: Sequence[Any], setting: Setting) -> Report:
    from tocsin.pipeline.trials import marked_events
    from tocsin.review.logs.cases import score_cases

    if not setting.rules:
        raise UsageError("this truth names rules: say where they are (--rules DIR or ARCHIVE)")
    matcher = setting.matcher()
    return score_cases(cases, [marked_events(case.events, matcher=matcher) for case in cases])


def _expectations(truths: Sequence[Any], setting: Setting) -> Report:
    from tocsin.pipeline.trials import marked_events
    from tocsin.review.logs.cases import score_expectations

    matcher = setting.matcher()
    events = marked_events([truth.event for truth in truths], matcher=matcher)
    return score_expectations(truths, events, matcher.levels())


def _recordings(truths: Sequence[Any], setting: Setting) -> Report:
    from tocsin.pipeline.trials import marked_events
    from tocsin.review.logs.cases import score_recordings
    from tocsin.review.logs.rows import json_rows

    place = next(iter(sorted(setting.folder.glob("events.jsonl*"))), None)
    if place is None:
        raise ConfigError(
            "expected events.jsonl with the recordings' events", where=str(setting.folder)
        )
    matcher = setting.matcher()
    fired: dict[str, dict[str, None]] = {}
    for row in json_rows(content_of(str(place)), where=str(place)):
        event = row.fields.get("event")
        if not isinstance(event, dict):
            raise row.error("event", "an object", event)
        (marked,) = marked_events([event], matcher=matcher)
        rules = marked.get("rule.id") or ()
        fired.setdefault(row.text("file"), {}).update(dict.fromkeys(rules))
    return score_recordings(truths, {file: list(rules) for file, rules in fired.items()})


def _groups(lines: Sequence[Any], _: Setting) -> Report:
    from tocsin.review.logs.groups import score_groups

    return score_groups(lines)


_SCORES: Mapping[str, Callable[[Sequence[Any], Setting], Report]] = {
    forms.LINES: _lines,
    forms.OUTCOMES: _outcomes,
    forms.SOURCES: _sources,
    forms.REQUESTS: _requests,
    forms.CASES: _cases,
    forms.EXPECTATIONS: _expectations,
    forms.RECORDINGS: _recordings,
    forms.GROUPS: _groups,
}


def content_of(path: str) -> bytes:
    """Return a file's content, decompressed; raises `InputError` when it can't be read whole."""
    from tocsin.collect.source import open_source

    source = open_source(path, site=path, is_unfolded=False)
    return b"".join(bytes(block.data) for block in source.blocks())
