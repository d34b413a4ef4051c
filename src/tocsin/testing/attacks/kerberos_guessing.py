"""Refused pre-authentication for twelve users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.messages import KerberosMessage
from tocsin.testing.attacks import party

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return the messages of one attack; see `tocsin.testing.attacks`."""
    return [
        KerberosMessage(
            at_ns=at_ns + n * 1_000_000_000,
            offset=24 + number * 10_000 + n * 100,
            client=party(number),
            server="198.51.100.21",
            client_port=40_000 + n,
            server_port=88,
            from_client=False,
            start_ns=at_ns,
            size_bytes=60,
            type=30,
            error=24,
            user=f"user{n}",
        )
        for n in range(12)
    ]
