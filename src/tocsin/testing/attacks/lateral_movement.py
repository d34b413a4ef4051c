"""Pipes of PsExec's service opened three times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.messages import SmbCall
from tocsin.testing.attacks import party

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return the messages of one attack; see `tocsin.testing.attacks`."""
    return [
        SmbCall(
            at_ns=at_ns + n * 1_000_000_000,
            offset=24 + number * 10_000 + n * 100,
            client=party(number),
            server="198.51.100.21",
            client_port=40_000 + n,
            server_port=445,
            from_client=True,
            start_ns=at_ns,
            size_bytes=60,
            dialect=2,
            command=5,
            name="PSEXESVC",
            facts={"share": "IPC$"},
        )
        for n in range(3)
    ]
