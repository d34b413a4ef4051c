"""Whose connection a record is about, when only an earlier record of it names the address.

A template says so by a field ``tocsin.connection`` (a queue, session or connection number), or
by its dataset being one whose every process serves a single connection (`BY_PROCESS`). An address
is carried over only to records of the same connection, never to another one's, and the
event then says from where (``tocsin.attributed_by``, the line). Bounded: the connections heard
of last, `CONNECTIONS_MAX` of them.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.core.event import Event

CONNECTIONS_MAX = 1024
BY_PROCESS = frozenset(("sshd", "dropbear", "vsftpd", "proftpd", "pure-ftpd", "wu-ftpd"))
_Known = tuple[str, int | None, int]


class Connections:
    """Addresses by connection, of one log."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, ...], _Known] = OrderedDict()

    def complete(self, event: Event) -> None:
        """Learn a connection's address from the event, or add it where the event has none."""
        key = _key(event)
        if key is None:
            return
        address = event.get("source.ip")
        if address is not None:
            self._known[key] = address, event.get("source.port"), int(event["log.line"])
            self._known.move_to_end(key)
            if len(self._known) > CONNECTIONS_MAX:
                self._known.popitem(last=False)
            return
        known = self._known.get(key)
        if known is None or "event.action" not in event or _claims(event):
            return
        event["source.ip"] = known[0]
        if known[1] is not None:
            event["source.port"] = known[1]
        event["tocsin.attributed_by"] = f"line {known[2]} of the same connection"

    def state(self) -> list[Any]:
        """Return what a checkpoint keeps."""
        return [[list(key), list(value)] for key, value in self._known.items()]

    def restore(self, state: list[Any]) -> None:
        """Take back what `state` gave."""
        self._known = OrderedDict(
            (tuple(key), (value[0], value[1], value[2])) for key, value in state
        )


def _claims(event: Event) -> bool:
    return "tocsin.weird" in event or "tocsin.claimed.source.address" in event


def _key(event: Event) -> tuple[str, ...] | None:
    dataset = event.get("event.dataset")
    number = event.get("tocsin.connection")
    if dataset and number:
        return dataset, event.get("host.name", ""), str(number)
    pid = event.get("process.pid")
    if dataset in BY_PROCESS and pid is not None:
        return dataset, event.get("host.name", ""), str(pid)
    return None
