"""A time zone as the small table that the stamp kernel reads; a year for stamps without one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from tocsin.core.errors import UsageError
from tocsin.core.times import NS_PER_S
from tocsin.kernels import stamps

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FIRST, _LAST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=7)
_SECOND = timedelta(seconds=1)
_BEGINNING = -(1 << 62)


@lru_cache(maxsize=8)
def zone_table(name: str) -> NDArray[np.int64]:
    """Return int64 (n, 2): first local second (since the epoch, read as UTC), offset in s.

    Where an hour is repeated the first pass is meant, where one is skipped the offset before
    it holds. Raises `UsageError` for a name that the zone database does not know.

    >>> zone_table("UTC").tolist()
    [[-4611686018427387904, 0]]
    """
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"no time zone {name!r}; expected a name like Europe/Berlin") from error
    rows = [(_BEGINNING, _offset_s(_FIRST, zone))]
    at = _FIRST
    while at < _LAST:
        after = at + _STEP
        if _offset_s(after, zone) != rows[-1][1]:
            switch = _switch(at, after, zone)
            offset_s = _offset_s(switch, zone)
            local_s = int(switch.timestamp()) + max(rows[-1][1], offset_s)
            rows.append((local_s, offset_s))
            after = switch
        at = after
    table = np.array(rows, dtype=np.int64)
    table.flags.writeable = False
    return table


def _offset_s(at: datetime, zone: ZoneInfo) -> int:
    offset = at.astimezone(zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _switch(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """Return the first second between two moments at which another offset holds."""
    before = _offset_s(low, zone)
    while high - low > _SECOND:
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        if _offset_s(middle, zone) == before:
            low = middle
        else:
            high = middle
    return high


def fresh_clock(*, year: int | None, newest: tuple[int, int] | None, fallback_ns: int,
                zone: str = "UTC") -> NDArray[np.int64]:  # fmt: skip
    """Return the clock of the stamp kernel.

    With ``year``, days after ``newest`` (month, day; default: none) fall in the year before
    it. Without, the newest stamp is taken to be the day after ``fallback_ns`` in ``zone`` at
    the latest (clocks differ), normally the file's modification time.
    """
    clock = np.zeros(stamps.CLOCK_SIZE, dtype=np.int64)
    clock[stamps.DAY_KEY] = -1
    set_year(clock, year=year, newest=newest, fallback_ns=fallback_ns, zone=zone)
    return clock


def set_year(
    clock: NDArray[np.int64],
    *,
    year: int | None,
    newest: tuple[int, int] | None,
    fallback_ns: int,
    zone: str,
) -> None:
    """Set what `fresh_clock` says about years, on a clock in use."""
    if year is None:
        moment = datetime.fromtimestamp(fallback_ns // NS_PER_S, UTC).astimezone(ZoneInfo(zone))
        latest = moment + timedelta(days=1)
        year, newest = latest.year, (latest.month, latest.day)
    month, day = newest or (12, 31)
    clock[stamps.YEAR] = year
    clock[stamps.NEWEST] = month * 32 + day
