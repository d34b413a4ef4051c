"""A program that says the same all day, and then that its table is corrupt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.times import HOUR_NS
from tocsin.testing.template_messages import first_time, window

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return fourteen hours of the same, and a new template."""
    program = f"shopd{number}"
    usual: list[Message] = [
        window(at_ns + hour * HOUR_NS, {1: 50, 2: 7}, program=program) for hour in range(14)
    ]
    return [
        *usual,
        first_time(at_ns + 15 * HOUR_NS, "table <*> is corrupt", program=program, lines=800),
    ]
