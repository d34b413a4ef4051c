"""From detections to findings: k of n windows, allowlist, suppression; nothing gets lost.

Every detection leaves as exactly one finding (DESIGN, law 7): *confirmed*, *candidate*
(held until enough windows agree, or until its time is up), or *suppressed* by a named
rule. A candidate whose time is up leaves as suppressed by ``below k of n``.

What has no attacker is judged by whom it hit: odd traffic of a host that a suppressed
attacker is at work on at the time is that attacker's doing, and suppressed by the same rule.

A candidate waits at most ``hold_s`` of event time; the table of those that wait is
bounded by ``waiting_max``, the oldest leave first; so is the memory of who was worked on.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from tocsin.core.codec import detection_from_plain, detection_to_plain
from tocsin.core.detection import Detection, Finding
from tocsin.core.times import NS_PER_S
from tocsin.core.vocabulary import SHAPELESS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from ipaddress import IPv4Network, IPv6Network

BELOW_K_OF_N = "below k of n"
DECISIVE_CONFIDENCE, AGREEING_CONFIDENCE = 0.9, 0.6
AFTERMATH_NS = 300 * NS_PER_S  # a window of odd traffic closes after the last packet of its cause


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How many windows of the last ``n`` must agree; a decisive rule is 1 of 1."""

    k: int = 1
    n: int = 1
    confidence: float = DECISIVE_CONFIDENCE

    def __post_init__(self) -> None:
        if not 1 <= self.k <= self.n:
            raise ValueError(f"k of n must satisfy 1 <= k <= n, got {self.k} of {self.n}")


_USUAL = Confirmation()  # of a rule that says nothing of it


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
        self._worked_on: OrderedDict[str, tuple[int, str]] = OrderedDict()

    def judge(self, detection: Detection) -> Iterator[Finding]:
        """Take a detection and yield every finding that is now decided, oldest first."""
        yield from self._expire(detection.detected_ns)
        name = self._suppressing(detection)
        if name:
            yield _suppressed(detection, name)
            return
        wanted = self._confirmations.get(detection.rule, _USUAL)
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

    def state(self) -> dict[str, Any]:
        """Return what waits and who was worked on, as plain values."""
        waiting = [d for one in self._waiting.values() for d in one.detections]
        return {
            "waiting": [detection_to_plain(d) for d in waiting],
            "worked_on": [[host, *last] for host, last in self._worked_on.items()],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what `state` gave; the stage must be fresh."""
        for detection in map(detection_from_plain, state["waiting"]):
            key = (detection.source, detection.rule, detection.entity)
            self._waiting.setdefault(key, _Waiting()).detections.append(detection)
        for host, last_ns, name in state["worked_on"]:
            self._worked_on[host] = (last_ns, name)

    def _suppressing(self, detection: Detection) -> str:
        """Return the name of the rule that a detection falls under, empty: none."""
        for rule in self._suppressions:
            if rule.matches(detection):
                if rule.attacker is not None:
                    self._note(detection, rule.name)
                return rule.name
        if detection.kind in SHAPELESS:
            last_ns, name = self._worked_on.get(detection.entity, (0, ""))
            if name and detection.first_ns - last_ns <= AFTERMATH_NS:
                return name
        return ""

    def _note(self, detection: Detection, name: str) -> None:
        for host in detection.victims:
            self._worked_on[host] = (detection.last_ns, name)
            self._worked_on.move_to_end(host)
        while len(self._worked_on) > self._waiting_max:
            self._worked_on.popitem(last=False)

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
