"""Episodes of detectors that judge messages: one per attack, reported when it doubles.

A detector keeps one `Episode` per key (say attacker and victim) in a bounded `Episodes`;
`Episodes.step` counts a message, `Episode.phase` says whether that is worth a detection
(first crossing, then each doubling, so that an attack of n messages gives log2(n)
detections), `MessageDetector.report` fills in what all such detections share.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.addresses import is_ip
from tocsin.core.detection import Counts, Detection, Selector
from tocsin.core.messages import Message
from tocsin.core.times import NS_PER_S
from tocsin.detect.base import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.detect.base import Policy

EPISODES_MAX, NAMES_MAX, PORTS_MAX = 1024, 256, 8
RAISED, UPDATED = "raised", "updated"


@dataclass(slots=True)
class Episode:
    """What one attack has come to so far; plain values only."""

    key: str
    first_ns: int
    first_offset: int
    last_ns: int = 0
    last_offset: int = 0
    records: int = 0
    bytes: int = 0
    reported: float = 0.0  # the observed value of the last report, 0: not raised
    records_to_detect: int = 0
    reported_records: int = 0  # at the last report
    names: dict[str, None] = field(default_factory=dict)  # distinct things met, bounded
    tallies: dict[str, float] = field(default_factory=dict)
    ports: list[int] = field(default_factory=list)  # of the client, those met first
    times: list[int] = field(default_factory=list)  # for windows; kept short by the detector

    def note(self, name: str) -> bool:
        """Remember a distinct name; tell whether it is new (beyond the bound: never)."""
        if name in self.names or len(self.names) >= NAMES_MAX:
            return False
        self.names[name] = None
        return True

    def tally(self, name: str, amount: float = 1.0) -> float:
        """Add to a named count and return it."""
        total = self.tallies.get(name, 0.0) + amount
        self.tallies[name] = total
        return total

    def within(self, now_ns: int, window_s: float, *, most: int = 1024) -> int:
        """Count this moment and return how many there were within the last ``window_s``."""
        times = self.times
        times.append(now_ns)
        oldest = now_ns - int(window_s * NS_PER_S)
        drop = 0
        while drop < len(times) and (times[drop] < oldest or len(times) - drop > most):
            drop += 1
        if drop:
            del times[:drop]
        return len(times)

    def phase(self, observed: float, threshold: float) -> str | None:
        """Return "raised" at the first crossing, "updated" at each doubling, else None.

        What doubles is the observed value or the records, so that the evidence of a long
        attack is not that of its beginning.
        """
        if self.reported == 0.0:
            if observed < threshold:
                return None
            self.reported = max(observed, 1e-9)
            self.records_to_detect = self.reported_records = self.records
            return RAISED
        if observed < 2 * self.reported and self.records < 2 * self.reported_records:
            return None
        self.reported, self.reported_records = observed, self.records
        return UPDATED


class Episodes:
    """A bounded table of episodes by key; the longest silent one gives way."""

    def __init__(self, *, gap_s: float, episodes_max: int = EPISODES_MAX) -> None:
        self._gap_ns = int(gap_s * NS_PER_S)
        self._max = episodes_max
        self._known: OrderedDict[str, Episode] = OrderedDict()

    def step(self, key: str, message: Message) -> Episode:
        """Count a message in its episode, which begins anew after a gap."""
        one = self._known.get(key)
        if one is None or message.at_ns - one.last_ns > self._gap_ns:
            one = self._known[key] = Episode(key, message.at_ns, message.offset)
            if len(self._known) > self._max:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        one.last_ns = max(one.last_ns, message.at_ns)
        one.last_offset = message.offset
        one.records += 1
        one.bytes += message.size_bytes
        if (
            message.client_port
            and len(one.ports) < PORTS_MAX
            and message.client_port not in one.ports
        ):
            one.ports.append(message.client_port)
        return one

    def get(self, key: str) -> Episode | None:
        """Return an episode without counting anything."""
        return self._known.get(key)

    def state(self) -> dict[str, Any]:
        """Return all episodes as plain values."""
        return {"episodes": [asdict(one) for one in self._known.values()]}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        self._known = OrderedDict((one["key"], Episode(**one)) for one in state["episodes"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """What a detector says of an episode that crossed its threshold.

    ``port`` narrows the evidence to packets of that port. Parties that are no addresses
    (``*spoofed``, MAC addresses) select no evidence.
    """

    kind: str
    reason: str
    figure: str
    observed: float
    threshold: float
    attackers: tuple[str, ...]
    victims: tuple[str, ...]
    expected: float | None = None
    users: tuple[str, ...] = ()
    service: str | None = None
    port: int | None = None
    facts: Mapping[str, str | int | float] = field(default_factory=dict)
    contributions: Mapping[str, float] = field(default_factory=dict)


class MessageDetector:
    """What detectors of messages share: a policy, episodes, and the way to a detection."""

    name: ClassVar[str]
    wants: ClassVar[str] = MESSAGES
    hears: ClassVar[tuple[type[Message], ...]] = (Message,)  # the kinds that `judge` looks at
    medium: ClassVar[str] = "packets"  # what it was made for, in the words of the README
    gap_s: ClassVar[float] = 4 * 3600.0

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.episodes = Episodes(gap_s=self.gap_s)

    def goes_on(self, key: str, at_ns: int) -> bool:
        """Tell whether an episode was raised and would take a message of that time."""
        one = self.episodes.get(key)
        return one is not None and one.reported > 0 and at_ns - one.last_ns <= self.gap_s * NS_PER_S

    def state(self) -> dict[str, Any]:
        """Return all episodes as plain values; a subclass with more memory adds to it."""
        return self.episodes.state()

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        self.episodes.restore(state)

    def report(
        self, episode: Episode, message: Message, crossing: Crossing, *, phase: str, source: str
    ) -> Detection:
        """Return the detection of an episode that ``message`` decided (see `Episode.phase`).

        Of a log, victims that are no addresses are the host that wrote it.
        """
        name = "|".join((self.name, str(episode.first_ns), str(episode.first_offset), episode.key))
        parties = (*crossing.attackers, *crossing.victims)
        victims, host = crossing.victims, None
        counts = Counts(packets=episode.records, bytes=episode.bytes)
        if self.policy.medium == "log":
            victims = _addresses(crossing.victims)
            host = next((party for party in crossing.victims if party not in victims), None)
            counts = Counts(events=episode.records)
        return Detection(
            detector=self.name,
            rule=self.policy.rule,
            kind=crossing.kind,
            entity=parties[0],
            episode=hashlib.sha256(name.encode()).hexdigest()[:16],
            source=source,
            detected_ns=message.at_ns,
            offset=message.offset,
            first_ns=episode.first_ns,
            last_ns=episode.last_ns,
            window_start_ns=episode.first_ns,
            window_s=(episode.last_ns - episode.first_ns) / NS_PER_S,
            reason=crossing.reason,
            figure=crossing.figure,
            observed=crossing.observed,
            expected=crossing.expected,
            threshold=crossing.threshold,
            score=crossing.observed / (crossing.threshold or 1.0),
            records_to_detect=episode.records_to_detect,
            is_update=phase == UPDATED,
            attackers=crossing.attackers,
            victims=victims,
            users=crossing.users,
            host=host,
            service=crossing.service,
            source_ports=tuple(episode.ports),
            counts=counts,
            contributions=dict(crossing.contributions),
            facts=dict(crossing.facts),
            selector=self._selector(episode, message, crossing, source),
        )

    def _selector(
        self, episode: Episode, message: Message, crossing: Crossing, source: str
    ) -> Selector:
        near, far = _addresses(crossing.victims), _addresses(crossing.attackers)
        if self.policy.medium == "log":  # a line has one address; without any its user tells it
            near = far or near
            return Selector(
                source=source,
                medium="log",
                start_ns=episode.first_ns,
                end_ns=episode.last_ns,
                near=near,
                users=() if near else crossing.users,
                first_offset=episode.first_offset,
                last_offset=episode.last_offset,
            )
        return Selector(
            source=source,
            medium="packets",
            start_ns=episode.first_ns,
            end_ns=episode.last_ns,
            near=near,
            far=far,
            port=crossing.port,
            proto=message.proto if crossing.port else None,
            first_offset=episode.first_offset,
            last_offset=episode.last_offset,
        )


def _addresses(parties: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(party for party in parties if is_ip(party))
