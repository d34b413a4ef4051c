"""UDP floods and those of bare IP, by their shape: datagrams that nobody answers.

Source: RFC 4732 (Internet denial-of-service considerations), section 2; the shapes are
those of hping3, LOIC and Mirai's UDP attacks (Antonakakis et al., USENIX Security 2017).

Catches floods of ever new conversations (random ports or spoofed sources), one-way streams
that repeat one length, floods of later fragments, QUIC openings that never go on, and GRE,
SCTP, ESP or any other protocol that is no TCP or ICMP.
Misses floods under ``spread_rate``, floods of a port that answers (DNS), and streams of
varied lengths, and GRE whose inner packets go to ever other hosts. May raise with no
history; a rate that the target is used to is calm.
Memory: the surge table of the packet kernel, bounded there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.detect.surges import FRAGMENTS, Flavours, SurgeDetector
from tocsin.detect.trips import PROTOCOLS
from tocsin.kernels import layouts

if TYPE_CHECKING:
    import numpy as np


class UdpFlood(SurgeDetector):
    """Explain UDP floods."""

    name: ClassVar[str] = "udp_flood"
    code: ClassVar[int] = layouts.UDP_FLOOD
    packets: ClassVar[str] = "UDP packets"
    flavours: ClassVar[Flavours] = {
        layouts.STREAM: ("stream", "UDP packets one way"),
        layouts.QUIC: ("quic", "QUIC openings"),
        layouts.PROTOCOL: ("protocol", "IP packets"),
        **FRAGMENTS,
    }

    def called(self, trip: np.void) -> str:
        """Return what the packets of a trip are called; those of bare IP by their protocol."""
        if int(trip["measure"]) != layouts.PROTOCOL:
            return super().called(trip)
        proto = int(trip["proto"])
        name = PROTOCOLS.get(proto)
        return f"{name.upper()} packets" if name else f"packets of IP protocol {proto}"
