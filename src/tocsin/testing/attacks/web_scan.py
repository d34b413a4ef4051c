"""Paths that are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.testing.attacks import party
from tocsin.testing.web_messages import answered, asked

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return 24 paths asked for in vain."""
    found: list[Message] = []
    for n in range(24):
        request = asked(party(number), at_ns + n * 1_000_000, f"/word{n}/")
        found += [request, answered(request, 404)]
    return found
