"""What comes out of the engine: every effect, as a value; the driver performs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.core.detection import Selector
    from tocsin.core.incident import Incident


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """A new incident; its id is fixed from here on."""

    incident: Incident


@dataclass(frozen=True, slots=True)
class UpdateIncident:
    """A known incident grew, or changed its gravest stage."""

    incident: Incident


@dataclass(frozen=True, slots=True)
class PreserveEvidence:
    """Keep the records that these selectors describe, for this incident."""

    incident_id: str
    selectors: tuple[Selector, ...]


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell people; performed by the live driver only."""

    incident_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Contain:
    """Ask the enforcer for a reversible action with an expiry; never performed in batch."""

    incident_id: str
    action: str
    target: str
    expires_s: int


Command = OpenIncident | UpdateIncident | PreserveEvidence | Notify | Contain
