"""Scores: what was found, missed, named wrongly and raised for nothing, with denominators.

Follows the contract: an attack is found by an incident at ``low`` or above whose kind is
allowed and that names one of its parties. Files marked ``decidable: false`` are listed
beside and never counted; what a file holds ``also`` is never wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tocsin.core.times import NS_PER_S
from tocsin.core.vocabulary import level_rank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.core.incident import Incident
    from tocsin.review.truth import FileTruth

LOW, MEDIUM = level_rank("low"), level_rank("medium")


@dataclass(frozen=True, slots=True)
class Scored:
    """One file: its truth, its incidents, and how they compare."""

    truth: FileTruth
    incidents: tuple[Incident, ...]

    @property
    def right(self) -> tuple[Incident, ...]:
        """Incidents that find the labelled attack."""
        return tuple(i for i in self._raised if _finds(self.truth, i))

    @property
    def wrong(self) -> tuple[Incident, ...]:
        """Incidents that neither find the attack nor something listed beside it."""
        return tuple(
            i
            for i in self._raised
            if not _finds(self.truth, i) and not any(_finds(a, i) for a in self.truth.also)
        )

    @property
    def _raised(self) -> tuple[Incident, ...]:
        return tuple(i for i in self.incidents if level_rank(i.severity) >= LOW)

    def delay_s(self) -> float | None:
        """Seconds from the attack's first record to the earliest right detection."""
        if not self.right or self.truth.attack_start is None:
            return None
        return min(i.detected_ns for i in self.right) / NS_PER_S - self.truth.attack_start

    def records_to_detect(self) -> int | None:
        """Records of the attack up to the deciding one, of the earliest right incident."""
        first = min(self.right, key=lambda i: i.detected_ns, default=None)
        return None if first is None else first.records_to_detect

    def to_json(self) -> dict[str, Any]:
        """Return one file's line."""
        delay_s = self.delay_s()
        return {
            "file": self.truth.name,
            "label": self.truth.label,
            "kinds": list(self.truth.kinds),
            "decidable": self.truth.is_decidable,
            "found": bool(self.right) if self.truth.label == "attack" else None,
            "incidents": [_brief(i) for i in self.incidents],
            "right": len(self.right),
            "wrong": [_brief(i) for i in self.wrong],
            "delay_s": None if delay_s is None else round(delay_s, 3),
            "records_to_detect": self.records_to_detect(),
        }


def _finds(truth: FileTruth, incident: Incident) -> bool:
    kinds = {incident.kind, *(stage.kind for stage in incident.kinds)}
    return truth.allows(kinds) and truth.names([*incident.attackers, *incident.victims])


def _brief(incident: Incident) -> dict[str, Any]:
    return {
        "kind": incident.kind,
        "severity": incident.severity,
        "priority": incident.priority,
        "title": incident.title,
        "attackers": list(incident.attackers[:5]),
        "victims": list(incident.victims[:5]),
    }


def summary(scored: Sequence[Scored]) -> dict[str, Any]:
    """Return recall per kind, false incidents per benign hour and incidents per attack."""
    attacks = [s for s in scored if s.truth.label in {"attack", "mixed"} and s.truth.kinds]
    counted = [s for s in attacks if s.truth.is_decidable]
    benign = [s for s in scored if s.truth.label == "benign"]
    found = [s for s in counted if s.right]
    return {
        "files": len(scored),
        "attacks": {"found": len(found), "of": len(counted)},
        "missed": [s.truth.name for s in counted if not s.right],
        "undecidable": [
            {"file": s.truth.name, "found": bool(s.right)}
            for s in attacks
            if not s.truth.is_decidable
        ],
        "recall_per_kind": _recall_per_kind(counted),
        "wrong_kinds": [{"file": s.truth.name, **_brief(i)} for s in attacks for i in s.wrong],
        "benign": _benign(benign),
        "incidents_per_attack": _ratio(sum(len(s.right) for s in found), len(found)),
        "delay_s": {s.truth.name: s.delay_s() for s in found},
        "records_to_detect": {s.truth.name: s.records_to_detect() for s in found},
    }


def _recall_per_kind(counted: Sequence[Scored]) -> dict[str, dict[str, int]]:
    recall: dict[str, dict[str, int]] = {}
    for one in counted:
        for kind in one.truth.kinds:
            row = recall.setdefault(kind, {"found": 0, "of": 0})
            row["of"] += 1
            row["found"] += bool(one.right)
    return dict(sorted(recall.items()))


def _benign(benign: Sequence[Scored]) -> dict[str, Any]:
    hours = sum(s.truth.active_s for s in benign) / 3600
    false = [i for s in benign for i in s.incidents]
    grave = [i for i in false if level_rank(i.severity) >= MEDIUM]
    return {
        "files": len(benign),
        "active_hours": round(hours, 3),
        "false_medium_and_above": len(grave),
        "false_all": len(false),
        "false_medium_and_above_per_hour": _ratio(len(grave), hours),
        "false_all_per_hour": _ratio(len(false), hours),
        "which": [{"file": s.truth.name, **_brief(i)} for s in benign for i in s.incidents],
    }


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None
