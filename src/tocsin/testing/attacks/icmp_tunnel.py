"""Echo messages whose contents are a conversation."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tocsin.testing.attacks import party
from tocsin.testing.neighbour_messages import MS, echoed

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return ten questions and ten answers that say something else."""
    found: list[Message] = []
    for n in range(10):
        question = hashlib.sha512(f"q {number} {n}".encode()).digest()
        answer = hashlib.sha512(f"a {number} {n}".encode()).digest()
        when, server = at_ns + n * 100 * MS, "198.51.100.10"
        found.append(echoed(when, party(number), server, question))
        found.append(echoed(when + MS, party(number), server, answer, is_reply=True))
    return found
