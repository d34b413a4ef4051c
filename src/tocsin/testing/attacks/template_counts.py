"""A program with a steady rhythm, and ten minutes in which it does something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.times import NS_PER_S
from tocsin.testing.template_messages import window

if TYPE_CHECKING:
    from tocsin.core.messages import Message

_STEP_NS = 1200 * NS_PER_S


def attack(number: int, at_ns: int) -> list[Message]:
    """Return 110 windows alike, and one with many lines of another template."""
    program = f"shopd{number}"
    usual: list[Message] = [
        window(at_ns + n * _STEP_NS, {1: 50 + n % 5, 2: 7}, program=program) for n in range(110)
    ]
    return [*usual, window(at_ns + 111 * _STEP_NS, {1: 2, 9: 400}, program=program)]
