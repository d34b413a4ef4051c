"""ARP and neighbour spoofing: a station says that it is at an address which another one holds.

Signs are added up per station (MAC address), each at most once or up to a bound: it tells
two hosts that it is at the other's address (both sides of a man in the middle); it asks
for an address that it claimed itself; it claims an address that another station claims
before and after; it answers what nobody asked, and tells one host the same again and again
(unless the address was its own before another came); it holds several addresses (of IPv4:
IPv6 gives several to all). Sources: RFC 826; RFC 3756 for IPv6; Abad, Bonilla, "An Analysis
on the Schemes for Detecting and Preventing ARP Cache Poisoning Attacks", 2007.

Catches arpspoof, ettercap, bettercap, Cain, parasite6. Virtual router addresses (RFC 5798,
HSRP, GLBP) and stations that take over an address once raise nothing. Misses a spoofer that
says nothing while it is watched. May raise with no history. Memory: `CLAIMS_MAX` addresses
and `tocsin.detect.episodes.Episodes`.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.messages import ArpMessage
from tocsin.core.times import NS_PER_S
from tocsin.detect.episodes import Crossing, Episode, MessageDetector
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message
    from tocsin.detect.base import Policy

CLAIMS_MAX = 2048
_VIRTUAL = ("00:00:5e:00:01", "00:00:5e:00:02", "00:00:0c:07:ac", "00:07:b4", "00:00:0c:9f")
_EMPTY = ("0.0.0.0", "255.255.255.255", "::")  # noqa: S104 - addresses that nobody holds
_BROADCAST = "ff:ff:ff:ff:ff:ff"
_ASKED_S, _BOTH_S, _FLIP_S = 5, 120, 300
_CLAIMANTS_MAX = 4
_URGED_MIN, _URGED_S = 4, 60
# What each sign adds, and how often it may.
_BOTH_SIDES, _ASKS_OWN, _FLIP, _INSISTS, _UNASKED, _SEVERAL = 4.0, 4.0, 3.0, 4.0, 1.0, 1.0
_MOST = {
    "both_sides": 4.0,
    "asks_own": 4.0,
    "flip": 6.0,
    "insists": 4.0,
    "unasked": 3.0,
    "several": 1.0,
}
_WORDS = {
    "both_sides": "told two hosts that it is at the other's address",
    "asks_own": "asked for an address that it claims itself",
    "flip": "claims an address that another station claims before and after",
    "insists": "tells one host the same again and again",
    "unasked": "answers what nobody asked",
    "several": "holds several addresses",
}


class ArpSpoof(MessageDetector):
    """Add up the signs of each station."""

    name: ClassVar[str] = "arp_spoof"
    hears = (ArpMessage,)

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        # address -> [[mac, last_ns], ...], in the order in which they claimed it first
        self._claims: OrderedDict[str, list[list[Any]]] = OrderedDict()
        self._asked: OrderedDict[str, int] = OrderedDict()  # "asker|target" -> when
        self._told: OrderedDict[str, int] = OrderedDict()  # "mac|claimed|to" -> when
        # "mac|claimed|to" -> [since when, how often unasked]
        self._urged: OrderedDict[str, list[int]] = OrderedDict()

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection when a station's signs reach the threshold, and when they double."""
        for message in rows:
            if isinstance(message, ArpMessage) and message.sender not in _EMPTY:
                if not message.sender_mac or message.sender_mac.startswith(_VIRTUAL):
                    continue
                episode = self._note(message)
                yield from self._judge(episode, message, source)

    def _note(self, m: ArpMessage) -> Episode:
        """Take the message in: what it claims, asks and answers."""
        mac = m.sender_mac
        episode = self.episodes.step(mac, m)
        episode.note(m.sender)
        if len(episode.names) > 1 and ":" not in m.sender:
            _add(episode, "several", _SEVERAL)
        if m.operation == 1:
            if m.target in episode.names and m.target != m.sender:
                _add(episode, "asks_own", _ASKS_OWN)
            _put(self._asked, f"{m.sender}|{m.target}", m.at_ns)
        elif m.target != m.sender and m.target_mac != _BROADCAST and not _is_group(m.target):
            asked_ns = self._asked.get(f"{m.target}|{m.sender}", 0)
            if m.at_ns - asked_ns > _ASKED_S * NS_PER_S:
                _add(episode, "unasked", _UNASKED)
                episode.tally("unasked answers")
                self._urge(episode, m)
        if m.target != m.sender:
            self._tell(episode, m)
        self._claim(episode, m)
        return episode

    def _tell(self, episode: Episode, m: ArpMessage) -> None:
        other_ns = self._told.get(f"{m.sender_mac}|{m.target}|{m.sender}", 0)
        if m.at_ns - other_ns < _BOTH_S * NS_PER_S:
            _add(episode, "both_sides", _BOTH_SIDES)
            episode.note(m.target)
        _put(self._told, f"{m.sender_mac}|{m.sender}|{m.target}", m.at_ns)

    def _urge(self, episode: Episode, m: ArpMessage) -> None:
        key = f"{m.sender_mac}|{m.sender}|{m.target}"
        since = self._urged.setdefault(key, [m.at_ns, 0])
        if m.at_ns - since[0] > _URGED_S * NS_PER_S:
            since[:] = [m.at_ns, 0]
        since[1] += 1
        self._urged.move_to_end(key)
        if len(self._urged) > CLAIMS_MAX:
            self._urged.popitem(last=False)
        known = self._claims.get(m.sender, [])
        is_robbed = len(known) > 1 and known[0][0] == m.sender_mac
        if since[1] >= _URGED_MIN and not is_robbed:
            _add(episode, "insists", _INSISTS)

    def _claim(self, episode: Episode, m: ArpMessage) -> None:
        """Tell a quarrel from a take-over: the old claimant must come back."""
        known = self._claims.setdefault(m.sender, [])
        self._claims.move_to_end(m.sender)
        if len(self._claims) > CLAIMS_MAX:
            self._claims.popitem(last=False)
        macs = [one[0] for one in known]
        if m.sender_mac not in macs:
            known.append([m.sender_mac, m.at_ns])
            del known[_CLAIMANTS_MAX:]
            return
        own, latest = macs.index(m.sender_mac), max(known, key=lambda one: int(one[1]))
        if latest[0] != m.sender_mac and m.at_ns - known[own][1] < _FLIP_S * NS_PER_S:
            newcomer = known[max(own, macs.index(latest[0]))][0]  # who claimed it later at first
            between = self.episodes.get(newcomer)
            _add(between or episode, "flip", _FLIP)
        known[own][1] = m.at_ns

    def _judge(self, episode: Episode, m: ArpMessage, source: str) -> Iterator[Detection]:
        least = self.policy.parameters.discovery.spoof_signs_min
        signs = {name: episode.tallies[name] for name in _MOST if name in episode.tallies}
        score = sum(signs.values())
        phase = episode.phase(score, least)
        if phase is None:
            return
        addresses = list(episode.names)
        own = addresses[-1:] if "asks_own" in signs else []
        unasked = episode.tallies.get("unasked answers", 0.0)
        words = "; ".join(_WORDS[name] for name in signs)
        crossing = Crossing(
            kind="arp_spoof",
            reason=(
                f"station {m.sender_mac} {words} ({', '.join(addresses[:4])}; "
                f"{plural(round(unasked), 'answer')} unasked for in "
                f"{span_text(episode.first_ns, episode.last_ns)}); "
                f"signs {score:.0f}, {least:.0f} is the bound"
            ),
            figure=f"signs {score:.0f}, {', '.join(addresses[:2])} claimed",
            observed=score,
            threshold=least,
            attackers=(m.sender_mac, *own),
            victims=tuple(dict.fromkeys([*addresses[:4], m.target])),
            contributions=signs,
            facts={"proto": "ndp" if ":" in m.sender else "arp"},
        )
        yield self.report(episode, m, crossing, phase=phase, source=source)

    def state(self) -> dict[str, Any]:
        """Return claims, questions and episodes as plain values."""
        return {
            **super().state(),
            "claims": [[address, known] for address, known in self._claims.items()],
            "asked": list(self._asked.items()),
            "told": list(self._told.items()),
            "urged": [[key, since] for key, since in self._urged.items()],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self._claims = OrderedDict((a, [list(one) for one in k]) for a, k in state["claims"])
        self._asked = OrderedDict((key, at) for key, at in state["asked"])
        self._told = OrderedDict((key, at) for key, at in state["told"])
        self._urged = OrderedDict((key, list(since)) for key, since in state["urged"])


def _is_group(address: str) -> bool:
    return address.startswith(("ff0", "ff1", "ff3"))


def _add(episode: Episode, sign: str, amount: float) -> None:
    episode.tallies[sign] = min(_MOST[sign], episode.tallies.get(sign, 0.0) + amount)


def _put(table: OrderedDict[str, int], key: str, at_ns: int) -> None:
    table[key] = at_ns
    table.move_to_end(key)
    if len(table) > CLAIMS_MAX:
        table.popitem(last=False)
