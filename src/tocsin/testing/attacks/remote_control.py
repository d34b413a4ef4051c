"""A log-on that tells a stranger about the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.testing.attacks import party
from tocsin.testing.neighbour_messages import MS, opened

if TYPE_CHECKING:
    from tocsin.core.messages import Message

LOG_ON = b"HELLO|192.0.2.7|DE|bot1|anna / DESK-4|Windows 10 Pro|8192 MB|1.2|\n"


def attack(number: int, at_ns: int) -> list[Message]:
    """Return what the host and its master say first."""
    inside, outside = "192.0.2.7", party(number)
    return [
        opened(at_ns, inside, outside, LOG_ON),
        opened(at_ns + 9 * MS, inside, outside, b"INFO|1\n", from_client=False),
    ]
