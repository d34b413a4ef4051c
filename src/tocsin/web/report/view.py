"""What the templates ask of the values: orderings, bounds, shares and labels.

Everything that a list leaves out is said on the page with its number.
"""

from __future__ import annotations

import math
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from tocsin.core.vocabulary import kind_of
from tocsin.web.report.charts import BARS_MAX
from tocsin.web.report.story import NOT_ADDRESSES, attackers_of, story_of, victims_of
from tocsin.web.report.visible import Visible, visible, visible_bytes
from tocsin.web.report.words import chance, exact, many, moment, number, period, size, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tocsin.core.detection import Detection
    from tocsin.core.incident import Incident
    from tocsin.web.report.model import IncidentDetails, InputRead, Report, Timeline

LEVELS = ("P1", "P2", "P3", "P4", "P5")
PARTIES_MAX, CONTRIBUTIONS_MAX = 20, 8
BOUNDS = {
    "log_lines_max": 10, "packet_lines_max": 10, "detections_max": 6, "evidence_max": 12,
    "runbook_max": 15, "inputs_max": 100, "problems_max": 40, "skipped_max": 40, "sought_max": 60,
    "settings_max": 60,
}  # fmt: skip
_ANCHOR = re.compile(r"[A-Za-z0-9_-]{1,64}")
_STANDING_LIMITS = (
    (
        "Only the inputs listed above were looked at, and only for what the active rules describe. "
        "That nothing was found there does not show that nothing happened."
    ),
    "Encrypted contents are not read: packets are judged by their headers, sizes and times.",
    (
        "Source addresses of packets can be forged where no connection was completed, and host "
        "names in logs are what the sender of the log wrote."
    ),
)


def functions() -> dict[str, Any]:
    """Return what templates may call, by name."""
    return {
        "attackers_of": attackers_of, "victims_of": victims_of, "story_of": story_of,
        "chance": chance, "exact": exact, "many": many, "moment": moment, "number": number,
        "period": period, "size": size, "span": span, "raw": visible_bytes, "cut": cut,
        "noun": noun, "pairs": pairs, "level_class": level_class, "shares_of": shares_of,
        "entities_of": entities_of, "ratings_of": ratings_of, "paths_of": paths_of,
        "timeline_label": timeline_label, "bars_step": bars_step, **BOUNDS,
    }  # fmt: skip


def cut(value: object, chars_max: int) -> Visible:
    """Return a value as visible text of at most ``chars_max`` characters, to be escaped."""
    text = number(value) if isinstance(value, float) else str(value)
    return Visible(visible(text, chars_max=chars_max))


def noun(kind: str) -> str:
    """Return the words for a kind, also for one that a plugin invents."""
    return cut(kind_of(kind).noun, 60)


def pairs(mapping: Mapping[str, Any], items_max: int) -> list[tuple[str, Any]]:
    """Return the first items of a mapping."""
    return list(islice(mapping.items(), items_max))


def level_class(priority: str) -> str:
    """Return the style class of a priority; none for a word that is not one."""
    return priority.lower() if priority in LEVELS else ""


def gravest_first(incidents: Iterable[IncidentDetails]) -> list[IncidentDetails]:
    """Order by priority, then time, then id: the same for the same incidents."""
    return sorted(
        incidents, key=lambda d: (d.incident.priority, d.incident.first_ns, d.incident.id)
    )


def anchors(incidents: Sequence[IncidentDetails]) -> list[str]:
    """Return a distinct anchor per incident: its id, or its place if the id is no safe word."""
    ids = [d.incident.id for d in incidents]
    is_sound = len(set(ids)) == len(ids) and all(map(_ANCHOR.fullmatch, ids))
    return [f"i-{ident if is_sound else place}" for place, ident in enumerate(ids, 1)]


def shares_of(detection: Detection) -> list[tuple[str, float, int]]:
    """Return (name, value, width in percent of the widest) of the greatest contributions."""
    known = [(n, float(v)) for n, v in detection.contributions.items() if math.isfinite(v)]
    known.sort(key=lambda item: (-abs(item[1]), item[0]))
    widest = abs(known[0][1]) if known else 0.0
    return [
        (name, value, round(100 * (abs(value) / widest)) if widest else 0)
        for name, value in known[:CONTRIBUTIONS_MAX]
    ]


def entities_of(incident: Incident) -> list[tuple[str, tuple[str, ...], int]]:
    """Return (what they are, the first of them, how many there are), none empty."""
    groups = (
        (
            "Attackers",
            tuple(NOT_ADDRESSES.get(a, a) for a in incident.attackers),
            incident.attackers_total,
        ),
        ("Victims", incident.victims, incident.victims_total),
        ("Users", incident.users, 0),
        ("Assets", incident.assets, 0),
    )
    return [
        (name, members[:PARTIES_MAX], max(total, len(members)))
        for name, members, total in groups
        if members
    ]


