"""From detections to findings: k of n windows, allowlist, suppression; nothing gets lost.

Every detection leaves as exactly one finding (DESIGN, law 7): *confirmed*, *candidate*
(held until enough windows agree, or until its time is up), or *suppressed* by a named
rule. A candidate whose time is up leaves as suppressed by ``below k of n``.

A candidate waits at most ``hold_s`` of event time; the table of those that wait is
bounded by ``waiting_max``, the oldest leave first.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from tocsin.core.detection import Detection, Finding
from tocsin.core.times import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from ipaddress import IPv4Network, IPv6Network

BELOW_K_OF_N = "below k of n"
DECISIVE_CONFIDENCE, AGREEING_CONFIDENCE = 0.9, 0.6


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How many windows of the last ``n`` must agree; a decisive rule is 1 of 1."""

    k: int = 1
    n: int = 1
    confidence: float = DECISIVE_CONFIDENCE

    def __post_init__(self) -> None:
        if not 1 <= self.k <= self.n:
            raise ValueError(f"k of n must satisfy 1 <= k <= n, got {self.k} of {self.n}")


@dataclass(frozen=True, slots=True)
class Suppression:
    """A named rule that keeps detections from becoming incidents, until it expires.

    Empty fields match anything; ``attacker`` and ``victim`` are addresses or networks.
    ``until_ns`` is compared with event time, so a replay suppresses what the daemon did.
    """

    name: str
    reason: str
    until_ns: int | None = None
    kind: str | None = None
    rule: str | None = None
    attacker: str | None = None
    victim: str | None = None

    def matches(self, detection: Detection) -> bool:
        """Tell whether the detection falls under this rule."""
        if self.until_ns is not None and detection.detected_ns > self.until_ns:
            return False
        return (
            self.kind in (None, detection.kind)
            and self.rule in (None, detection.rule)
            and _within(self.attacker, detection.attackers)
            and _within(self.victim, detection.victims)
        )


def _within(network: str | None, parties: Sequence[str]) -> bool:
    if network is None:
        return True
    span = ip_network(network, strict=False)
    return bool(parties) and all(_is_member(party, span) for party in parties)


def _is_member(party: str, span: IPv4Network | IPv6Network) -> bool:
    try:
        return ip_address(party) in span
    except ValueError:  # a MAC address, a host name, or a group such as *spoofed
        return False


@dataclass
class _Waiting:
    detections: list[Detection] = field(default_factory=list)

    def windows(self, newest_ns: int, span_ns: int) -> int:
        return len(
            {d.window_start_ns for d in self.detections if newest_ns - d.window_start_ns < span_ns}
        )


class Confirm:
    """Hold candidates per (rule, entity) until k of n windows agree."""

    def __init__(
        self,
        *,
        confirmations: Mapping[str, Confirmation],
        suppressions: Sequence[Suppression] = (),
        hold_s: float = 3600.0,
        waiting_max: int = 10_000,
    ) -> None:
        self._confirmations = dict(confirmations)
        self._suppressions = tuple(suppressions)
        self._hold_ns = int(hold_s * NS_PER_S)
        self._waiting_max = waiting_max
        self._waiting: OrderedDict[tuple[str, str, str], _Waiting] = OrderedDict()

    def judge(self, detection: Detection) -> Iterator[Finding]:
        """Take a detection and yield every finding that is now decided, oldest first."""
        yield from self._expire(detection.detected_ns)
        for rule in self._suppressions:
            if rule.matches(detection):
                yield _suppressed(detection, rule.name)
                return
        wanted = self._confirmations.get(detection.rule, Confirmation())
        if wanted.k == 1:
            yield _confirmed(detection, wanted, "decisive by itself")
            return
        yield from self._collect(detection, wanted)

    def finish(self) -> Iterator[Finding]:
        """Yield what still waits, as suppressed: the input has ended."""
        while self._waiting:
            _, waiting = self._waiting.popitem(last=False)
            for detection in waiting.detections:
                yield _suppressed(detection, BELOW_K_OF_N)

    @property
    def waiting_total(self) -> int:
        """How many detections wait for more windows."""
        return sum(len(waiting.detections) for waiting in self._waiting.values())

    def waiting(self) -> list[Detection]:
        """Return the detections that wait, in an order that `resume` takes back."""
        return [d for waiting in self._waiting.values() for d in waiting.detections]

    def resume(self, detections: Sequence[Detection]) -> None:
        """Take back what `waiting` gave; the stage must be fresh."""
        for detection in detections:
            key = (detection.source, detection.rule, detection.entity)
            self._waiting.setdefault(key, _Waiting()).detections.append(detection)

    def _collect(self, detection: Detection, wanted: Confirmation) -> Iterator[Finding]:
        key = (detection.source, detection.rule, detection.entity)
        waiting = self._waiting.setdefault(key, _Waiting())
        waiting.detections.append(detection)
        self._waiting.move_to_end(key)
        span_ns = int(wanted.n * detection.window_s * NS_PER_S)
        agreeing = waiting.windows(detection.window_start_ns, span_ns)
        if agreeing >= wanted.k:
            del self._waiting[key]
            for one in waiting.detections:
                yield _confirmed(one, wanted, f"{agreeing} of {wanted.n} windows agree")
        elif len(self._waiting) > self._waiting_max:
            _, oldest = self._waiting.popitem(last=False)
            for one in oldest.detections:
                yield _suppressed(one, BELOW_K_OF_N)

    def _expire(self, now_ns: int) -> Iterator[Finding]:
        while self._waiting:
            key, waiting = next(iter(self._waiting.items()))
            if now_ns - waiting.detections[-1].detected_ns <= self._hold_ns:
                return
            del self._waiting[key]
            for detection in waiting.detections:
                yield _suppressed(detection, BELOW_K_OF_N)


def _confirmed(detection: Detection, wanted: Confirmation, ground: str) -> Finding:
    return Finding(detection, "confirmed", wanted.confidence, (ground,))


def _suppressed(detection: Detection, rule: str) -> Finding:
    return Finding(detection, "suppressed", 0.0, (f"suppressed by {rule!r}",), rule)
