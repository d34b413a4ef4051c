"""Attacks as messages, one module per detector that judges messages.

Module ``tocsin.testing.attacks.<detector name>`` holds ``attack(number, at_ns)``: the
messages of one attack that the detector must raise exactly once or more, by parties that
``number`` makes unique (`party`), the first message at ``at_ns``. A plugin hands its own
to `tocsin.testing.conformance.check_detector`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from tocsin.testing.scenes import START_NS

if TYPE_CHECKING:
    from tocsin.core.messages import Message

SPACING_NS = 60_000_000_000


def party(number: int, *, net: str = "203.0.113.0") -> str:
    """Return an address of its own for attack ``number`` in a documentation network."""
    if number < 200:
        return f"{net.rpartition('.')[0]}.{number + 1}"
    return f"2001:db8:{number >> 8:x}::{number & 255:x}"


def attacks_on(detector: str, *, first: int, copies: int) -> list[Message]:
    """Return the messages of ``copies`` attacks, one minute apart."""
    module = importlib.import_module(f"tocsin.testing.attacks.{detector}")
    found: list[Message] = []
    for number in range(first, first + copies):
        found += module.attack(number, START_NS + (number + 1) * SPACING_NS)
    return found
