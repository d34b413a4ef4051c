"""A log that was silent for ten hours, on a host of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.log_messages import LogPause
from tocsin.core.times import HOUR_NS

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return the pause while it lasts."""
    return [
        LogPause(
            at_ns=at_ns, offset=at_ns // 1_000_000, client="", server=f"web{number}",
            start_ns=at_ns - 10 * HOUR_NS, start_offset=0, gap_ns=10 * HOUR_NS, usual_ns=HOUR_NS,
            days=9, is_over=False,
        )
    ]  # fmt: skip
