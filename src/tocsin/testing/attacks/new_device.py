"""A station that comes to a link on the fourth day of watching."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tocsin.core.times import HOUR_NS
from tocsin.testing.attacks import party
from tocsin.testing.neighbour_messages import asked

if TYPE_CHECKING:
    from tocsin.core.messages import ArpMessage, Message

OLD, ROUTER = "00:16:3e:00:00:00", "192.0.2.1"


def station(number: int) -> str:
    """Return a hardware address of a maker's, one of its own for each number."""
    return f"00:16:3e:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"


def spoken(at_ns: int, device: str, address: str) -> ArpMessage:
    """Return the ARP request of a station for its router."""
    return replace(asked(at_ns, address, ROUTER, by=0), sender_mac=device, client=device)


def attack(number: int, at_ns: int) -> list[Message]:
    """Return requests of a known station on three days, and on the fourth a stranger's."""
    known: list[Message] = [spoken(at_ns + hour * HOUR_NS, OLD, "192.0.2.9") for hour in range(72)]
    return [*known, spoken(at_ns + 72 * HOUR_NS, station(number + 1), party(number))]
