"""An incident: what a person is handed, in the fields of the contract."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tocsin.core.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.core.detection import Counts, Detection

SCHEMA = "tocsin.incident/1"


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of behaviour inside an incident, and when it was first seen."""

    kind: str
    first_ns: int


@dataclass(frozen=True, slots=True)
class Incident:
    """One attack or fault, from its first record to its last.

    ``id`` and ``dedup_key`` are fixed at opening. ``why`` says in words how severity,
    impact, urgency and priority came about. ``facts`` are kind-specific fields of the
    contract (``scan``, ``proto``, ``attack``), printed at the top level.
    """

    id: str
    dedup_key: str
    site: str
    title: str
    kind: str
    kinds: tuple[Stage, ...]
    type: str
    category: str
    severity: str
    impact: str
    urgency: str
    priority: str
    confidence: float
    first_ns: int
    last_ns: int
    detected_ns: int
    records_to_detect: int
    attackers: tuple[str, ...]
    victims: tuple[str, ...]
    reasons: tuple[str, ...]
    detections: tuple[Detection, ...]
    counts: Counts
    sources: tuple[tuple[str, int], ...]  # (path, records), in order of path
    status: str = "new"
    service: str | None = None
    users: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    why: Mapping[str, str] = field(default_factory=dict)
    runbook: tuple[str, ...] = ()
    facts: Mapping[str, str | int | float] = field(default_factory=dict)
    attackers_total: int = 0  # lists are cut at a bound; these are not
    victims_total: int = 0
    evidence_path: str | None = None
    manifest_sha256: str | None = None
    drill: bool = False

    def with_evidence(self, path: str, manifest_sha256: str) -> Incident:
        """Return the incident with the place and seal of its evidence."""
        return replace(self, evidence_path=path, manifest_sha256=manifest_sha256)

    def to_json(self) -> dict[str, Any]:
        """Return the contract's ``tocsin.incident/1`` object, ready for `json.dumps`."""
        return {
            "schema": SCHEMA,
            "id": self.id,
            "title": self.title,
            "kind": self.kind,
            "kinds": [{"kind": s.kind, "first_seen": rfc3339(s.first_ns)} for s in self.kinds],
            **self.facts,
            "service": self.service,
            "type": self.type,
            "category": self.category,
            "severity": self.severity,
            "impact": self.impact,
            "urgency": self.urgency,
            "priority": self.priority,
            "status": self.status,
            "confidence": round(self.confidence, 4),
            "first_seen": rfc3339(self.first_ns),
            "last_seen": rfc3339(self.last_ns),
            "detected_at": rfc3339(self.detected_ns),
            "records_to_detect": self.records_to_detect,
            "attackers": list(self.attackers),
            "attackers_total": max(self.attackers_total, len(self.attackers)),
            "victims": list(self.victims),
            "victims_total": max(self.victims_total, len(self.victims)),
            "users": list(self.users),
            "assets": list(self.assets),
            "techniques": list(self.techniques),
            "reasons": list(self.reasons),
            "why": dict(self.why),
            "detections": [detection_json(d) for d in self.detections],
            "counts": asdict(self.counts),
            "sources": [{"path": path, "records": records} for path, records in self.sources],
            "evidence": (
                None
                if self.evidence_path is None
                else {"path": self.evidence_path, "manifest_sha256": self.manifest_sha256}
            ),
            "runbook": list(self.runbook),
            "site": self.site,
            "drill": self.drill,
        }


def detection_json(detection: Detection) -> dict[str, Any]:
    """Return the contract's object for one detection, inside an incident or alone."""
    return {
        "detector": detection.detector,
        "rule": detection.rule,
        "kind": detection.kind,
        "entity": detection.entity,
        "detected_at": rfc3339(detection.detected_ns),
        "window_start": rfc3339(detection.window_start_ns),
        "window_s": detection.window_s,
        "observed": detection.observed,
        "expected": detection.expected,
        "threshold": detection.threshold,
        "score": detection.score,
        "p_value": detection.p_value,
        "contributions": dict(detection.contributions),
        "reason": detection.reason,
        "source": detection.source,
        "records": detection.counts.events + detection.counts.packets,
    }
