"""Passwords of one user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.testing.attacks import party
from tocsin.testing.web_messages import asked

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return twelve passwords tried at a form."""
    return [
        asked(
            party(number),
            at_ns + n * 1_000_000,
            "/login",
            method="POST",
            body=b"user=admin&password=pw%d" % n,
        )
        for n in range(12)
    ]
