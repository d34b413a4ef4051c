"""Names that carry data."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tocsin.testing.attacks import party
from tocsin.testing.neighbour_messages import MS, looked_up

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return 24 look-ups of type NULL with 40 letters of data each."""
    return [
        looked_up(
            at_ns + n * 50 * MS,
            party(number),
            f"{hashlib.sha256(f'{number} {n}'.encode()).hexdigest()[:40]}.t.example.org",
            kind=10,
        )
        for n in range(24)
    ]
