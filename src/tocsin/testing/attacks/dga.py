"""Generated names that do not exist."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tocsin.testing.attacks import party
from tocsin.testing.neighbour_messages import MS, looked_up

if TYPE_CHECKING:
    from tocsin.core.messages import Message

_LETTERS = "bcdfghjklmnpqrstvwxz"


def attack(number: int, at_ns: int) -> list[Message]:
    """Return refusals of 20 unspeakable names, one a second."""
    found: list[Message] = []
    for n in range(20):
        digest = hashlib.sha256(f"{number} {n}".encode()).digest()
        label = "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:12])
        found.append(looked_up(at_ns + n * 1000 * MS, party(number), f"{label}.example", code=3))
    return found
