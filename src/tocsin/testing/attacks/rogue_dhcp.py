"""Two DHCP servers that disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.testing.neighbour_messages import MS, leased, mac

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return an offer of the usual server, and one of a newcomer with another router."""
    net = f"10.{number >> 8 & 255}.{number & 255}"
    usual, rogue = f"{net}.1", f"{net}.66"
    return [
        leased(at_ns, usual, mac(number), router=usual, net=net),
        leased(at_ns + 9 * MS, rogue, mac(number), router=rogue, net=net),
    ]
