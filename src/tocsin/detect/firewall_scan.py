"""Port scans as firewalls log them: one source, many ports or hosts refused.

Counted per source are different (host, port) pairs in refused or logged packets (netfilter,
Cisco, Fortinet, MikroTik, pf) within ``log.refused_window_s``. Rules that log what they allow are
no scan: packets to well-known services that one source repeats count once.

Source: Jung et al., "Fast Portscan Detection Using Sequential Hypothesis Testing", IEEE S&P 2004,
of which a log holds only the failures. Misses scans that the firewall does not log, and what rate
limits on its log leave out. May raise with no history. Memory: the bounded episodes, 256 pairs
each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.log_messages import LogEvent
from tocsin.detect.episodes import Crossing, MessageDetector
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection

_ACTIONS = frozenset(("packet_logged", "packet_refused"))


class FirewallScan(MessageDetector):
    """Count what a firewall refused one source."""

    name: ClassVar[str] = "firewall_scan"
    hears = (LogEvent,)
    medium: ClassVar[str] = "logs"

    def judge(self, rows: Iterable[object], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the threshold and at each doubling."""
        for message in rows:
            if (
                isinstance(message, LogEvent)
                and message.client
                and message.event.get("event.action") in _ACTIONS
            ):
                yield from self._count(message, source)

    def _count(self, message: LogEvent, source: str) -> Iterator[Detection]:
        p = self.policy.parameters.log
        event = message.event
        port, target = event.get("destination.port", 0), str(event.get("destination.ip", ""))
        episode = self.episodes.step(message.client, message)
        if not episode.note(f"{target} {port}"):
            return
        seen = episode.within(message.at_ns, p.refused_window_s)
        phase = episode.phase(float(seen), float(p.refused_ports_min))
        if phase is None:
            return
        hosts = {name.split(" ", maxsplit=1)[0] for name in episode.names}
        ports = {name.split(" ", maxsplit=1)[1] for name in episode.names}
        scan = "both" if len(hosts) > 1 and len(ports) > 1 else (
            "horizontal" if len(hosts) > 1 else "vertical"
        )  # fmt: skip
        crossing = Crossing(
            kind="port_scan",
            reason=(
                f"a firewall logged {plural(seen, 'different target')} "
                f"({plural(len(ports), 'port')} of {plural(len(hosts), 'host')}) in "
                f"{span_text(episode.first_ns, episode.last_ns)}; {p.refused_ports_min} within "
                f"{p.refused_window_s / 60:.0f} min is the bound"
            ),
            figure=f"{plural(len(ports), 'port')} of {plural(len(hosts), 'host')}",
            observed=float(seen),
            threshold=float(p.refused_ports_min),
            attackers=(message.client,),
            victims=tuple(sorted(host for host in hosts if host))[:16],
            facts={"scan": scan, "proto": str(event.get("network.transport", "")).lower(),
                   "targets": len(episode.names)},
        )  # fmt: skip
        yield self.report(episode, message, crossing, phase=phase, source=source)
