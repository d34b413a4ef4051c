"""ICMP and ICMPv6 messages that carry data (RFC 792, RFC 4443), or say who is where."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import IcmpMessage
from tocsin.parse.protocols.neighbours import ASKED, ROUTER, TOLD, neighbours
from tocsin.parse.protocols.segments import Reader, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message

_ICMPV6 = 58
_PROTOCOLS = frozenset({1, _ICMPV6})
_NEIGHBOURS = frozenset({ROUTER, ASKED, TOLD})
DATA_BYTES_MAX = 256


class IcmpReader(Reader):
    """Read what lies behind the eight bytes of the header; keeps nothing.

    A segment's data begins behind the header; type comes with it, code and numbers of an
    echo are not handed on by the kernel and stay 0.
    """

    name: ClassVar[str] = "icmp"

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by the protocol number."""
        return segment.proto in _PROTOCOLS

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield the message of one packet."""
        if segment.proto == _ICMPV6 and segment.icmp_type in _NEIGHBOURS:
            yield from neighbours(segment)
            return
        yield IcmpMessage(
            **segment.common(),
            type=segment.icmp_type,
            code=0,
            data=segment.data[:DATA_BYTES_MAX],
        )
