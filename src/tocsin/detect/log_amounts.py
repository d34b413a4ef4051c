"""How much a user or client was given, as logs tell it: bytes, rows or files of one record.

Of file servers (xferlog, vsftpd, Samba's full_audit, Nextcloud), database audits and slow queries.
Of access lines a kernel counts the bytes of each client.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.detect.volumes import amount

if TYPE_CHECKING:
    from tocsin.core.log_messages import LogEvent

_READ = frozenset({"file_read", "rows_read"})


@dataclass(frozen=True, slots=True)
class Amount:
    """What one record says: how much, in which unit, who got it, where it is counted.

    ``least`` is how much in an hour is worth a comparison, ``floor`` what counts as the
    smallest habit.
    """

    given: int
    unit: str
    party: str
    service: str
    least: int
    floor: int


def amount_of(m: LogEvent) -> Amount | None:
    """Return what a record says of data that was read, None when it says nothing."""
    event = m.event
    if event.get("event.action") not in _READ:
        return None
    party = str(event.get("user.name") or m.client)
    if not party:
        return None
    dataset = str(event.get("event.dataset", "")).split(".", maxsplit=1)[0]
    service = f"{m.server}|{dataset}"
    size, rows = event.get("tocsin.bytes"), event.get("tocsin.rows")
    if isinstance(rows, int):
        return Amount(rows, "rows", party, f"{service}|rows", 10_000, 100)
    if isinstance(size, int):
        return Amount(size, "bytes", party, f"{service}|bytes", 64 << 20, 65_536)
    return Amount(1, "files", party, f"{service}|files", 200, 10)


def amount_text(given: int, unit: str) -> str:
    """Say an amount with its unit."""
    return amount(given) if unit == "bytes" else f"{given:,} {unit}"