def ratings_of(incident: Incident) -> list[tuple[str, str, str]]:
    """Return (what is rated, its level, why), in the order in which one follows the other."""
    levels = {
        "severity": incident.severity, "impact": incident.impact, "urgency": incident.urgency,
        "priority": incident.priority, "confidence": number(incident.confidence),
    }  # fmt: skip
    rated = [(n.capitalize(), level, incident.why.get(n, "")) for n, level in levels.items()]
    others = [(n, "", why) for n, why in incident.why.items() if n not in levels]
    return rated + others[:CONTRIBUTIONS_MAX]


def paths_of(details: IncidentDetails) -> list[str]:
    """Return the logs that the shown lines are from."""
    shown = details.log_lines[: BOUNDS["log_lines_max"]]
    return list(dict.fromkeys(line.path for line in shown))


def bars_step(timeline: Timeline) -> int:
    """Return how many buckets one bar of the chart adds up."""
    return max(1, -(-len(timeline.counts) // BARS_MAX))


def timeline_label(details: IncidentDetails) -> str:
    """Return what the chart shows, for those who can't see it."""
    timeline = details.timeline
    if timeline is None or not timeline.counts:
        return ""
    peak = max(timeline.counts)
    at_ns = timeline.start_ns + timeline.counts.index(peak) * timeline.bucket_ns
    text = f"{cut(timeline.records, 40).capitalize()} over time: at most {number(peak)} in "
    text += f"{span(timeline.bucket_ns)}, at {moment(at_ns)}; {number(sum(timeline.counts))} in all"
    if timeline.detected_ns is not None:
        text += f"; raised at {moment(timeline.detected_ns)}"
    return f"{text}."


def headline(report: Report) -> str:
    """Return the one line of the report."""
    if not report.incidents:
        return "No incidents found"
    total = many(len(report.incidents), "incident")
    worst = gravest_first(report.incidents)[0].incident
    comma = ", priority" if len(report.incidents) == 1 else ", the gravest"
    return f"{total}{comma} {cut(worst.priority, 8)}"


def level_counts(report: Report) -> list[tuple[str, int]]:
    """Return how many incidents each priority has."""
    return [
        (level, sum(d.incident.priority == level for d in report.incidents)) for level in LEVELS
    ]


def lede(report: Report) -> str:
    """Return what was read and when it happened, in one or two sentences."""
    if not report.inputs:
        return "No input was read."
    read = many(sum(i.records for i in report.inputs), "record")
    text = f"{read} from {many(len(report.inputs), 'input')}"
    covered = _covered(report.inputs)
    if covered is not None:
        text += f", covering {period(*covered)} ({span(covered[1] - covered[0])})"
    text = text[0].upper() + text[1:]
    if not report.incidents:
        return f"{text}."
    worst = gravest_first(report.incidents)[0].incident
    return f"{text}. The gravest: {cut(worst.title, 200)}."


def conservation(report: Report) -> str:
    """Return the sum that must hold (law 7), or say by how much it does not."""
    records = sum(i.records for i in report.inputs)
    events = sum(i.events for i in report.inputs)
    weird = sum(i.weird_total for i in report.inputs)
    filtered = sum(i.filtered for i in report.inputs)
    parts = (
        f"{number(events)} events + {number(weird)} weird (malformed) + {number(filtered)} filtered"
    )
    lost = records - events - weird - filtered
    text = f"{number(records)} records = {parts}"
    if lost == 0:
        return f"{text}. Every record is accounted for."
    return (
        f"{text}: does not add up, {number(lost)} records are not accounted for. This is a fault."
    )


def limits(report: Report) -> list[str]:
    """Return what this report can't say: what always holds, then what the run found."""
    found = list(_STANDING_LIMITS)
    weird = sum(i.weird_total for i in report.inputs)
    if weird:
        found.append(
            f"{many(weird, 'record')} could not be read as events (weird); none was judged."
        )
    if report.skipped or report.problems:
        found.append("Some inputs were skipped or read only in part; they are listed above.")
    return [*found, *report.limits[:40]]


def strip_label(report: Report) -> str:
    """Return what the strip of all incidents shows, for those who can't see it."""
    first_ns = min(d.incident.first_ns for d in report.incidents)
    last_ns = max(d.incident.last_ns for d in report.incidents)
    parts = ", ".join(f"{number(n)} of {level}" for level, n in level_counts(report) if n)
    return f"All incidents over time, {period(first_ns, last_ns)}: {parts}."


def _covered(inputs: Sequence[InputRead]) -> tuple[int, int] | None:
    firsts = [i.first_ns for i in inputs if i.first_ns is not None]
    lasts = [i.last_ns for i in inputs if i.last_ns is not None]
    return (min(firsts), max(lasts)) if firsts and lasts else None
