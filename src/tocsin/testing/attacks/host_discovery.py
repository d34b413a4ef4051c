"""One station asks for ever more neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.testing.neighbour_messages import MS, asked

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return requests for 32 addresses, 4 ms apart."""
    return [
        asked(at_ns + n * 4 * MS, "192.0.2.9", f"192.0.2.{n + 10}", by=number) for n in range(32)
    ]
