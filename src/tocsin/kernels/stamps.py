"""Time stamps of log records: RFC 3164 with and without a year, ISO 8601 / RFC 3339.

A stamp without a year takes `YEAR`, or the year before when its day lies after `NEWEST`
(month * 32 + day). A stamp without a zone is local time of the table that the caller
hands over: rows (first local second, offset in s), as `tocsin.parse.zone` makes them. In
an hour that a change of offset repeats, the first pass is meant; in one that it skips, the
offset before it holds (what `datetime` does with ``fold=0``).
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.lean import inlined

# Slots of a clock: int64 array of CLOCK_SIZE.
YEAR, NEWEST, ZONE_FROM, ZONE_UNTIL, ZONE_OFFSET, DAY_KEY, DAY_S, CLOCK_SIZE = range(8)
ABSENT, GOOD, BAD = 0, 1, 2
_NS = 1_000_000_000


@inlined
def digit(c):  # type: ignore[no-untyped-def]
    """Return the value of an ASCII digit, -100 for any other byte."""
    return np.int64(c) - 48 if 48 <= c <= 57 else np.int64(-100)


@inlined
def two(b, p):  # type: ignore[no-untyped-def]
    """Return a number of two digits, negative when one is missing."""
    return digit(b[p]) * 10 + digit(b[p + 1]) if b[p] < 58 else np.int64(-100)


@inlined
def month_of(b, p):  # type: ignore[no-untyped-def]
    """Return 1..12 for ``Jan`` .. ``Dec`` at ``p``, 0 for anything else."""
    key = (np.int64(b[p]) << 16) | (np.int64(b[p + 1]) << 8) | np.int64(b[p + 2])
    if key == 0x4A616E:
        month = 1
    elif key == 0x466562:
        month = 2
    elif key == 0x4D6172:
        month = 3
    elif key == 0x417072:
        month = 4
    elif key == 0x4D6179:
        month = 5
    elif key == 0x4A756E:
        month = 6
    elif key == 0x4A756C:
        month = 7
    elif key == 0x417567:
        month = 8
    elif key == 0x536570:
        month = 9
    elif key == 0x4F6374:
        month = 10
    elif key == 0x4E6F76:
        month = 11
    else:
        month = 12 if key == 0x446563 else 0
    return month


@inlined
def _days(year, month, day):  # type: ignore[no-untyped-def]
    """Return days since 1970-01-01 in the proleptic Gregorian calendar."""
    if month <= 2:
        year -= 1
        month += 12
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month - 3) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


@inlined
def _is_day(year, month, day):  # type: ignore[no-untyped-def]
    if month < 1 or month > 12 or day < 1 or day > 31:
        return False
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return day <= (29 if leap else 28)
    return day <= 30 or not (month == 4 or month == 6 or month == 9 or month == 11)


@inlined
def _day_s(year, month, day, clock):  # type: ignore[no-untyped-def]
    """Return the first second of a day, -1 for a day that does not exist; remembers one."""
    key = (year * 16 + month) * 64 + day
    if month < 0 or day < 0 or day > 31 or month > 12:
        return np.int64(-1)
    if clock[DAY_KEY] != key:
        if not _is_day(year, month, day):
            return np.int64(-1)
        clock[DAY_KEY] = key
        clock[DAY_S] = _days(year, month, day) * 86_400
    return clock[DAY_S]


@inlined
def _utc(local_s, clock, zone):  # type: ignore[no-untyped-def]
    """Return UTC seconds of local seconds; remembers the row of the zone in use."""
    if local_s < clock[ZONE_FROM] or local_s >= clock[ZONE_UNTIL]:
        n = len(zone)
        k = 0
        while k + 1 < n and local_s >= zone[k + 1, 0]:
            k += 1
        clock[ZONE_FROM] = zone[k, 0] if k > 0 else np.int64(-(1 << 62))
        clock[ZONE_UNTIL] = zone[k + 1, 0] if k + 1 < n else np.int64(1 << 62)
        clock[ZONE_OFFSET] = zone[k, 1]
    return local_s - clock[ZONE_OFFSET]


@inlined
def _time_s(b, p, e):  # type: ignore[no-untyped-def]
    """Return seconds of ``hh:mm:ss`` at ``p``, -1 when it is not one."""
    if p + 8 > e or b[p + 2] != 58 or b[p + 5] != 58:
        return np.int64(-1)
    hour, minute, second = two(b, p), two(b, p + 3), two(b, p + 6)
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or second < 0 or second > 60:
        return np.int64(-1)
    return (hour * 60 + minute) * 60 + second


@inlined
def _fraction(b, p, e):  # type: ignore[no-untyped-def]
    """Return (ns, position after) of an optional ``.digits`` at ``p``."""
    ns = np.int64(0)
    if p + 1 < e and (b[p] == 46 or b[p] == 44) and digit(b[p + 1]) >= 0:
        p += 1
        unit = np.int64(_NS)
        while p < e and digit(b[p]) >= 0:
            if unit > 1:
                unit //= 10
                ns += digit(b[p]) * unit
            p += 1
    return ns, p


@inlined
def _offset_s(b, p, e):  # type: ignore[no-untyped-def]
    """Return (seconds east, position after) of ``+hh:mm``, ``+hhmm`` or ``+hh``.

    Seconds are -100,000 when it is none of these.
    """
    if p + 3 > e:
        return np.int64(-100_000), p
    hours, minutes, q = two(b, p + 1), np.int64(0), p + 3
    if q + 3 <= e and b[q] == 58:
        minutes = two(b, q + 1)
        q += 3
    elif q + 2 <= e and digit(b[q]) >= 0:
        minutes = two(b, q)
        q += 2
    if hours < 0 or hours > 15 or minutes < 0 or minutes > 59:
        return np.int64(-100_000), p
    east = (hours * 60 + minutes) * 60
    return (-east if b[p] == 45 else east), q


@inlined
def _iso(b, p, e, clock, zone):  # type: ignore[no-untyped-def]
    if p + 19 > e or b[p + 7] != 45 or (b[p + 10] != 84 and b[p + 10] != 32):
        return BAD, np.int64(0), p
    day_s = _day_s(two(b, p) * 100 + two(b, p + 2), two(b, p + 5), two(b, p + 8), clock)
    time_s = _time_s(b, p + 11, e)
    if day_s < 0 or time_s < 0:
        return BAD, np.int64(0), p
    ns, q = _fraction(b, p + 19, e)
    local_s = day_s + time_s
    if q < e and (b[q] == 43 or b[q] == 45):
        east, q = _offset_s(b, q, e)
        if east == -100_000:
            return BAD, np.int64(0), p
        return GOOD, (local_s - east) * _NS + ns, q
    if q < e and b[q] == 90:
        return GOOD, local_s * _NS + ns, q + 1
    return GOOD, _utc(local_s, clock, zone) * _NS + ns, q


@inlined
def _named_month(b, p, e, year, clock, zone):  # type: ignore[no-untyped-def]
    """Take ``Nov 11 [2026] 08:04:51[.123]``; ``year`` is 0 when none stood before it."""
    month = month_of(b, p)
    if month == 0 or b[p + 3] != 32:
        return ABSENT, np.int64(0), p
    q = p + 4
    if b[q] == 32:
        q += 1
    day = digit(b[q])
    if q + 1 < e and digit(b[q + 1]) >= 0:
        day = day * 10 + digit(b[q + 1])
        q += 1
    q += 2  # the day's last digit and the space after it
    if year == 0 and q + 13 <= e and b[q + 4] == 32:
        year = two(b, q) * 100 + two(b, q + 2)
        q += 5
    time_s = _time_s(b, q, e)
    if day < 1 or time_s < 0 or year < 0 or b[q - 1] != 32:
        return BAD, np.int64(0), p
    if year == 0:
        year = clock[YEAR]
        if month * 32 + day > clock[NEWEST]:
            year -= 1
    day_s = _day_s(year, month, day, clock)
    if day_s < 0:
        return BAD, np.int64(0), p
    ns, q = _fraction(b, q + 8, e)
    return GOOD, _utc(day_s + time_s, clock, zone) * _NS + ns, q


@inlined
def stamp(b, p, e, clock, zone):  # type: ignore[no-untyped-def]
    """Return (ABSENT, GOOD or BAD, ns since the epoch, position after) of a stamp at ``p``.

    BAD is what looks like a stamp and names no moment (Feb 31, 25:61).
    """
    if p + 14 > e:
        return ABSENT, np.int64(0), p
    if digit(b[p]) >= 0 and digit(b[p + 3]) >= 0:
        if b[p + 4] == 45:
            return _iso(b, p, e, clock, zone)
        if b[p + 4] == 32 and p + 19 <= e:
            year = two(b, p) * 100 + two(b, p + 2)
            return _named_month(b, p + 5, e, year, clock, zone)
        return ABSENT, np.int64(0), p
    return _named_month(b, p, e, np.int64(0), clock, zone)


@inlined
def access_stamp(b, p, e, clock):  # type: ignore[no-untyped-def]
    """Return (whether it is one, ns) of ``10/Oct/2026:13:55:36 -0700`` filling [p, e)."""
    is_shaped = e - p == 26 and b[p + 2] == 47 and b[p + 6] == 47 and b[p + 11] == 58
    if not is_shaped or b[p + 20] != 32 or (b[p + 21] != 43 and b[p + 21] != 45):
        return False, np.int64(0)
    year = two(b, p + 7) * 100 + two(b, p + 9)
    if year < 1970 or year > 2200:  # nanoseconds of an int64 end in 2262
        return False, np.int64(0)
    day_s = _day_s(year, np.int64(month_of(b, p + 3)), two(b, p), clock)
    time_s = _time_s(b, p + 12, e)
    hours, minutes = two(b, p + 22), two(b, p + 24)
    if day_s < 0 or time_s < 0 or hours < 0 or hours > 15 or minutes < 0 or minutes > 59:
        return False, np.int64(0)
    east = (hours * 60 + minutes) * 60
    if b[p + 21] == 45:
        east = -east
    return True, (day_s + time_s - east) * _NS
