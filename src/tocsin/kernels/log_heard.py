"""Which records of dense formats detectors hear: the first of their like, then ever fewer.

Log-ins that were let in, commands of sudo and cron jobs are many and alike; what says something
is a new one. A bounded set-associative table counts records by what they are, who and (of
commands) what, per hour; those numbered 1, 2, 4, 8, ... within the hour are heard. At the bound
the row that was silent longest within its set of four gives way, and is heard anew.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined, kernel

# What of a record tells it from others of its template: source and user, or the command too.
UNHEARD, BY_PARTY, BY_COMMAND = 0, 1, 2
SETS, WAYS = 2048, 4
HOUR_NS = 3_600_000_000_000
HEARD = np.dtype([("tag", "i8"), ("hour", "i8"), ("count", "i8")])


@inlined
def _mix(h, part_):  # type: ignore[no-untyped-def]
    h = ((h ^ part_) & 0xFFFF_FFFF) * 0x2545_F491
    return (h ^ (h >> 29)) & 0xFFFF_FFFF


@part
def _text(b, at, length, h):  # type: ignore[no-untyped-def]
    for i in range(at, at + length):
        h = _mix(h, np.int64(b[i]))
    return h


@part
def _tag(b, row, how, key):  # type: ignore[no-untyped-def]
    """Return a hash of what makes a record like another one, never 0."""
    low, shift = np.uint64(0xFFFF_FFFF), np.uint64(32)
    h = _mix(key & 0xFFFF_FFFF, np.int64(row["template"]) + 1)
    h = _mix(h, np.int64(row["src_lo"] & low))
    h = _mix(h, np.int64(row["src_lo"] >> shift))
    h = _mix(h, np.int64(row["src_hi"] & low))
    h = _mix(h, np.int64(row["src_hi"] >> shift))
    h = _text(b, row["user_at"], np.int64(row["user_length"]), h)
    h = _text(b, row["host_at"], np.int64(row["host_length"]), h)
    other = _mix(h, np.int64(0x5F35_6495))
    if how == BY_COMMAND:
        h = _text(b, row["extra_0_at"], np.int64(row["extra_0_length"]), h)
        h = _text(b, row["extra_1_at"], np.int64(row["extra_1_length"]), h)
        other = _text(b, row["extra_1_at"], np.int64(row["extra_1_length"]), other)
    return (h << 20) | (other & 0xF_FFFF) | np.int64(1)


@kernel
def hear(b, rows, n, how, key, table, heard):  # type: ignore[no-untyped-def]
    """Set ``heard[i]`` for the records of ``rows[:n]`` that detectors are to hear.

    ``how`` uint8 says per template what tells its records apart (`UNHEARD`: none is heard);
    ``table`` is of dtype `HEARD`, SETS * WAYS rows.
    """
    for i in range(n):
        row = rows[i]
        heard[i] = 0
        t = row["template"]
        if t < 0 or t >= len(how) or how[t] == UNHEARD:
            continue
        tag = _tag(b, row, how[t], key)
        hour = row["ts_ns"] // HOUR_NS
        base = (tag >> 20) % SETS * WAYS
        at = base
        for k in range(base, base + WAYS):
            if table[k]["tag"] == tag:
                at = k
                break
            if table[k]["hour"] < table[at]["hour"]:
                at = k
        one = table[at]
        if one["tag"] != tag or one["hour"] != hour:
            one["tag"], one["hour"], one["count"] = tag, hour, 0
        one["count"] += 1
        if one["count"] & (one["count"] - 1) == 0:
            heard[i] = 1
