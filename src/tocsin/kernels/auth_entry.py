"""One row of the authentication table: the episode of one source at one service."""

from __future__ import annotations

import math

import numpy as np

from tocsin.kernels.layouts import (
    AUTH_TRIP,
    GUESS_EVENTS,
    RAISED,
    SUCCESS_AFTER_GUESSING,
    UPDATED,
)  # fmt: skip
from tocsin.kernels.lean import inlined

PARTS = 10
NAME_BYTES = 32
NAMES = 4
_PORTS = 8
_EXACT_NAMES = 16
_BITS = 256

ENTRY = np.dtype(
    [
        ("src_hi", "u8"), ("src_lo", "u8"), ("local", "i8"),
        ("last_ns", "i8"), ("first_ns", "i8"), ("first_offset", "i8"), ("last_offset", "i8"),
        ("part", "i8"), ("failures", "i8"), ("window", "i8"), ("successes", "i8"),
        ("since_success", "i8"), ("invalid", "i8"), ("records", "i8"),
        ("reported", "i8"), ("successes_reported", "i8"), ("decided_at", "i8"),
        ("ring", "i8", (PARTS,)),
        ("name_keys", "i8", (_EXACT_NAMES,)),
        ("service", "u1"), ("is_used", "u1"), ("is_raised", "u1"), ("is_entered", "u1"),
        ("names_kept", "u1"), ("keys_kept", "u1"), ("ports_kept", "u1"), ("bits_set", "u2"),
        ("bits", "u1", (_BITS // 8,)),
        ("ports", "u2", (_PORTS,)),
        ("names", "u1", (NAMES * NAME_BYTES,)), ("name_last", "u1", (NAME_BYTES,)),
        ("host", "u1", (NAME_BYTES,)),
    ]
)  # fmt: skip

# layouts.AUTH_TRIP with its texts as bytes, which compiled code can write.
TRIP = np.dtype(
    [
        (name, ("u1", NAME_BYTES * (NAMES if name == "users" else 1)))
        if name in {"users", "user_last", "host"}
        else (name, AUTH_TRIP[name])
        for name in AUTH_TRIP.names or ()
    ]
)


@inlined
def begin(entry, ts_ns, offset):  # type: ignore[no-untyped-def]
    """Begin an episode; the row keeps its key."""
    entry["is_raised"] = 0
    entry["is_entered"] = 0
    entry["first_ns"] = ts_ns
    entry["last_ns"] = ts_ns
    entry["first_offset"] = offset
    entry["last_offset"] = offset
    entry["part"] = 0
    entry["failures"] = 0
    entry["window"] = 0
    entry["successes"] = 0
    entry["since_success"] = 0
    entry["invalid"] = 0
    entry["records"] = 0
    entry["reported"] = 0
    entry["successes_reported"] = 0
    entry["decided_at"] = 0
    entry["names_kept"] = 0
    entry["keys_kept"] = 0
    entry["ports_kept"] = 0
    entry["bits_set"] = 0
    ring, bits, ports = entry["ring"], entry["bits"], entry["ports"]
    names, last, host = entry["names"], entry["name_last"], entry["host"]
    for i in range(PARTS):
        ring[i] = 0
    for i in range(_BITS // 8):
        bits[i] = 0
    for i in range(_PORTS):
        ports[i] = 0
    for i in range(NAMES * NAME_BYTES):
        names[i] = 0
    for i in range(NAME_BYTES):
        last[i] = 0
        host[i] = 0


@inlined
def _copy(b, at, length, into, start):  # type: ignore[no-untyped-def]
    """Copy a name, cut at NAME_BYTES and padded with zeros."""
    n = min(length, NAME_BYTES)
    for i in range(n):
        into[start + i] = b[at + i]
    for i in range(n, NAME_BYTES):
        into[start + i] = 0


@inlined
def name_key(b, at, length, key):  # type: ignore[no-untyped-def]
    """Return a keyed 40-bit hash of a name."""
    h = key
    for i in range(at, at + length):
        h = ((h ^ np.int64(b[i])) * 3_935_559) & 0xFF_FFFF_FFFF
        h ^= h >> 19
    return h


@inlined
def _count_name(entry, b, at, length, key):  # type: ignore[no-untyped-def]
    h = name_key(b, at, length, key)
    keys, kept = entry["name_keys"], np.int64(entry["keys_kept"])
    for i in range(kept):
        if keys[i] == h:
            return
    bits, bit = entry["bits"], (h >> 7) & (_BITS - 1)
    if not bits[bit >> 3] & (1 << (bit & 7)):
        bits[bit >> 3] |= 1 << (bit & 7)
        entry["bits_set"] += 1
    if kept < _EXACT_NAMES:
        keys[kept] = h
        entry["keys_kept"] = kept + 1
    names_kept = np.int64(entry["names_kept"])
    if names_kept < NAMES:
        _copy(b, at, length, entry["names"], names_kept * NAME_BYTES)
        entry["names_kept"] = names_kept + 1


@inlined
def names_distinct(entry):  # type: ignore[no-untyped-def]
    """Return how many names were tried: exact up to 15, estimated beyond."""
    kept = np.int64(entry["keys_kept"])
    if kept < _EXACT_NAMES:
        return kept
    free = max(_BITS - np.int64(entry["bits_set"]), 1)
    return max(kept, np.int64(round(_BITS * math.log(_BITS / free))))


@inlined
def _count_port(entry, port):  # type: ignore[no-untyped-def]
    kept = np.int64(entry["ports_kept"])
    if port > 0 and kept < _PORTS and (kept == 0 or entry["ports"][kept - 1] != port):
        entry["ports"][kept] = port
        entry["ports_kept"] = kept + 1


@inlined
def _slide(entry, part):  # type: ignore[no-untyped-def]
    """Move the ring on to a part of the window; return where that part is counted.

    A part older than the ring begins it anew: in batch, a log may follow an earlier one.
    """
    ring, step = entry["ring"], part - entry["part"]
    if step >= PARTS or step <= -PARTS:
        for i in range(PARTS):
            ring[i] = 0
        entry["window"] = 0
        entry["part"] = part
    elif step > 0:
        for k in range(step):
            at = (entry["part"] + 1 + k) % PARTS
            entry["window"] -= ring[at]
            ring[at] = 0
        entry["part"] = part
    return part % PARTS


@inlined
def _touch(entry, row, ts_ns):  # type: ignore[no-untyped-def]
    entry["records"] += 1
    entry["last_ns"] = max(entry["last_ns"], ts_ns)
    entry["first_ns"] = min(entry["first_ns"], ts_ns)
    entry["last_offset"] = row["offset"] + row["length"]


@inlined
def _report(entry, trip, code, phase, at_ns, offset, threshold):  # type: ignore[no-untyped-def]
    trip["code"] = code
    trip["phase"] = phase
    trip["service"] = entry["service"]
    trip["user_total"] = entry["names_kept"]
    trip["at_ns"] = at_ns
    trip["offset"] = offset
    trip["src_hi"] = entry["src_hi"]
    trip["src_lo"] = entry["src_lo"]
    trip["first_ns"] = entry["first_ns"]
    trip["last_ns"] = entry["last_ns"]
    trip["first_offset"] = entry["first_offset"]
    trip["last_offset"] = entry["last_offset"]
    trip["failures"] = entry["failures"]
    trip["failures_window"] = entry["window"]
    trip["successes"] = entry["successes"]
    trip["users_distinct"] = names_distinct(entry)
    trip["invalid_users"] = entry["invalid"]
    trip["records_to_detect"] = entry["decided_at"]
    trip["threshold"] = threshold
    for i in range(_PORTS):
        trip["source_ports"][i] = entry["ports"][i]
    for i in range(NAMES * NAME_BYTES):
        trip["users"][i] = entry["names"][i]
    for i in range(NAME_BYTES):
        trip["user_last"][i] = entry["name_last"][i]
        trip["host"][i] = entry["host"][i]


@inlined
def end_episode(entry, trip, phase, at_ns, threshold):  # type: ignore[no-untyped-def]
    """Report the totals of a raised episode."""
    _report(entry, trip, GUESS_EVENTS, phase, at_ns, entry["last_offset"], threshold)


@inlined
def add_failure(entry, trip, b, row, ts_ns, count, is_invalid, bounds):  # type: ignore[no-untyped-def]
    """Count refused log-ins; return 1 when ``trip`` was filled.

    ``bounds`` is (failures_min, window_ns, success_failures_min, gap_ns, key).
    """
    _touch(entry, row, ts_ns)
    at = _slide(entry, ts_ns // (bounds[1] // PARTS))
    entry["ring"][at] += count
    entry["window"] += count
    entry["failures"] += count
    entry["since_success"] += count
    entry["invalid"] += count if is_invalid else 0
    if row["user_length"] > 0:
        _count_name(entry, b, row["user_at"], row["user_length"], bounds[4])
    _copy(b, row["user_at"], row["user_length"], entry["name_last"], 0)
    if entry["records"] == 1:
        _copy(b, row["host_at"], row["host_length"], entry["host"], 0)
    _count_port(entry, row["source_port"])
    phase = UPDATED
    if entry["is_raised"] == 0:
        if entry["window"] < bounds[0]:
            return 0
        entry["is_raised"] = 1
        entry["decided_at"] = entry["records"]
        phase = RAISED
    elif entry["failures"] < 2 * entry["reported"]:
        return 0
    entry["reported"] = entry["failures"]
    _report(entry, trip, GUESS_EVENTS, phase, ts_ns, row["offset"], float(bounds[0]))
    return 1


@inlined
def add_success(entry, trip, b, row, ts_ns, bounds):  # type: ignore[no-untyped-def]
    """Count a log-in by something that can be guessed; return 1 when ``trip`` was filled."""
    _touch(entry, row, ts_ns)
    entry["successes"] += 1
    _copy(b, row["user_at"], row["user_length"], entry["name_last"], 0)
    _count_port(entry, row["source_port"])
    since = entry["since_success"]
    entry["since_success"] = 0
    phase = RAISED
    if entry["is_entered"]:
        phase = UPDATED
        if entry["successes"] < 2 * entry["successes_reported"]:
            return 0
    elif since < bounds[2]:
        return 0
    entry["is_entered"] = 1
    entry["successes_reported"] = entry["successes"]
    kept, entry["decided_at"] = entry["decided_at"], entry["records"]
    _report(entry, trip, SUCCESS_AFTER_GUESSING, phase, ts_ns, row["offset"], float(bounds[2]))
    entry["decided_at"] = kept
    return 1
