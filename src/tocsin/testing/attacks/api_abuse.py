"""A client that a gateway refuses once a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.times import NS_PER_S
from tocsin.testing.attacks import party
from tocsin.testing.log_messages import told

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return the refusals."""
    facts = {"http.response.status_code": 403}
    return [
        told(
            at_ns + n * NS_PER_S, party(number), "http_request", category="web", facts=facts,
            dataset="gateway",
        )
        for n in range(61)
    ]  # fmt: skip
