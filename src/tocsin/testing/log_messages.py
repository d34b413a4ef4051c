"""Events of logs made by hand, as the messages that detectors hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.log_messages import LogEvent

if TYPE_CHECKING:
    from collections.abc import Mapping


def told(
    at_ns: int,
    source: str,
    action: str,
    *,
    category: str,
    host: str = "web01",
    dataset: str = "sshd",
    outcome: str = "failure",
    facts: Mapping[str, object] | None = None,
) -> LogEvent:
    """Return an event of one record; ``facts`` are further fields."""
    event: dict[str, object] = {
        "event.action": action,
        "event.outcome": outcome,
        "event.category": category,
        "event.dataset": dataset,
        "host.name": host,
        **(facts or {}),
    }
    if source:
        event["source.ip"] = source
    offset = at_ns // 1_000_000
    return LogEvent(
        at_ns=at_ns, offset=offset, client=source, server=host, start_ns=at_ns,
        start_offset=offset, size_bytes=100, event=event,
    )  # fmt: skip
