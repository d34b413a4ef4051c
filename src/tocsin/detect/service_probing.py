"""Probing as services log it: banners, handshakes and requests that no client of theirs sends.

Counted per source, host and kind of service are events of category ``intrusion_detection``:
connections that break off in the key exchange, unknown recipients, refused relays, malformed
requests, reports of other sensors. A report that names an attack by itself (a web application
firewall's, an intrusion detection system's) counts at once; for the rest ``log.probes_min``
within ``log.probes_window_s`` are needed. Names that a mail server does not know are an
enumeration of users.

Source: ATT&CK T1595 (active scanning) and T1589 (gathering identities). Misses what a service
does not log. May raise with no history. Memory: the bounded episodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.log_messages import LogEvent
from tocsin.detect.episodes import Crossing, Episode, MessageDetector
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection

# Beginnings of actions: what the probing is called, how many are enough (0: the parameter).
_KINDS = (
    ("smtp_user_unknown", "user_enumeration", 0),
    ("port_scan_reported", "port_scan", 1),
    ("waf_", "web_attack", 1),
    ("php_attack", "web_attack", 1),
    ("attack_reported", "exploit", 1),
    ("alert_reported", "host_discovery", 3),
    ("http_", "web_scan", 0),
    ("tls_", "web_scan", 0),
    ("smtp_login_attack", "brute_force", 1),
    ("tarpit_", "brute_force", 0),
    ("vpn_", "brute_force", 4),
    ("login_limited", "brute_force", 1),
    ("honeypot_login", "brute_force", 3),
    ("honeypot_command", "exploit", 1),
    ("nextcloud_", "web_scan", 0),
    ("ssh_protocol_error", "brute_force", 4),
    ("ssh_bad_banner", "brute_force", 0),
    ("malware_reported", "exploit", 1),
    ("guessing_reported", "brute_force", 1),
    ("web_attack_reported", "web_attack", 1),
    ("scan_reported", "port_scan", 1),
    ("web_scan_reported", "web_scan", 1),
    ("flood_reported", "http_flood", 1),
)
_OTHER = ("", "host_discovery", 0)
_SENSORS = ("address_banned", "address_found")  # what another tool did, not what was done


class ServiceProbing(MessageDetector):
    """Count probing events per source, host and service."""

    name: ClassVar[str] = "service_probing"
    hears = (LogEvent,)
    medium: ClassVar[str] = "logs"

    def judge(self, rows: Iterable[object], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the threshold and at each doubling."""
        for message in rows:
            if not isinstance(message, LogEvent) or not message.client:
                continue
            if message.event.get("event.category") != "intrusion_detection":
                continue
            action = str(message.event.get("event.action", ""))
            if action not in _SENSORS:
                yield from self._count(message, action, source)

    def _count(self, message: LogEvent, action: str, source: str) -> Iterator[Detection]:
        p = self.policy.parameters.log
        _, kind, enough = next((one for one in _KINDS if action.startswith(one[0])), _OTHER)
        service = str(message.event.get("event.dataset", "")).split(".", maxsplit=1)[0]
        episode = self.episodes.step(f"{message.client}|{message.server}|{service}|{kind}", message)
        episode.note(action)
        seen = episode.within(message.at_ns, p.probes_window_s)
        threshold = float(enough or p.probes_min)
        phase = episode.phase(float(seen), threshold)
        if phase is None:
            return
        crossing = Crossing(
            kind=kind,
            reason=self._reason(episode, service, seen, threshold),
            figure=f"{plural(episode.records, 'event')} of {service}",
            observed=float(seen),
            threshold=threshold,
            attackers=(message.client,),
            victims=(message.server,) if message.server else (),
            service=service,
            facts={"probe": service, "events": episode.records},
        )
        yield self.report(episode, message, crossing, phase=phase, source=source)

    def _reason(self, episode: Episode, service: str, seen: int, threshold: float) -> str:
        words = ", ".join(name.replace("_", " ") for name in episode.names)
        minutes = self.policy.parameters.log.probes_window_s / 60
        return (
            f"{plural(seen, 'event')} of {service} that no client causes by accident ({words}) in "
            f"{span_text(episode.first_ns, episode.last_ns)}; {threshold:.0f} within "
            f"{minutes:.0f} min is the bound"
        )
