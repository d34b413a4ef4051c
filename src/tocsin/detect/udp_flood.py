"""UDP floods, by their shape: datagrams that nobody answers, each from or to another port.

Source: RFC 4732 (Internet denial-of-service considerations), section 2; the shapes are
those of hping3, LOIC and Mirai's UDP attacks (Antonakakis et al., USENIX Security 2017).

Catches floods of ever new conversations (random ports or spoofed sources), one-way streams
that repeat one length, floods of later fragments, and QUIC openings that never go on.
Misses floods under ``spread_rate``, floods of a port that answers (DNS), and streams of
varied lengths. May raise with no history; a rate that the target is used to is calm.
Memory: the surge table of the packet kernel, bounded there.
"""

from __future__ import annotations

from typing import ClassVar

from tocsin.detect.surges import FRAGMENTS, Flavours, SurgeDetector
from tocsin.kernels import layouts


class UdpFlood(SurgeDetector):
    """Explain UDP floods."""

    name: ClassVar[str] = "udp_flood"
    code: ClassVar[int] = layouts.UDP_FLOOD
    packets: ClassVar[str] = "UDP packets"
    flavours: ClassVar[Flavours] = {
        layouts.STREAM: ("stream", "UDP packets one way"),
        layouts.QUIC: ("quic", "QUIC openings"),
        **FRAGMENTS,
    }
