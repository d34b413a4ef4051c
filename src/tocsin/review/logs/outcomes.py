"""Truth per event: how a line's attempt ended, and whom it came from.

The unit is one line, fed with its whole case as a log of its own. A failure or a success is
met when ``event.outcome`` is equal, and ``source.ip`` where the truth has a source; an
intrusion when the source is equal (an attack answered with 200 is a success to the server).
Where the truth has no source, naming an address that the line doesn't hold is an error.
``user.name`` is a second figure, over the rows that have one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tocsin.review.logs.report import (
    Feed,
    Report,
    address,
    brief,
    by_line,
    grouped,
    is_address,
    share,
    share_met,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.core.event import Event
    from tocsin.review.logs.rows import Row

OUTCOMES = ("failure", "success", "intrusion")
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]{3,}")
_GROUPS = {
    "authentication_failed": "failure",
    "authentication_failures": "failure",
    "invalid_login": "failure",
    "access_denied": "failure",
    "authentication_success": "success",
}


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """The truth about one line of a case; ``outcome`` None: only its names count."""

    id: str
    service: str
    lines: tuple[str, ...]
    at: int
    outcome: str | None
    source: str | None
    user: str | None

    @property
    def text(self) -> str:
        """The line itself."""
        return self.lines[self.at]


def line_outcomes(rows: Sequence[Row]) -> tuple[LineOutcome, ...]:
    """Return the truth of each row; raises `ConfigError` for a row that isn't of this form."""
    found = []
    for row in rows:
        lines, at = row.texts("lines"), row.number("line_index")
        if at >= len(lines):
            raise row.error("line_index", f"below the {len(lines)} lines", at)
        found.append(
            LineOutcome(
                id=row.text("id"), service=row.text("service"), lines=lines, at=at,
                outcome=row.one_of("outcome", OUTCOMES), source=row.text_or_none("source"),
                user=row.text_or_none("user"),
            )
        )  # fmt: skip
    return tuple(found)


def published_outcomes(rows: Sequence[Row]) -> tuple[LineOutcome, ...]:
    """Return the outcomes that published cases imply by the groups of the rule that fires.

    Only lines expected to pass under a rule whose groups say one outcome; neither source nor
    user is published.
    """
    found = []
    for row in rows:
        rule = row.fields.get("rule") or {}
        groups = [str(group).strip() for group in rule.get("groups") or ()]
        outcomes = {_GROUPS[group] for group in groups if group in _GROUPS}
        logs = row.objects("logs")
        if len(outcomes) != 1:
            continue
        lines = tuple(str(log.get("line")) for log in logs)
        found += [
            LineOutcome(f"{row.text('id')}#{at}", row.text("service"), lines, at,
                        min(outcomes), None, None)
            for at, log in enumerate(logs) if log.get("expect") == "pass"
        ]  # fmt: skip
    return tuple(found)


def decoded_fields(rows: Sequence[Row]) -> tuple[LineOutcome, ...]:
    """Return whom published decodings name: ``srcip`` and ``dstuser`` of a case's last line."""
    found = []
    for row in rows:
        lines, fields = row.texts("log"), row.fields.get("fields")
        if not lines or not isinstance(fields, dict):
            continue
        source, user = fields.get("srcip"), fields.get("dstuser") or fields.get("user")
        if source or user:
            found.append(
                LineOutcome(row.text("id"), str(fields.get("decoder")), lines, len(lines) - 1,
                            None, source, user)
            )  # fmt: skip
    return tuple(found)


def outcome_feeds(truths: Sequence[LineOutcome]) -> tuple[Feed, ...]:
    """Return each case as a log of its own."""
    return tuple(Feed(str(number), truth.lines) for number, truth in enumerate(truths))


@dataclass(frozen=True, slots=True)
class ScoredOutcome:
    """One line and the events that carry it; it is judged by the first."""

    truth: LineOutcome
    events: tuple[Event, ...]

    @property
    def _event(self) -> Event:
        return self.events[0] if self.events else {}

    @property
    def is_outcome(self) -> bool:
        """Tell whether the outcome is right; an intrusion's is free."""
        free = self.truth.outcome in {None, "intrusion"}
        return free or self._event.get("event.outcome") == self.truth.outcome

    @property
    def is_source(self) -> bool:
        """Tell whether the source is right, or none was made up where there is none."""
        if self.truth.source is None:
            return not self.is_made_up
        return address(self._event.get("source.ip")) == address(self.truth.source)

    @property
    def is_user(self) -> bool:
        """Tell whether the user is right."""
        return self._event.get("user.name") == self.truth.user

    @property
    def is_made_up(self) -> bool:
        """Tell whether an address is named that the line doesn't hold."""
        named = self._event.get("source.ip")
        if named is None or str(named) in self.truth.text:
            return False
        held = {
            address(text)
            for found in _ADDRESS.findall(self.truth.text)
            if is_address(text := found.strip(".:") or found)
        }
        return address(named) not in held

    @property
    def is_met(self) -> bool:
        """Tell whether outcome and source are right."""
        return self.is_outcome and self.is_source

    def to_json(self) -> dict[str, Any]:
        """Return the line of an item."""
        truth = self.truth
        return {
            "id": truth.id,
            "service": truth.service,
            "met": self.is_met,
            "outcome": truth.outcome,
            "source": truth.source,
            "user": truth.user,
            "events": [brief(event) for event in self.events],
            "line": truth.text,
        }


def score_outcomes(truths: Sequence[LineOutcome], events: Mapping[str, Sequence[Event]]) -> Report:
    """Return outcome, source and user accuracy, whole and per service."""
    scored = []
    for feed, truth in zip(outcome_feeds(truths), truths, strict=True):
        line = feed.first_lines()[truth.at]
        carried = by_line(events.get(feed.name, ())).get(line, [])
        scored.append(ScoredOutcome(truth, tuple(carried)))
    summary = {
        "truth": "event outcomes",
        "rows": len(scored),
        "outcomes": {
            outcome: share_met(one.is_met for one in rows)
            for outcome, rows in grouped(scored, lambda one: one.truth.outcome).items()
        },
        **_shares(scored),
        "per_service": {
            service: _shares(rows)
            for service, rows in grouped(scored, lambda one: one.truth.service).items()
        },
    }
    return Report(tuple(one.to_json() for one in scored), summary)


def _shares(scored: Sequence[ScoredOutcome]) -> dict[str, Any]:
    with_outcome = [one for one in scored if one.truth.outcome not in {None, "intrusion"}]
    sourceless = [one for one in scored if one.truth.source is None]
    made_up = share(sum(one.is_made_up for one in sourceless), len(sourceless))
    return {
        "met": share_met(one.is_met for one in scored),
        "outcome": share_met(one.is_outcome for one in with_outcome),
        "source": share_met(one.is_source for one in scored if one.truth.source is not None),
        "made_up_addresses": {"wrong": made_up["met"], "of": made_up["of"]},
        "user": share_met(one.is_user for one in scored if one.truth.user is not None),
    }
