"""The background of the internet: small scans that every public address sees all day.

A source from outside that tries few ports or hosts, slowly, asks a web server for a few
paths that it doesn't have, or of which a service or a sensor logs a few odd things, is one
of hundreds a day; they fold into one case per target's network and day. One that goes on to
many, or is in a hurry, stands for itself. How much of it there is: Durumeric, Bailey,
Halderman, "An Internet-Wide View of Internet-Wide Scanning", USENIX Security 2014.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.addresses import net_of
from tocsin.core.times import DAY_NS, NS_PER_S

if TYPE_CHECKING:
    from tocsin.core.detection import Detection

SCANS = frozenset({"port_scan", "web_scan", "host_discovery"})
TARGETS_MAX, PACE_S_MIN, PATHS_MAX, FEW_PATHS_MAX = 100, 5, 40, 12


def is_background_scan(d: Detection) -> bool:
    """Tell a scan from outside that stands for nothing by itself."""
    targets = int(d.facts.get("targets", 0))
    if d.kind == "host_discovery" and "probe" in d.facts:
        return d.counts.events < PATHS_MAX
    if d.kind == "web_scan" and d.selector.medium == "log":
        # Whoever asks: of what a server writes down most is of many who ask for little.
        return targets < (PATHS_MAX if d.facts.get("outside") else FEW_PATHS_MAX)
    if not d.facts.get("outside"):
        return False
    if d.kind == "web_scan":
        return targets < PATHS_MAX
    is_slow = d.last_ns - d.first_ns >= PACE_S_MIN * NS_PER_S * targets
    return d.kind == "port_scan" and targets < TARGETS_MAX and is_slow


def scan_day_key(d: Detection, site: str) -> tuple[str, ...]:
    """Return the key of the day's background on the network of the target."""
    return (site, "background", net_of(_target(d)), d.kind, str(d.first_ns // DAY_NS))


def _target(d: Detection) -> str:
    """Return whom a scan is against: of one that a log tells of, the host that wrote it."""
    return d.victims[0] if d.victims else d.host or d.source
