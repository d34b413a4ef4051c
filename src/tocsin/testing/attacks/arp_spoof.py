"""A station between two hosts: it tells each that it is at the other's address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.testing.neighbour_messages import MS, answered

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return four rounds of replies that nobody asked for, a second apart."""
    gateway, host = f"10.{number >> 8 & 255}.{number & 255}.1", f"10.{number >> 8}.{number & 255}.7"
    by = 1_000_000 + number
    found: list[Message] = []
    for n in range(4):
        when = at_ns + n * 1000 * MS
        found.append(answered(when, gateway, host, by=by, to=1))
        found.append(answered(when + MS, host, gateway, by=by, to=2))
    return found
