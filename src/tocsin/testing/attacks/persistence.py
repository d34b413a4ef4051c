"""A record that is a sign by itself, on a host of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.testing.log_messages import told

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return the events of one attack."""
    facts = {"user.name": f"mallory{number}"}
    return [
        told(
            at_ns, "", "user_created", category="iam", host=f"web{number}", outcome="success",
            facts=facts,
        )
    ]  # fmt: skip
