"""What a report says, as values: the driver fills them, `write_report` lays them out.

Nothing here is text for a page yet: strings are as they came from the input, times are
nanoseconds UTC, and lists may be longer than a page shows. Bounds and escaping are the
business of the layout.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.core.incident import Incident


@dataclass(frozen=True, slots=True)
class InputRead:
    """One input that was read, and what became of its records.

    Conservation (law 7): ``records`` = ``events`` + all of ``weird`` + ``filtered``.
    ``first_ns`` and ``last_ns`` are ``None`` when no record held a time. ``problem`` is
    said beside the input, for one that was read only in part.
    """

    path: str
    medium: str  # "packets" or "log"
    format: str  # "pcap", "pcapng", "syslog", ..., with "+gzip" and the like
    bytes: int
    records: int
    events: int
    filtered: int = 0
    weird: Mapping[str, int] = field(default_factory=dict)
    late: int = 0
    untemplated: int = 0
    flows: int = 0
    first_ns: int | None = None
    last_ns: int | None = None
    problem: str | None = None

    @property
    def weird_total(self) -> int:
        """All malformed records, whatever the reason."""
        return sum(self.weird.values())


@dataclass(frozen=True, slots=True)
class InputSkipped:
    """An input that was not read, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sought:
    """One rule that was active: what an empty report may say was looked for."""

    rule: str
    title: str
    kind: str
    cold_start: str = ""  # what it may raise with no history


@dataclass(frozen=True, slots=True)
class Timeline:
    """Records per bucket of time around an incident.

    Bucket ``i`` spans ``start_ns + i * bucket_ns`` up to the next; ``expected_counts``
    (as long as ``counts``) are what is usual there, ``None`` where no baseline exists.
    ``records`` says what is counted, in the plural.
    """

    bucket_ns: int
    start_ns: int
    counts: tuple[int, ...]
    expected_counts: tuple[float, ...] | None = None
    detected_ns: int | None = None
    records: str = "records"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One raw line of a log: its bytes as read, and where they lie."""

    raw: bytes
    path: str
    offset: int


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """One item of an incident's sealed folder."""

    name: str
    bytes: int
    sha256: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class IncidentDetails:
    """One incident with what a person wants to see of it.

    ``log_lines`` and ``packet_lines`` are samples; the totals say of how many (0: not
    known). ``packet_lines`` come from `evidence.dissect`, one packet a line.
    """

    incident: Incident
    timeline: Timeline | None = None
    log_lines: tuple[LogLine, ...] = ()
    log_lines_total: int = 0
    packet_lines: tuple[str, ...] = ()
    packets_total: int = 0
    evidence: tuple[EvidenceFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All that a report says.

    ``made_ns`` is given by the driver (the layout has no clock); without it no date of
    making is printed. ``settings`` are names and values in words. ``limits`` are sentences
    about what this run could not see, printed after the ones that always hold.
    ``suppressed`` counts detections by the rule that suppressed them.
    """

    version: str
    inputs: tuple[InputRead, ...] = ()
    skipped: tuple[InputSkipped, ...] = ()
    incidents: tuple[IncidentDetails, ...] = ()
    sought: tuple[Sought, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    suppressed: Mapping[str, int] = field(default_factory=dict)
    known_before: int = 0  # inputs of earlier runs that were not read again
    site: str = ""
    wall_s: float = 0.0
    made_ns: int | None = None
    chain_head: str | None = None
