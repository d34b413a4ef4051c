"""A password thief hands over what it found by FTP, a connection for each file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.messages import FileTransfer
from tocsin.testing.attacks import party
from tocsin.testing.neighbour_messages import MS

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return four files stored, 100 ms apart."""
    return [
        stored(
            at_ns + n * 100 * MS,
            "192.0.2.7",
            party(number),
            f"{what}_anna-DESK-4_2026_01_02_10_00_00.html",
        )
        for n, what in enumerate(("PW", "CO", "KL", "SC"))
    ]


def stored(at_ns: int, client: str, server: str, name: str) -> FileTransfer:
    """Return a file that a client sends by FTP."""
    return FileTransfer(
        at_ns=at_ns, offset=at_ns // MS, client=client, server=server, client_port=40_000,
        server_port=21, size_bytes=40, start_ns=at_ns - MS, start_offset=at_ns // MS - 1,
        service="ftp", verb="STOR", name=name, is_upload=True,
    )  # fmt: skip
