"""UDP amplification: answers that the victim never asked for, or a service that overfeeds one.

Source: US-CERT TA14-017A (UDP-based amplification attacks); C. Rossow, "Amplification Hell",
NDSS 2014.

Catches at the victim answers from service ports by several hosts (or by one, when each comes
from or to another port), and datagrams of any one source port by many; at the reflector,
answers ten times their question, in numbers, to one client. Misses reflections under a
quarter of ``answers_rate``, and small DNS answers (a resolver seen one way gets those).
May raise with no history. Memory: the surge table of the packet kernel, bounded there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.detect.surges import REFLECTORS, Flavours, SurgeDetector
from tocsin.kernels import layouts

if TYPE_CHECKING:
    import numpy as np

_NAMES = {
    17: "QOTD", 19: "chargen", 53: "DNS", 69: "TFTP", 111: "portmap", 123: "NTP", 137: "NetBIOS",
    161: "SNMP", 389: "CLDAP", 427: "SLP", 500: "ISAKMP", 520: "RIP", 623: "IPMI",
    1434: "SQL browser", 1900: "SSDP", 3283: "ARMS", 3389: "RDP", 3478: "STUN",
    3702: "WS-Discovery", 4500: "ISAKMP", 5060: "SIP", 5353: "mDNS", 5683: "CoAP",
    11211: "memcached",
}  # fmt: skip


class Amplification(SurgeDetector):
    """Explain UDP reflections."""

    name: ClassVar[str] = "amplification"
    code: ClassVar[int] = layouts.AMPLIFICATION
    group: ClassVar[str] = REFLECTORS
    packets: ClassVar[str] = "unasked UDP answers"
    flavours: ClassVar[Flavours] = {
        layouts.REFLECTOR: ("reflector", "answers ten times their question")
    }

    def called(self, trip: np.void) -> str:
        """Return what the packets are called, with the service where it is one."""
        service = _NAMES.get(int(trip["sample_ports"][0]), "UDP")
        if trip["measure"] == layouts.REFLECTOR:
            return f"{service} answers ten times their question"
        return f"unasked {service} answers"
