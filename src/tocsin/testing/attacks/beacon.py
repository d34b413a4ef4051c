"""A host that calls as a clock does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.testing.neighbour_messages import MS, greeted

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return 60 calls, 900 ms apart, each up to 90 ms late."""
    server = f"8.{number >> 8 & 255}.{number & 255}.8"
    return [
        greeted(at_ns + n * 900 * MS + n * 37 % 90 * MS, "192.0.2.7", server) for n in range(60)
    ]
