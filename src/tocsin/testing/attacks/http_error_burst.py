"""A minute in which half of a server's answers are errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.log_messages import WebErrors

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return what is told of the minute."""
    offset = at_ns // 1_000_000
    return [
        WebErrors(
            at_ns=at_ns, offset=offset, client="", server=f"web{number}", start_ns=at_ns,
            start_offset=offset, errors=40, requests=80, usual=0.001,
        )
    ]  # fmt: skip
