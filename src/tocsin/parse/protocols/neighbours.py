"""Neighbour discovery (RFC 4861): who has an IPv6 address, and which routers there are.

A solicitation and an advertisement say what an ARP request and reply say, and are given as
such. Data begins behind the first eight bytes of the message, so that flags and lifetimes
are not known.
"""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import TYPE_CHECKING

from tocsin.core.messages import ArpMessage, RouterAdvertisement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message
    from tocsin.parse.protocols.segments import Segment

ROUTER, ASKED, TOLD = 134, 135, 136
_SOURCE_MAC, _TARGET_MAC, _PREFIX, _NAME_SERVERS = 1, 2, 3, 25  # options; the last of RFC 8106
_ADDRESS_BYTES, _TIMERS_BYTES, _OPTIONS_MAX = 16, 8, 32


def neighbours(segment: Segment) -> Iterator[Message]:
    """Yield what one message of types 134 to 136 says."""
    data, kind = segment.data, segment.icmp_type
    ends = (segment.client, segment.server)
    sender, receiver = ends if segment.from_client else ends[::-1]
    if kind == ROUTER:
        options = list(_options(data[_TIMERS_BYTES:]))
        yield RouterAdvertisement(
            **segment.common(),
            router=sender,
            router_mac=_mac(options, _SOURCE_MAC),
            prefixes=tuple(
                f"{IPv6Address(value[14:30])}/{value[0]}"
                for number, value in options
                if number == _PREFIX and len(value) >= 30
            ),
            name_servers=tuple(
                str(IPv6Address(value[at : at + 16]))
                for number, value in options
                if number == _NAME_SERVERS
                for at in range(6, len(value) - 15, 16)
            ),
        )
    elif kind in {ASKED, TOLD} and len(data) >= _ADDRESS_BYTES:
        about = str(IPv6Address(data[:_ADDRESS_BYTES]))
        options = list(_options(data[_ADDRESS_BYTES:]))
        is_question = kind == ASKED
        yield ArpMessage(
            **segment.common(),
            operation=1 if is_question else 2,
            sender_mac=_mac(options, _SOURCE_MAC if is_question else _TARGET_MAC),
            sender=sender if is_question else about,
            target_mac="",
            target=about if is_question else receiver,
        )


def _options(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (number, value) of each option; a length is in units of eight bytes."""
    at = 0
    for _ in range(_OPTIONS_MAX):
        size = data[at + 1] * 8 if at + 1 < len(data) else 0
        if not size:
            return
        yield data[at], data[at + 2 : at + size]
        at += size


def _mac(options: list[tuple[int, bytes]], wanted: int) -> str:
    return next((value[:6].hex(":") for number, value in options if number == wanted), "")
