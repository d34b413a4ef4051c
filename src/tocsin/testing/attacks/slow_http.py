"""Heads that never end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.testing.attacks import party
from tocsin.testing.web_messages import begun

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return 24 unfinished heads, and a crumb for each six seconds later."""
    return [
        begun(
            party(number),
            at_ns + wave * 6_000_000_000 + n * 1_000_000,
            conversation=1 + n,
            pieces=1 + wave,
            server=party(number, net="198.51.100.0"),
        )
        for wave in range(2)
        for n in range(24)
    ]
