"""IPv6 floods: extension headers in numbers, and neighbour discovery beyond any need.

Source: RFC 9288 (filtering of IPv6 extension headers), RFC 6583 (operational neighbour
discovery problems), RFC 6104 (rogue router advertisements); the attacks of thc-ipv6.

Catches packets behind hop-by-hop, destination, routing and authentication headers in numbers
(chains too long to read among them), floods of router and neighbour advertisements,
solicitations, redirects and listener reports, and echo requests to all nodes. Misses floods
under a quarter of ``ipv6_rate`` (``errors_rate`` for ICMPv6 errors). May raise with no
history. Memory: the surge table of the packet kernel, bounded there.
"""

from __future__ import annotations

from typing import ClassVar

from tocsin.detect.surges import Flavours, SurgeDetector
from tocsin.kernels import layouts


class Ipv6Dos(SurgeDetector):
    """Explain IPv6 floods."""

    name: ClassVar[str] = "ipv6_dos"
    code: ClassVar[int] = layouts.IPV6_DOS
    packets: ClassVar[str] = "IPv6 packets"
    flavours: ClassVar[Flavours] = {
        layouts.EXTENSIONS: ("extension_headers", "IPv6 packets with extension headers"),
        layouts.NEIGHBOURS: ("neighbour_discovery", "messages to the link"),
        layouts.ERRORS: ("errors", "ICMPv6 errors"),
    }
