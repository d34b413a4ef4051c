"""ARP (RFC 826) for IPv4 over links with six-byte addresses."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import ArpMessage
from tocsin.parse.protocols.segments import Reader, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message

_HEAD = bytes.fromhex("08000604")  # IPv4, lengths 6 and 4
_BYTES_MIN = 28


class ArpReader(Reader):
    """Read requests and replies; keeps nothing."""

    name: ClassVar[str] = "arp"

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell ARP by what surrounds it: a frame without ports and without IP."""
        is_frame = segment.proto == 0 and not segment.client_port and not segment.server_port
        return is_frame and len(segment.data) >= _BYTES_MIN and segment.data[2:6] == _HEAD

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield the message of one frame."""
        data = segment.data
        if len(data) >= _BYTES_MIN and data[2:6] == _HEAD:
            yield ArpMessage(
                **segment.common(),
                operation=int.from_bytes(data[6:8]),
                sender_mac=data[8:14].hex(":"),
                sender=str(IPv4Address(data[14:18])),
                target_mac=data[18:24].hex(":"),
                target=str(IPv4Address(data[24:28])),
            )
