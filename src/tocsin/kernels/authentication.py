"""Authentication by source: refused log-ins in a sliding window, success after guessing.

Where a log never says that a password was refused (servers that take keys only, low log levels),
what it says of the attempts otherwise is counted; the first refusal puts an end to that.
Beside it the background noise of each service and host is counted (`auth_noise`).

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
    BOUNDS,
    BURST_MIN,
    ENTRY,
    FAILURES_MIN,
    GAP_NS,
    HEAD,
    KEY,
    NOISE_SOURCES_MIN,
    SLOW_MIN,
    SUCCESS_FAILURES_MIN,
    WINDOW_NS,
    add_failure,
    add_success,
    forget_hints,
    name_key,
    set_head,
)  # fmt: skip
from tocsin.kernels.auth_noise import add_noise
from tocsin.kernels.compiled import part
from tocsin.kernels.layouts import ENDED, GUESS_EVENTS
from tocsin.kernels.lean import inlined, kernel
from tocsin.kernels.vectors import lowest_bit, prefetch

__all__ = [
    "BOUNDS", "BURST_MIN", "ENTRY", "FAILURES_MIN", "GAP_NS", "HEAD", "KEY", "NOISE_SOURCES_MIN",
    "SLOW_MIN", "SUCCESS_FAILURES_MIN", "WINDOW_NS", "authenticate",
]  # fmt: skip

SERVICES = ("unknown", "ssh", "sudo", "su", "login")
UNKNOWN, SSH, SUDO, SU, LOGIN = range(len(SERVICES))
NEUTRAL, REFUSED, REFUSED_COUNT, SUCCESS, HINT = range(5)
SETS, WAYS = 4096, 8
TRIPS_PER_RECORD_MAX = 5
# How many records before its turn a record's set and its row are fetched.
_SETS_AHEAD, _ROWS_AHEAD = 16, 8
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
def _ways(tags, base, tag):  # type: ignore[no-untyped-def]
    """Return a bit for each row of a set: whether it bears this tag."""
    ways = np.int64(0)
    for k in range(WAYS):
        ways |= np.int64(tags[base + k] == tag) << k
    return ways


@part
def _find(table, tags, tag, hi, lo, local, service):  # type: ignore[no-untyped-def]
    """Return (its row or the one to give way, whether it is its own)."""
    base = (tag >> 3) % SETS * WAYS
    ways = _ways(tags, base, tag)
    while ways != 0:
        i = base + lowest_bit(ways)
        ways &= ways - 1
        entry = table[i]
        if (
            entry["src_lo"] == lo
            and entry["src_hi"] == hi
            and entry["local"] == local
            and entry["service"] == service
        ):
            return i, True
    return _to_give_way(table, tags, base), False


@part
def _to_give_way(table, tags, base):  # type: ignore[no-untyped-def]
    """Return a free row of a set, else the one whose last event is oldest."""
    victim, victim_rank = base, np.int64(1 << 62)
    for i in range(base, base + WAYS):
        if tags[i] == 0:
            return i
        entry = table[i]
        rank = entry["last_ns"] // 2
        if entry["is_raised"]:
            rank = min(rank + (1 << 61), (1 << 62) - 1)
        if rank < victim_rank:
            victim, victim_rank = i, rank
    return victim


@part
def _begin(table, at, blank, row, ts_ns, local, service):  # type: ignore[no-untyped-def]
    """Begin an episode in a row."""
    table[at] = blank[0]
    entry = table[at]
    entry["src_hi"] = row["src_hi"]
    entry["src_lo"] = row["src_lo"]
    entry["local"] = local
    entry["service"] = service
    entry["first_ns"] = ts_ns
    entry["last_ns"] = ts_ns
    entry["first_offset"] = row["offset"]


@kernel
def place(rows, n, roles, key, placed):  # type: ignore[no-untyped-def]
    """Say for ``rows[:n]`` of the scanner the tag of their source; 0: not known before its turn.

    Apart from `authenticate`, so that the table's memory can be fetched before it is needed.
    """
    for i in range(n):
        row = rows[i]
        t = row["template"]
        placed[i] = 0
        if t >= 0 and row["has_source"] != 0 and roles[t, 0] != NEUTRAL:
            placed[i] = _tag(row["src_hi"], row["src_lo"], np.int64(0), roles[t, 1], key)


@inlined
def _fetch(b, rows, table, tags, placed, i, end):  # type: ignore[no-untyped-def]
    """Fetch what the records that follow record ``i`` need: first their sets, then their rows."""
    if i + _SETS_AHEAD < end and placed[i + _SETS_AHEAD] != 0:
        prefetch(tags, (placed[i + _SETS_AHEAD] >> 3) % SETS * WAYS, 0, 1)
    if i + _ROWS_AHEAD < end and placed[i + _ROWS_AHEAD] != 0:
        tag = placed[i + _ROWS_AHEAD]
        base = (tag >> 3) % SETS * WAYS
        prefetch(b, rows[i + _ROWS_AHEAD]["user_at"], 0, 1)
        ways = _ways(tags, base, tag)
        if ways != 0:
            prefetch(table, base + lowest_bit(ways), 0, 6)


@part
def _judge(b, row, tag, ts_ns, kind, service, is_invalid, state, times, bounds, found, n):  # type: ignore[no-untyped-def]
    """Let one authentication result into the table; return the number of trips."""
    table, tags, blank, noise, blank_noise = state
    heads, entries, noises = found
    is_remote, local = row["has_source"] != 0, np.int64(0)
    if not is_remote:
        if row["user_length"] == 0 or service == SSH or service == UNKNOWN:
            return n
        length = np.int64(row["user_length"])  # the user stands in for the source
        local = name_key(b, row["user_at"], length, bounds[KEY]) & 0xFFFF_FFFF
        if local == 0:
            return n
        tag = _tag(row["src_hi"], row["src_lo"], local, service, bounds[KEY])
    at, is_known = _find(table, tags, tag, row["src_hi"], row["src_lo"], local, service)
    if kind == SUCCESS and not is_known:
        return n
    if kind == HINT and is_known and table[at]["has_refusals"]:
        return n  # what the log also says of an attempt that was counted
    entry = table[at]
    if not is_known or abs(ts_ns - entry["last_ns"]) > bounds[GAP_NS]:
        if tags[at] != 0 and entry["is_raised"]:
            offset, to_detect = entry["last_offset"], entry["decided_at"]
            set_head(heads[n], GUESS_EVENTS, ENDED, ts_ns, offset, to_detect)
            entries[n] = entry
            n += 1
        tags[at] = tag
        _begin(table, at, blank, row, ts_ns, local, service)
    if kind == HINT:
        entry["hints"] += 1
    elif kind != SUCCESS and entry["has_refusals"] == 0:
        forget_hints(entry)
    count = np.int64(max(row["count"], 1))
    if kind == SUCCESS:
        hit = add_success(entry, b, row, ts_ns, bounds, heads[n])
    else:
        hit = add_failure(entry, b, row, ts_ns, count, is_invalid, bounds, heads[n])
    if hit:
        entries[n] = entry
        n += 1
    if is_remote and kind != SUCCESS:
        n = add_noise(
            noise, blank_noise, entry, b, row, ts_ns, count, service, is_invalid, tag, times,
            bounds, heads, noises, n,
        )  # fmt: skip
    return n


@kernel
def authenticate(b, rows, placed, start, end, roles, state, times, bounds, found):  # type: ignore[no-untyped-def]
    """Take rows[start:end] of the scanner in their order; return (next row, trips filled).

    ``b`` is the buffer that the rows point into, ``placed`` comes from `place`; ``roles`` int32 (templates, 3) comes from
    `tocsin.parse.compile`. ``state`` is (table of dtype `ENTRY` and tags int64, both of
    SETS * WAYS rows; a zero `ENTRY` (1); table of `auth_noise.NOISE` (ROWS_MAX), a zero one).
    ``times`` as in `auth_clock`, ``bounds`` as in `auth_entry`. ``found`` is (heads, entries,
    noises): beside each head the copy of the row that it is about, in one of the two. They
    must take TRIPS_PER_RECORD_MAX more, else the call returns early and is made again.
    """
    n, i = np.int64(0), start
    while i < end and n + TRIPS_PER_RECORD_MAX <= len(found[0]):
        row, tag = rows[i], placed[i]
        _fetch(b, rows, state[0], state[1], placed, i, end)
        i += 1
        if row["has_stamp"]:
            ts_ns = effective(row["ts_ns"], times)
        else:
            ts_ns = times[RUNNING]
        t = row["template"]
        if t < 0 or roles[t, 0] == NEUTRAL:
            continue
        kind, service, is_invalid = roles[t, 0], roles[t, 1], roles[t, 2]
        n = _judge(b, row, tag, ts_ns, kind, service, is_invalid, state, times, bounds, found, n)
    return i, n
