"""A unit that crashes once a minute, on a host of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.times import NS_PER_S
from tocsin.testing.log_messages import told

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return the events of one attack."""
    return [
        told(
            at_ns + n * 10 * NS_PER_S, "", "service_crashed", category="process",
            host=f"web{number}", facts={"service.name": "shop.service"},
        )
        for n in range(4)
    ]  # fmt: skip
