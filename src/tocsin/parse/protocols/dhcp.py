"""DHCP (RFC 2131, options of RFC 2132)."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import DhcpMessage
from tocsin.parse.protocols.segments import Reader, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message

_PORTS = frozenset({67, 68})
_COOKIE_AT, _OPTIONS_AT = 236, 240
_COOKIE = bytes.fromhex("63825363")
_PAD, _END, _ROUTER, _DNS, _HOST, _TYPE, _SERVER = 0, 255, 3, 6, 12, 53, 54


class DhcpReader(Reader):
    """Read the fixed part and the options that say who serves what; keeps nothing."""

    name: ClassVar[str] = "dhcp"

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by the ports and the magic cookie."""
        is_port = bool({segment.client_port, segment.server_port} & _PORTS)
        return is_port and segment.data[_COOKIE_AT:_OPTIONS_AT] == _COOKIE

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield the message of one datagram."""
        data = segment.data
        if data[_COOKIE_AT:_OPTIONS_AT] != _COOKIE:
            return
        options = _options(data)
        yield DhcpMessage(
            **segment.common(),
            type=options.get(_TYPE, b"\0")[0] if options.get(_TYPE) else 0,
            client_mac=data[28:34].hex(":"),
            server_id=next(iter(_addresses(options.get(_SERVER, b""))), ""),
            offered=str(IPv4Address(data[16:20])),
            routers=_addresses(options.get(_ROUTER, b"")),
            name_servers=_addresses(options.get(_DNS, b"")),
            host_name=options.get(_HOST, b"").decode("latin-1")[:64],
        )


def _options(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = _OPTIONS_AT
    while at + 1 < len(data) and data[at] != _END:
        if data[at] == _PAD:
            at += 1
            continue
        size = data[at + 1]
        found.setdefault(data[at], data[at + 2 : at + 2 + size])
        at += 2 + size
    return found


def _addresses(raw: bytes) -> tuple[str, ...]:
    return tuple(str(IPv4Address(raw[at : at + 4])) for at in range(0, len(raw) - 3, 4))
