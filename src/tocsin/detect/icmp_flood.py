"""ICMP floods: echo requests, echo replies that nobody asked for (smurf), errors.

Source: CERT CA-1998-01 (smurf), RFC 4732 section 2; "BlackNurse" (TDC SOC, 2016) for errors.

Catches ping floods by one or many sources, smurf at its victim, fragments of giant pings,
and floods of errors. Misses floods under a quarter of ``echoes_rate``; echo requests of
varied lengths between two hosts need ten times the rate, as they may carry a tunnel.
May raise with no history. Memory: the surge table of the packet kernel, bounded there.
"""

from __future__ import annotations

from typing import ClassVar

from tocsin.detect.surges import FRAGMENTS, Flavours, SurgeDetector
from tocsin.kernels import layouts


class IcmpFlood(SurgeDetector):
    """Explain ICMP floods."""

    name: ClassVar[str] = "icmp_flood"
    code: ClassVar[int] = layouts.ICMP_FLOOD
    packets: ClassVar[str] = "ICMP echo packets"
    flavours: ClassVar[Flavours] = {
        layouts.SMURF: ("smurf", "unasked ICMP echo replies"),
        layouts.ERRORS: ("errors", "ICMP errors"),
        **FRAGMENTS,
    }
