"""Truth per log line: whose failure a line is, or whom it must not name.

The unit is one line, fed with the other lines of its group (one process, one connection) as
a log of its own. A *positive* is met by an event of that line (of any line of the group,
where the record spans several) with ``source.ip`` = ``host``, and the outcome where the truth
has one; with intrusions in place of failures it is a second figure. A *negative* is met
while no event of that line names an address outside those it may. Rows that are not
measured are fed, and counted beside: an address that they must not name is shown too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tocsin.core.errors import ConfigError
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
    from collections.abc import Iterable, Mapping, Sequence

    from tocsin.core.event import Event
    from tocsin.review.logs.rows import Row

YEAR, ZONE = 2005, "Europe/Berlin"  # stamps without them, as the truth's source tests them
POSITIVE, NEGATIVE = "positive", "negative"
_INTRUSION = "intrusion_detection"
_CLAIMED = "claimed"  # in ``why_not``: the host is what the remote side says


@dataclass(frozen=True, slots=True)
class LogLine:
    """The truth about one line. ``outcome`` None: only the source counts.

    ``may_name`` is None where nothing is known of whom the line may name.
    """

    id: str
    service: str
    group: str
    text: str
    kind: str
    is_measured: bool
    why_not: str | None = None
    host: str | None = None
    outcome: str | None = None
    is_host_in_line: bool = True
    is_multiline: bool = False
    may_name: frozenset[str | None] | None = None


def log_lines(rows: Sequence[Row]) -> tuple[LogLine, ...]:
    """Return the truth of each row; raises `ConfigError` for a row that isn't of this form."""
    found = []
    for row in rows:
        kind, host = row.one_of("kind", (POSITIVE, NEGATIVE)), row.text_or_none("host")
        is_measured = row.flag("measure")
        if kind == POSITIVE and is_measured and host is None:
            raise row.error("host", "the address of a measured positive", host)
        may_name = None
        if kind == NEGATIVE and ("may_name" in row.fields or is_measured):
            names = (*row.texts("may_name"), *row.texts("may_name_by_group"))
            may_name = frozenset(address(name) for name in names)
        found.append(
            LogLine(
                id=row.text("id"), service=row.text("service"), group=row.text("group"),
                text=row.text("feed"), kind=kind, is_measured=is_measured,
                why_not=row.text_or_none("why_not"), host=host,
                outcome=row.text_or_none("outcome"),
                is_host_in_line=row.flag("host_in_line", default=True),
                is_multiline=row.flag("multiline", default=False), may_name=may_name,
            )
        )  # fmt: skip
    _unique(found, rows)
    return tuple(found)


def published_lines(rows: Sequence[Row]) -> tuple[LogLine, ...]:
    """Return the truth of lines as their source publishes them: whether a filter matches.

    A line that the filter doesn't match says nothing of whom it may name; what matches only
    in a mode of its own, or by a host name, is not measured. Only the source counts.
    """
    found = []
    for row in rows:
        host, is_match = row.text_or_none("host"), row.flag("expect_match")
        why_not = None
        if not is_match:
            why_not = "not to be matched: says nothing of whom it may name"
        elif host is None or not is_address(host):
            why_not = "host is no address"
        elif not row.flag("default_mode", default=True):
            why_not = "matches only in a mode of its own"
        found.append(
            LogLine(
                id=row.text("id"), service=row.text("service"),
                group=f"{row.text('file')}#{row.number('block')}", text=row.text("line"),
                kind=POSITIVE if is_match else NEGATIVE, is_measured=why_not is None,
                why_not=why_not, host=host,
            )
        )  # fmt: skip
    _unique(found, rows)
    return tuple(found)


def _unique(found: Sequence[LogLine], rows: Sequence[Row]) -> None:
    seen: set[str] = set()
    for one, row in zip(found, rows, strict=True):
        if one.id in seen:
            raise ConfigError(f'"id" {one.id!r} stands in an earlier row too', where=row.where)
        seen.add(one.id)


def line_feeds(lines: Sequence[LogLine]) -> tuple[Feed, ...]:
    """Return each group's lines, in their order, as a log of its own."""
    return tuple(
        Feed(name, tuple(line.text for line in group)) for name, group in _groups(lines).items()
    )


def _groups(lines: Iterable[LogLine]) -> dict[str, list[LogLine]]:
    groups: dict[str, list[LogLine]] = {}
    for line in lines:
        groups.setdefault(line.group, []).append(line)
    return groups


