"""Authentication by source: refused log-ins in a sliding window, success after guessing.

A bounded set-associative table holds one row per (service, source address); for local
services (sudo, su) the user stands in for the source. The window is a ring of ten parts,
aligned to the epoch. Everything is an integer but the estimate of distinct names beyond
fifteen (linear counting, Whang et al., ACM TODS 1990).

At the bound the row whose last event is oldest gives way within its set of eight, those
without a raised episode first; a raised episode is given out as ended.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.auth_clock import RUNNING, effective
from tocsin.kernels.auth_entry import (
    ENTRY,
    TRIP,
    add_failure,
    add_success,
    begin,
    end_episode,
    name_key,
    names_distinct,
)  # fmt: skip
from tocsin.kernels.layouts import ENDED
from tocsin.kernels.lean import inlined, kernel

__all__ = ["ENTRY", "TRIP", "authenticate", "names_distinct"]

UNKNOWN, SSH, SUDO, SU, LOGIN = range(5)
NEUTRAL, REFUSED, REFUSED_COUNT, SUCCESS = range(4)
SETS, WAYS = 4096, 8
# What the kernel takes from GuessParameters, int64 in this order; KEY has 40 bits.
FAILURES_MIN, WINDOW_NS, SUCCESS_FAILURES_MIN, GAP_NS, KEY, BOUNDS = range(6)
TRIPS_PER_RECORD_MAX = 3
_LOW_32 = np.uint64(0xFFFF_FFFF)
_S32 = np.uint64(32)


@inlined
def _mix(h, part):  # type: ignore[no-untyped-def]
    # 30 by 32 bits stays under 63: the same figure compiled and in plain Python.
    h = ((h ^ part) & 0xFFFF_FFFF) * 0x2545_F491
    return (h ^ (h >> 29)) & 0xFFFF_FFFF


@inlined
def _tag(hi, lo, local, service, key):  # type: ignore[no-untyped-def]
    """Return a hash of 40 bits or fewer, never 0."""
    h = _mix(key & 0xFFFF_FFFF, np.int64(lo & _LOW_32))
    h = _mix(h, np.int64(lo >> _S32))
    h = _mix(h, np.int64(hi & _LOW_32))
    h = _mix(h, np.int64(hi >> _S32))
    h = _mix(h, local & 0xFFFF_FFFF)
    return (_mix(h, np.int64(service)) << 3) | np.int64(1)


@inlined
def _find(table, tags, tag, hi, lo, local, service):  # type: ignore[no-untyped-def]
    """Return (row or -1, row to give way)."""
    base = (tag >> 3) % SETS * WAYS
    victim, victim_rank = base, np.int64(1 << 62)
    for i in range(base, base + WAYS):
        if tags[i] == 0:
            if victim_rank > -1:
                victim, victim_rank = i, np.int64(-1)
            continue
        entry = table[i]
        if (
            tags[i] == tag
            and entry["src_lo"] == lo
            and entry["src_hi"] == hi
            and entry["local"] == local
            and entry["service"] == service
        ):
            return i, i
        rank = entry["last_ns"] // 2
        if entry["is_raised"]:
            rank = min(rank + (1 << 61), (1 << 62) - 1)
        if rank < victim_rank:
            victim, victim_rank = i, rank
    return -1, victim


@inlined
def _local_key(b, row, key):  # type: ignore[no-untyped-def]
    """Return what stands in for the source of a local service, 0 for a remote one."""
    if row["has_source"] or row["user_length"] == 0:
        return np.int64(0)
    return name_key(b, row["user_at"], row["user_length"], key) & 0xFFFF_FFFF


@inlined
def _judge(b, row, ts_ns, role, table, tags, trips, n, bounds):  # type: ignore[no-untyped-def]
    """Let one authentication result into the table; return the number of trips."""
    kind, service, is_invalid = role
    local = _local_key(b, row, bounds[KEY])
    if not row["has_source"] and (local == 0 or service == SSH or service == UNKNOWN):
        return n
    hi, lo = row["src_hi"], row["src_lo"]
    tag = _tag(hi, lo, local, service, bounds[KEY])
    at, victim = _find(table, tags, tag, hi, lo, local, service)
    if at < 0 and kind == SUCCESS:
        return n
    entry = table[victim]
    limit = float(bounds[FAILURES_MIN])
    if at < 0 or abs(ts_ns - entry["last_ns"]) > bounds[GAP_NS]:
        if tags[victim] != 0 and entry["is_raised"]:
            end_episode(entry, trips[n], ENDED, ts_ns, limit)
            n += 1
        tags[victim] = tag
        entry["src_hi"] = hi
        entry["src_lo"] = lo
        entry["local"] = local
        entry["service"] = service
        entry["is_used"] = 1
        begin(entry, ts_ns, row["offset"])
    if kind == SUCCESS:
        return n + add_success(entry, trips[n], b, row, ts_ns, bounds)
    count = np.int64(max(row["count"], 1))
    return n + add_failure(entry, trips[n], b, row, ts_ns, count, is_invalid, bounds)


@kernel
def authenticate(b, rows, start, end, roles, table, tags, times, bounds, trips):  # type: ignore[no-untyped-def]
    """Take rows[start:end] of the scanner in their order; return (next row, trips filled).

    ``b`` is the buffer that the rows point into; ``roles`` int32 (templates, 3) comes from
    `tocsin.parse.compile`; ``table`` (dtype `ENTRY`) and ``tags`` int64 hold SETS * WAYS
    rows; ``times`` as in `auth_clock`, ``bounds`` as named here. ``trips`` (dtype `TRIP`)
    must take TRIPS_PER_RECORD_MAX more, else the call returns early and is made again.
    """
    n, i = 0, start
    while i < end and n + TRIPS_PER_RECORD_MAX <= len(trips):
        row = rows[i]
        i += 1
        if row["has_stamp"]:
            ts_ns = effective(row["ts_ns"], times)
        else:
            ts_ns = times[RUNNING]
        t = row["template"]
        if t < 0 or roles[t, 0] == NEUTRAL:
            continue
        role = (roles[t, 0], roles[t, 1], roles[t, 2])
        n = _judge(b, row, ts_ns, role, table, tags, trips, n, bounds)
    return i, n
