"""DHCP for IPv6 (RFC 8415): who hands out addresses and name servers on a link."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import DhcpMessage
from tocsin.parse.protocols.segments import Reader, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message

_PORTS = frozenset({546, 547})
# Message types as those of DHCP that mean the same: solicit, advertise, request, reply.
_TYPES = {1: 1, 2: 2, 3: 3, 7: 5}
_CLIENT, _SERVER, _NA, _ADDRESS, _DNS = 1, 2, 3, 5, 23
_OPTIONS_AT, _IN_NA_AT, _OPTIONS_MAX = 4, 12, 64
_LINK_TIME, _LINK = 1, 3  # identifiers that hold a hardware address (section 11)
_FROM_SERVER = frozenset({2, 7})


class Dhcp6Reader(Reader):
    """Read a message's options; keeps nothing. A server is named by its address on the link."""

    name: ClassVar[str] = "dhcp6"

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by the ports and the message type."""
        is_port = {segment.client_port, segment.server_port} <= _PORTS
        return is_port and segment.data[:1] != b"" and segment.data[0] in _TYPES

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield the message of one datagram."""
        data = segment.data
        if len(data) < _OPTIONS_AT or data[0] not in _TYPES:
            return
        options = _options(data[_OPTIONS_AT:])
        sender = segment.client if segment.from_client else segment.server
        leased = _options(options.get(_NA, b"")[_IN_NA_AT:]).get(_ADDRESS, b"")[:16]
        yield DhcpMessage(
            **segment.common(),
            type=_TYPES[data[0]],
            client_mac=_hardware(options.get(_CLIENT, b"")),
            server_id=sender if data[0] in _FROM_SERVER and _SERVER in options else "",
            offered=next(iter(_addresses(leased)), ""),
            name_servers=_addresses(options.get(_DNS, b"")),
        )


def _options(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(data) and len(found) < _OPTIONS_MAX:
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        found.setdefault(int.from_bytes(data[at : at + 2], "big"), data[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def _hardware(identifier: bytes) -> str:
    """Return the hardware address inside a client's identifier, else the identifier in hex."""
    kind = int.from_bytes(identifier[:2], "big")
    at = {_LINK_TIME: 8, _LINK: 4}.get(kind)
    return identifier[at:14].hex(":") if at is not None else identifier[:20].hex()


def _addresses(raw: bytes) -> tuple[str, ...]:
    return tuple(str(IPv6Address(raw[at : at + 16])) for at in range(0, len(raw) - 15, 16))
