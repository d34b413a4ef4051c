"""Host discovery: one end asks for ever more hosts, by ARP or by ICMP echo.

Counts distinct addresses that one sender asks for within a short window: ARP requests
(RFC 826) and echo requests (RFC 792, RFC 4443). Hosts that boot and gateways that look for
their clients ask for few addresses, again and again. Source: Whyte, van Oorschot, Kranakis,
"ARP-based detection of scanning worms", ACSAC 2005.

Catches arp-scan, netdiscover, nmap's ping scans, fping. Misses sweeps slower than
``slow_hosts_min`` addresses in ``slow_window_s``, and those of hosts that answer nearly all.
May raise with no history. Memory: `tocsin.detect.episodes.Episodes`.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import ArpMessage, IcmpMessage
from tocsin.core.times import NS_PER_S
from tocsin.detect.episodes import Crossing, Episode, MessageDetector
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message

_ECHO, _REPLY = frozenset({8, 128}), frozenset({0, 129})
_UNSET = ("0.0.0.0", "::")  # noqa: S104 - what a host without an address calls itself
_SAMPLES, _DENSE_MIN = 16, 8


class HostDiscovery(MessageDetector):
    """Count the distinct hosts that a sender asks for."""

    name: ClassVar[str] = "host_discovery"
    hears = (ArpMessage, IcmpMessage)
    gap_s: ClassVar[float] = 3600.0

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the threshold and at each doubling of the hosts."""
        for message in rows:
            if isinstance(message, ArpMessage):
                yield from self._arp(message, source)
            elif isinstance(message, IcmpMessage) and message.type in _ECHO | _REPLY:
                yield from self._echo(message, source)

    def _arp(self, message: ArpMessage, source: str) -> Iterator[Detection]:
        is_v6 = ":" in message.sender
        if message.operation != 1:
            asked = self.episodes.get(f"arp|{message.target_mac or message.target}")
            if asked is not None:
                asked.tally("answered")
            return
        if message.sender in (message.target, *_UNSET):  # an announcement or a probe (RFC 5227)
            return
        mac = message.sender_mac
        # Who answers by IPv6 says which address asked, not which station.
        episode = self.episodes.step(f"arp|{message.sender if is_v6 else mac}", message)
        parties = (message.sender, mac) if mac else (message.sender,)
        yield from self._asked(episode, message, message.target, parties, "arp", source)

    def _echo(self, message: IcmpMessage, source: str) -> Iterator[Detection]:
        key = f"icmp|{message.client}"
        if message.type in _REPLY:
            asked = self.episodes.get(key)
            if asked is not None and not message.from_client:
                asked.tally("answered")
            return
        if message.from_client:
            episode = self.episodes.step(key, message)
            yield from self._asked(
                episode, message, message.server, (message.client,), "icmp", source
            )

    def _asked(
        self,
        episode: Episode,
        message: Message,
        host: str,
        parties: tuple[str, ...],
        proto: str,
        source: str,
    ) -> Iterator[Detection]:
        p = self.policy.parameters.discovery
        if not episode.note(host):
            return
        fast = episode.within(message.at_ns, p.slow_window_s)
        oldest_ns = message.at_ns - int(p.window_s * NS_PER_S)
        recent = sum(1 for at_ns in episode.times if at_ns >= oldest_ns)
        hosts = len(episode.names)
        answered = episode.tallies.get("answered", 0.0) / hosts
        is_search = recent >= p.hosts_min or fast >= p.slow_hosts_min
        if not episode.reported and (not is_search or answered > p.answered_share_max):
            return
        phase = episode.phase(float(hosts), min(float(hosts), p.hosts_min))
        if phase is None:
            return
        span = span_text(episode.first_ns, episode.last_ns)
        what = "by ARP" if proto == "arp" else "by ICMP echo"
        crossing = Crossing(
            kind="host_discovery",
            reason=(
                f"{plural(hosts, 'host')} asked for {what} in {span}, "
                f"{episode.tallies.get('answered', 0.0):,.0f} answers; a host asks for "
                f"the few that it talks to; {p.hosts_min:.0f} in {p.window_s:.0f} s is the bound"
            ),
            figure=f"{plural(hosts, 'host')} asked for in {span}",
            observed=float(hosts),
            threshold=p.hosts_min,
            attackers=parties,
            victims=_networks(list(episode.names)),
            facts={"proto": proto, "targets": hosts},
        )
        yield self.report(episode, message, crossing, phase=phase, source=source)


def _networks(hosts: list[str]) -> tuple[str, ...]:
    """Return the one /24 (or /64) that holds them all, else the hosts met first."""
    nets = {ip_network((h, 24 if ip_address(h).version == 4 else 64), strict=False) for h in hosts}  # noqa: PLR2004
    if len(nets) == 1 and len(hosts) >= _DENSE_MIN:
        return (str(nets.pop()),)
    return tuple(hosts[:_SAMPLES])
