"""TCP floods other than SYN: segments of conversations that never were.

Source: RFC 4732 section 2; the flag floods of hping3, Mirai's ACK attack (Antonakakis et
al., USENIX Security 2017).

Catches ACK, PSH-ACK, FIN, RST, XMAS and flagless floods of ever new conversations, and
impossible flags even in one. Misses floods under ``spread_rate`` (``odd_rate`` for
impossible flags), and ACK within one conversation, which looks like a transfer seen one
way. A scan of many ports by few sources is none. May raise with no history. Memory: the
surge table of the packet kernel, bounded there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.detect.surges import Flavours, SurgeDetector
from tocsin.kernels import layouts

if TYPE_CHECKING:
    import numpy as np

_FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR")


class TcpFlood(SurgeDetector):
    """Explain TCP floods."""

    name: ClassVar[str] = "tcp_flood"
    code: ClassVar[int] = layouts.TCP_FLOOD
    packets: ClassVar[str] = "TCP packets"
    flavours: ClassVar[Flavours] = {layouts.FLAGS: ("odd_flags", "TCP packets")}

    def called(self, trip: np.void) -> str:
        """Return what the packets are called, with their flags."""
        value = int(trip["sample_ports"][1])
        flags = "-".join(name for bit, name in enumerate(_FLAGS) if value >> bit & 1)
        return f"{flags or 'flagless'} packets outside any connection"
