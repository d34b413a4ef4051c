"""Severity, impact, urgency and priority, each with its reason in words.

Impact says what is at stake (the asset), urgency how fast somebody must act (how far the
attack got); priority is the usual matrix of the two (ISO/IEC 20000, ITIL incident
management). Customer data gives P1 whatever the matrix says, and a core service that is
attacked in its availability is critical.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.core.vocabulary import LEVELS, Kind, level_rank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.incidents.identity import Asset

_MATRIX = {  # rows: impact; columns: urgency
    "critical": {"critical": 1, "high": 1, "medium": 2, "low": 3},
    "high": {"critical": 1, "high": 2, "medium": 3, "low": 4},
    "medium": {"critical": 2, "high": 2, "medium": 3, "low": 4},
    "low": {"critical": 3, "high": 3, "medium": 4, "low": 5},
}


@dataclass(frozen=True, slots=True)
class Rating:
    """How grave an incident is, and why."""

    severity: str
    impact: str
    urgency: str
    priority: str
    why: dict[str, str]


def rate(*, kind: Kind, severity: str, severity_why: str, assets: Sequence[Asset]) -> Rating:
    """Return the rating of an incident of ``kind`` on ``assets``.

    ``severity`` is what the shape of the attack alone gives (with its reason); assets may
    raise it. Raises `ValueError` for a level outside the vocabulary.
    """
    impact, impact_why = _impact(assets)
    core = next((a for a in assets if a.is_core), None)
    if core is not None and kind.category == "availability" and level_rank(severity) >= 2:  # noqa: PLR2004 - medium
        severity, severity_why = "critical", f"{core.name} is a core service under attack"
        impact, impact_why = "critical", severity_why
    urgency, urgency_why = _urgency(kind, severity)
    priority = f"P{_MATRIX[impact][urgency]}"
    priority_why = f"impact {impact} and urgency {urgency} give {priority}"
    holder = next((a for a in assets if a.data == "customer"), None)
    if holder is not None and level_rank(severity) >= 2:  # noqa: PLR2004 - medium
        priority, priority_why = "P1", f"{holder.name} holds customer data: P1 whatever the matrix"
    why = {
        "severity": severity_why,
        "impact": impact_why,
        "urgency": urgency_why,
        "priority": priority_why,
    }
    return Rating(severity, impact, urgency, priority, why)


def _impact(assets: Sequence[Asset]) -> tuple[str, str]:
    if not assets:
        return "medium", "no asset of the configuration is concerned, so medium is assumed"
    gravest = max(assets, key=lambda asset: level_rank(asset.criticality))
    return gravest.criticality, f"{gravest.name} is of {gravest.criticality} criticality"


def _urgency(kind: Kind, severity: str) -> tuple[str, str]:
    if kind.category == "intrusions" and level_rank(severity) >= 3:  # noqa: PLR2004 - high
        return "critical", "somebody seems to be inside: every minute counts"
    if kind.category == "availability" and level_rank(severity) >= 3:  # noqa: PLR2004 - high
        return "high", "the service is being attacked now"
    urgency = severity if severity in LEVELS[1:] else "low"
    return urgency, f"a {kind.noun} of {severity} severity"
