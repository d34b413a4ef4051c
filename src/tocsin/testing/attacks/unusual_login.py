"""An account that comes from one network for five days, then from another that nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.times import HOUR_NS
from tocsin.testing.log_messages import told

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return the log-ins of one account."""
    user = {"user.name": f"ana{number}"}

    def login(hours: int, source: str) -> Message:
        return told(
            at_ns + hours * HOUR_NS, source, "ssh_publickey", category="authentication",
            outcome="success", facts=user,
        )  # fmt: skip

    usual = [login(4 * n, "192.0.2.10") for n in range(30)]
    return [*usual, login(121, f"2001:db8:{number:x}::9")]
