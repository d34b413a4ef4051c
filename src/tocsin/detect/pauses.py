"""Pauses of a log that wait for what the host says next: one that was off or booted is excused."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tocsin.core.log_messages import LogPause
from tocsin.core.times import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.log_messages import LogEvent

EXCUSE_NS, WAITING_MAX = 300 * NS_PER_S, 8
_HOUR_S, _DAY_S, _MINUTE_S = 3600, 86_400, 60
_BOOTS = frozenset({"host_started", "host_stopping", "ssh_listening", "ssh_stopped"})


def is_boot(action: str) -> bool:
    """Tell what a host says when it goes down or comes up."""
    return action in _BOOTS


def pause_text(ns: int) -> str:
    """Say a long duration briefly.

    >>> pause_text(90 * 60 * 1_000_000_000), pause_text(0)
    ('1.5 h', '0 min')
    """
    seconds = ns / NS_PER_S
    if seconds < _HOUR_S:
        return f"{seconds / _MINUTE_S:.0f} min"
    if seconds < 2 * _DAY_S:
        return f"{seconds / _HOUR_S:.1f} h"
    return f"{seconds / _DAY_S:.1f} days"


class Pauses:
    """A few pauses whose end is near; `settle` gives out those that nothing excused."""

    def __init__(self) -> None:
        self._waiting: list[LogPause] = []
        self._stopped_ns = 0

    def wait(self, pause: LogPause) -> None:
        """Let a pause wait for the records behind it, unless the host went down before it."""
        began_ns = pause.at_ns - pause.gap_ns
        if self._stopped_ns and began_ns - self._stopped_ns <= EXCUSE_NS:
            return
        self._waiting.append(pause)
        del self._waiting[:-WAITING_MAX]

    def settle(self, m: LogEvent) -> Iterator[LogPause]:
        """Yield the pauses that are not excused by what was said around them."""
        if is_boot(str(m.event.get("event.action", ""))):
            self._stopped_ns = m.at_ns
            self._waiting = [one for one in self._waiting if m.at_ns - one.at_ns > EXCUSE_NS]
        due = [one for one in self._waiting if m.at_ns - one.at_ns > EXCUSE_NS]
        self._waiting = [one for one in self._waiting if m.at_ns - one.at_ns <= EXCUSE_NS]
        yield from due

    def state(self) -> dict[str, Any]:
        """Return the waiting as plain values."""
        return {"waiting": [asdict(one) for one in self._waiting], "stopped_ns": self._stopped_ns}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        self._waiting = [LogPause(**one) for one in state["waiting"]]
        self._stopped_ns = state["stopped_ns"]
