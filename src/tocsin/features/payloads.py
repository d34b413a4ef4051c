"""From the packet kernel's marks to segments that protocol readers take."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from tocsin.core.addresses import address_text
from tocsin.core.segments import Segment
from tocsin.kernels.marks import READ, STALL, VOLUME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from tocsin.core.messages import Message

_FIELDS = [
    "src_hi", "src_lo", "dst_hi", "dst_lo", "src_port", "dst_port", "proto", "seq", "offset",
    "payload_at", "captured", "payload", "icmp_type",
]  # fmt: skip
_text = lru_cache(maxsize=4096)(address_text)


class Conversations(Protocol):
    """What a lane needs of the stage that reads payloads."""

    def read(self, segments: Iterable[tuple[int, Segment]]) -> Iterator[Message]:
        """Yield the messages of ``(sequence number, segment)`` pairs, in their order."""
        ...

    def state(self) -> list[Any]:
        """Return all that must survive a restart, as plain values."""
        ...

    def restore(self, state: list[Any]) -> None:
        """Take back what `state` gave."""
        ...


def payloads(
    marks: NDArray[np.void], rows: NDArray[np.void], buffer: NDArray[np.uint8]
) -> Iterator[tuple[int, Segment]]:
    """Yield (TCP sequence number, segment) of each mark.

    ``marks`` dtype `tocsin.kernels.marks.MARK`, ``rows`` dtype `decode.DECODED` of the same
    batch, ``buffer`` the bytes that they were decoded from.
    """
    view = buffer.data
    decoded = rows[marks["row"]][_FIELDS].tolist()
    for (start_offset, start_ns, at_ns, _, is_out, why, whole, *totals), row in zip(
        marks.tolist(), decoded, strict=True
    ):
        src, dst = _text(row[0], row[1]), _text(row[2], row[3])
        src_port, dst_port, proto, sequence, offset, at, captured, payload, icmp_type = row[4:]
        ends = (src, dst, src_port, dst_port) if is_out else (dst, src, dst_port, src_port)
        data = bytes(view[at : at + captured])
        where = (start_ns, start_offset, bool(is_out))
        segment = Segment(at_ns, offset, *ends, proto, *where, payload, data, icmp_type=icmp_type)
        if why & VOLUME:
            volume = (totals[0], totals[1], bool(whole))
            segment = segment._replace(volume=volume, is_read=why & READ != 0)
        if why & STALL:
            segment = segment._replace(stalled_at_bytes=totals[1], is_read=why & READ != 0)
        yield sequence, segment
