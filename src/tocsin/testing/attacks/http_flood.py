"""One path asked for again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.testing.attacks import party
from tocsin.testing.web_messages import asked

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return 120 requests in each of three seconds, each on its own connection."""
    return [
        asked(
            party(number),
            at_ns + second * 1_000_000_000 + n * 1_000_000,
            "/",
            conversation=1 + second * 120 + n,
        )
        for second in range(3)
        for n in range(120)
    ]
