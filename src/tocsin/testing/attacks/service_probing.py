"""Handshakes that break off, one a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.times import NS_PER_S
from tocsin.testing.attacks import party
from tocsin.testing.log_messages import told

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return the events of one attack."""
    return [
        told(at_ns + n * NS_PER_S, party(number), "ssh_negotiation", category="intrusion_detection")
        for n in range(8)
    ]
