"""An event that every installation tells: its self-test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.testing.attacks import party
from tocsin.testing.log_messages import told

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return the self-test's event, by a source of its own."""
    return [told(at_ns, party(number), "tocsin_selftest", category="host")]
