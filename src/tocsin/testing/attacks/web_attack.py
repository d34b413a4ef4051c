"""One injection of SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.testing.attacks import party
from tocsin.testing.web_messages import asked

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return one request that breaks out of a statement."""
    return [asked(party(number), at_ns, "/item?id=1'+UNION+SELECT+NULL,NULL--+-")]
