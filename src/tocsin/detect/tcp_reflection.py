"""TCP reflection: SYN-ACK and RST in numbers to a host that asked for none of them.

Source: M. Kuhrer et al., "Hell of a Handshake: Abusing TCP for Reflective Amplification DDoS
Attacks", USENIX WOOT 2014.

Catches answers by several hosts to one victim, seen from either side or one way. Misses
reflections under a quarter of ``reflected_rate``. Backscatter of floods on others is calm until
it is itself that many; answers that a conversation follows are calm. A host that scans, seen
only from the side of its answers, looks the same. May raise with no history. Memory: the
surge table of the packet kernel, bounded there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.detect.surges import REFLECTORS, SurgeDetector
from tocsin.kernels import layouts

if TYPE_CHECKING:
    import numpy as np

_SYN = 0x02


class TcpReflection(SurgeDetector):
    """Explain TCP reflections."""

    name: ClassVar[str] = "tcp_reflection"
    code: ClassVar[int] = layouts.TCP_REFLECTION
    group: ClassVar[str] = REFLECTORS
    packets: ClassVar[str] = "unasked TCP answers"

    def called(self, trip: np.void) -> str:
        """Return what the packets are called, by the flags of the first."""
        return f"unasked {'SYN-ACK' if int(trip['sample_ports'][1]) & _SYN else 'RST'} answers"
