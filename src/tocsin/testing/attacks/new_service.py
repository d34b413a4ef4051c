"""A web server that opens another port on its fourth day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.times import HOUR_NS
from tocsin.testing.attacks import party
from tocsin.testing.neighbour_messages import replied

if TYPE_CHECKING:
    from tocsin.core.messages import Message

CLIENT = "10.0.0.9"


def attack(number: int, at_ns: int) -> list[Message]:
    """Return answers of port 80 on three days, and on the fourth one of port 4444."""
    server = party(number)
    usual: list[Message] = [
        replied(at_ns + hour * HOUR_NS, CLIENT, server, port=80) for hour in range(72)
    ]
    return [
        *usual,
        replied(at_ns + 72 * HOUR_NS, CLIENT, server, port=4444),
    ]
