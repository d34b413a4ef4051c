"""Worms: a search for hosts that only something which spreads by itself makes.

A horizontal scan (`tocsin.detect.port_scan`) is told as a worm's when one of these holds:

- its contacts bear the sign of a worm: the address tried stands in the TCP sequence number
  (Mirai and its heirs; Antonakakis et al., USENIX Security 2017), or each datagram is SQL
  Slammer's (Moore et al., IEEE Security & Privacy 2003);
- the source had itself answered on that very port before: what entered there goes on (the
  connection from victim to victim of Whyte, Kranakis, van Oorschot, NDSS 2005);
- a port that worms spread by is tried on hosts all over the internet: who searches a network
  for a purpose searches that network.

Catches Mirai, Hajime, Mozi, Slammer, Blaster, Sasser, Conficker and their like once they
search. Misses worms that search the local network alone by a port that the host itself
does not serve, by mail or by name; a server that searches others of its kind for a good
reason is found too, as its scan is. May raise all of it with no history. Memory: the contacts
table of the packet kernel, and one table there with the names (`tocsin.kernels.resolved`).
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, ClassVar

from tocsin.detect.base import PACKET_TRIPS, Policy, Stateless
from tocsin.detect.port_scan import explain
from tocsin.detect.trips import episode_of, samples_of
from tocsin.kernels import layouts
from tocsin.kernels.contacts import SIGNS_MIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from tocsin.core.detection import Detection

SPREAD_MIN = 6  # networks of 65,536 among the hosts met first, of which there are eight
# Telnet of devices, Windows RPC and SMB, SQL Server, Android's debug bridge, home routers.
PORTS = frozenset({23, 26, 135, 139, 445, 1433, 1434, 2323, 5358, 5555, 7547, 37215, 52869, 60001})


class Worm(Stateless):
    """Tell which horizontal scans are a worm's."""

    name: ClassVar[str] = "worm"
    wants: ClassVar[str] = PACKET_TRIPS

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        """Yield one detection per trip of a horizontal scan that bears a worm's sign."""
        codes = (layouts.SCAN_HORIZONTAL, layouts.SCAN_SLOW_HORIZONTAL)
        for trip in rows[(rows["code"] == codes[0]) | (rows["code"] == codes[1])]:
            sign, words = _sign_of(trip)
            if sign:
                scan = explain(trip, self.name, self.policy, source)
                yield replace(
                    scan,
                    kind="worm",
                    episode=episode_of(trip, "worm", scan.attackers[0], int(trip["port"])),
                    reason=f"{words}; {scan.reason}",
                    facts={**scan.facts, "sign": sign},
                )


def _sign_of(trip: np.void) -> tuple[str, str]:
    """Return the sign of a worm and what to say of it; two empty texts: none."""
    signs, port = int(trip["deviation"]), int(trip["port"])
    if signs >= SIGNS_MIN:
        what = (
            "are the one datagram of SQL Slammer"
            if trip["measure"]
            else "carry the address tried as sequence number, as Mirai does"
        )
        return "probes", f"{signs:,} probes {what}"
    if trip["bytes"] > 0:
        return "entered", f"port {port} of the source itself was reached before"
    hosts = samples_of(trip)
    if port in PORTS and _spread(hosts) >= SPREAD_MIN:
        return "spread", (
            f"worms spread by port {port}, and the first {len(hosts)} hosts lie in "
            f"{_spread(hosts)} networks far apart"
        )
    return "", ""


def _spread(hosts: Sequence[str]) -> int:
    """Count the networks (/16, /32 of IPv6) on the internet that hosts lie in."""
    found = set()
    for host in hosts:
        address = ip_address(host)
        if address.is_global:
            found.add((address.version, int(address) >> (16 if address.version == 4 else 96)))  # noqa: PLR2004
    return len(found)