@dataclass(frozen=True, slots=True)
class ScoredLine:
    """One line, the events that carry it, and those that may (its group's, if multi-line)."""

    line: LogLine
    events: tuple[Event, ...]
    may_carry: tuple[Event, ...]

    @property
    def wrong(self) -> tuple[str, ...]:
        """Addresses that events of this very line name and must not."""
        if not self.is_judged:
            return ()
        named = [address(event["source.ip"]) for event in self.events if event.get("source.ip")]
        allowed = self.line.may_name
        if allowed is None:
            allowed = frozenset({address(self.line.host)})
        return tuple(dict.fromkeys(str(name) for name in named if name not in allowed))

    @property
    def is_judged(self) -> bool:
        """Tell whether the truth says whom the line must not name."""
        if self.line.kind == NEGATIVE:
            return self.line.may_name is not None
        is_claimed = _CLAIMED in (self.line.why_not or "")
        return self.line.host is not None and is_address(self.line.host) and not is_claimed

    @property
    def is_met(self) -> bool:
        """Tell whether the line was read as the truth says."""
        if self.line.kind == NEGATIVE:
            return not self.wrong
        wanted = self.line.outcome
        return any(wanted in {None, event.get("event.outcome")} for event in self._naming)

    @property
    def is_met_or_intrusion(self) -> bool:
        """Tell the same, an intrusion or attack being as good as a failure."""
        is_intrusion = any(e.get("event.category") == _INTRUSION for e in self._naming)
        return self.is_met or (self.line.outcome == "failure" and is_intrusion)

    @property
    def _naming(self) -> tuple[Event, ...]:
        host = address(self.line.host)
        return tuple(e for e in self.may_carry if address(e.get("source.ip")) == host)

    def to_json(self) -> dict[str, Any]:
        """Return the line of an item."""
        line = self.line
        return {
            "id": line.id,
            "service": line.service,
            "kind": line.kind,
            "met": self.is_met if line.is_measured else None,
            "host": line.host,
            "outcome": line.outcome,
            "wrong": list(self.wrong),
            "events": [brief(event) for event in self.events],
            "line": line.text,
        }


def scored_lines(
    lines: Sequence[LogLine], events: Mapping[str, Sequence[Event]]
) -> tuple[ScoredLine, ...]:
    """Return each line with its events; ``events`` are those of each feed, by its name."""
    found, groups = {}, _groups(lines)
    for feed in line_feeds(lines):
        of_group = tuple(events.get(feed.name, ()))
        carried = by_line(of_group)
        for line, first in zip(groups[feed.name], feed.first_lines(), strict=True):
            span = range(first, first + 1 + line.text.count("\n"))
            own = {id(event): event for number in span for event in carried.get(number, ())}
            mine = tuple(own.values())
            found[line.id] = ScoredLine(line, mine, of_group if line.is_multiline else mine)
    return tuple(found[line.id] for line in lines)


def score_lines(lines: Sequence[LogLine], events: Mapping[str, Sequence[Event]]) -> Report:
    """Return recall and wrong addresses, whole and per service."""
    scored = scored_lines(lines, events)
    measured = [one for one in scored if one.line.is_measured]
    beside = [one for one in scored if not one.line.is_measured]
    positives = [one for one in measured if one.line.kind == POSITIVE]
    negatives = [one for one in measured if one.line.kind == NEGATIVE]
    summary = {
        "truth": "log lines",
        "rows": len(scored),
        "groups": len(_groups(lines)),
        "positives": share_met(one.is_met for one in positives),
        "positives_or_intrusions": share_met(one.is_met_or_intrusion for one in positives),
        "positives_with_outcome": share_met(o.is_met for o in positives if o.line.outcome),
        "positives_by_source_only": share_met(o.is_met for o in positives if not o.line.outcome),
        "positives_with_address_only_in_earlier_line": share_met(
            one.is_met for one in positives if not one.line.is_host_in_line
        ),
        "negatives": share_met(one.is_met for one in negatives),
        "wrong_addresses": {
            "positives": _wrong(positives),
            "negatives": _wrong(negatives),
            "lines_not_measured": _wrong([one for one in beside if one.is_judged]),
        },
        "not_measured": {
            why: len(rows) for why, rows in grouped(beside, lambda one: one.line.why_not).items()
        },
        "per_service": {
            service: _per_service(rows)
            for service, rows in grouped(measured, lambda one: one.line.service).items()
        },
    }
    return Report(tuple(one.to_json() for one in scored), summary)


def _wrong(scored: Sequence[ScoredLine]) -> dict[str, float | None]:
    counted = share(sum(bool(one.wrong) for one in scored), len(scored))
    return {"wrong": counted["met"], "of": counted["of"], "share": counted["share"]}


def _per_service(scored: Sequence[ScoredLine]) -> dict[str, Any]:
    return {
        "positives": share_met(one.is_met for one in scored if one.line.kind == POSITIVE),
        "negatives": share_met(one.is_met for one in scored if one.line.kind == NEGATIVE),
        "wrong": sum(bool(one.wrong) for one in scored),
    }
