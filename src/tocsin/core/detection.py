"""A detection: one entity crossed one detector's threshold, with the numbers that say so."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Selector:
    """Which records belong to a detection: a predicate, never a list.

    Evidence is collected by running the decode kernel again with the selector over the
    blocks whose time span it meets. Empty tuples mean "any". A packet matches when one
    of its addresses is in ``near`` and the other in ``far`` (either way round), and
    ``port`` is one of its ports. A log event matches when its ``source.ip`` is in
    ``near`` (or its ``user.name`` in ``users``) and its action in ``actions``.

    Times are nanoseconds UTC, both ends included. ``first_offset`` and ``last_offset``
    are bytes in the decompressed stream of ``source``.
    """

    source: str
    medium: str  # "packets" or "log"
    start_ns: int
    end_ns: int
    near: tuple[str, ...] = ()
    far: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    port: int | None = None
    proto: int | None = None
    first_offset: int = 0
    last_offset: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records stand behind something; all of them exact."""

    events: int = 0
    packets: int = 0
    flows: int = 0
    bytes: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Add field by field."""
        return Counts(
            self.events + other.events,
            self.packets + other.packets,
            self.flows + other.flows,
            self.bytes + other.bytes,
        )


@dataclass(frozen=True, slots=True)
class Detection:
    """One entity crossed one detector's threshold.

    A long attack gives several detections of one ``episode``: the first when the
    threshold is crossed, later ones (``is_update``) with the grown totals *since the
    episode began*. ``counts`` are therefore totals of the episode, and the last detection
    of an episode replaces the earlier ones when an incident adds up.

    ``detected_ns`` is the event time of the deciding record, or the end of the deciding
    pane; ``offset`` is that record's place. ``p_value`` and ``expected`` are ``None``
    where a shape, not a baseline, decided.
    """

    detector: str
    rule: str
    kind: str
    entity: str
    episode: str
    source: str
    detected_ns: int
    offset: int
    first_ns: int
    last_ns: int
    reason: str
    figure: str  # the few words with a number that a title ends in
    observed: float
    threshold: float
    score: float
    selector: Selector
    expected: float | None = None
    p_value: float | None = None
    window_start_ns: int = 0
    window_s: float = 0.0
    records_to_detect: int = 0
    is_update: bool = False
    attackers: tuple[str, ...] = ()
    victims: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    host: str | None = None  # the log's host name, joined to an address by Identity
    service: str | None = None
    source_ports: tuple[int, ...] = ()  # of the attacker, to join a log line to a flow
    counts: Counts = Counts()
    contributions: dict[str, float] = field(default_factory=dict)
    facts: dict[str, str | int | float] = field(default_factory=dict)  # scan, proto, attack, ...


@dataclass(frozen=True, slots=True)
class Finding:
    """A detection after the confirm stage: what is believed of it, and why.

    ``state`` is ``candidate`` (kept, waits for corroboration), ``confirmed`` or
    ``suppressed`` (by the rule named in ``suppressed_by``).
    """

    detection: Detection
    state: str
    confidence: float
    grounds: tuple[str, ...]
    suppressed_by: str | None = None
