"""One row of the authentication table: the episode of one source at one service.

The kernel gives out a *head* (what was crossed, where) and a copy of the row as it stood;
`tocsin.features.auth_table` makes the trip of both.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.compiled import part
from tocsin.kernels.layouts import GUESS_EVENTS, RAISED, SUCCESS_AFTER_GUESSING, UPDATED
from tocsin.kernels.lean import inlined

PARTS, BURST_PARTS = 10, 3
NAME_BYTES = 32
NAMES = 4
EXACT_NAMES = 16
NAME_BITS = 256
_PORTS = 8

ENTRY = np.dtype(
    [
        ("src_hi", "u8"), ("src_lo", "u8"), ("local", "i8"),
        ("last_ns", "i8"), ("first_ns", "i8"), ("first_offset", "i8"), ("last_offset", "i8"),
        ("part", "i8"), ("failures", "i8"), ("window", "i8"), ("successes", "i8"),
        ("since_success", "i8"), ("invalid", "i8"), ("records", "i8"),
        ("reported", "i8"), ("successes_reported", "i8"), ("decided_at", "i8"),
        ("noise_mark", "i8"),  # the day and row of noise that it is counted in
        ("hints", "i4"), ("service", "u1"), ("is_raised", "u1"), ("is_entered", "u1"),
        ("has_refusals", "u1"),
        ("names_kept", "u1"), ("keys_kept", "u1"), ("ports_kept", "u1"), ("bits_set", "u2"),
        ("is_of_many", "u1"),  # the service had its background of many sources before this one
        # What is touched at every event ends here: three cache lines.
        ("ports", "u2", (_PORTS,)),
        ("ring", "i8", (PARTS,)),
        ("name_keys", "i8", (EXACT_NAMES,)),
        ("bits", "u1", (NAME_BITS // 8,)),
        ("names", "u1", (NAMES * NAME_BYTES,)), ("name_last", "u1", (NAME_BYTES,)),
        ("host", "u1", (NAME_BYTES,)),
    ]
)  # fmt: skip
HEAD = np.dtype(
    [("code", "u1"), ("phase", "u1"), ("at_ns", "i8"), ("offset", "i8"), ("to_detect", "i8")]
)
# What the kernels take from GuessParameters, int64 in this order; KEY has 40 bits.
(FAILURES_MIN, WINDOW_NS, SUCCESS_FAILURES_MIN, GAP_NS, KEY, NOISE_SOURCES_MIN, BURST_MIN,
 SLOW_MIN, BOUNDS) = range(9)  # fmt: skip


@inlined
def copy_name(b, at, length, into, start):  # type: ignore[no-untyped-def]
    """Copy a name, cut at NAME_BYTES and padded with zeros."""
    n = min(length, np.int64(NAME_BYTES))
    for i in range(n):
        into[start + i] = b[at + i]
    for i in range(n, NAME_BYTES):
        into[start + i] = 0


@inlined
def set_head(head, code, phase, at_ns, offset, to_detect):  # type: ignore[no-untyped-def]
    """Fill a trip's head."""
    head["code"] = code
    head["phase"] = phase
    head["at_ns"] = at_ns
    head["offset"] = offset
    head["to_detect"] = to_detect


@part
def name_key(b, at, length, key):  # type: ignore[no-untyped-def]
    """Return a keyed 40-bit hash of a name."""
    h = key
    for i in range(at, at + length):
        h = ((h ^ np.int64(b[i])) * 3_935_559) & 0xFF_FFFF_FFFF
        h ^= h >> 19
    return h


@part
def _count_name(entry, b, at, length, key):  # type: ignore[no-untyped-def]
    h = name_key(b, at, length, key)
    keys, kept = entry["name_keys"], np.int64(entry["keys_kept"])
    for i in range(kept):
        if keys[i] == h:
            return
    bits, bit = entry["bits"], (h >> 7) & (NAME_BITS - 1)
    if not bits[bit >> 3] & (1 << (bit & 7)):
        bits[bit >> 3] |= 1 << (bit & 7)
        entry["bits_set"] += 1
    if kept < EXACT_NAMES:
        keys[kept] = h
        entry["keys_kept"] = kept + 1
    names_kept = np.int64(entry["names_kept"])
    if names_kept < NAMES:
        copy_name(b, at, length, entry["names"], names_kept * NAME_BYTES)
        entry["names_kept"] = names_kept + 1


@inlined
def _set_back(ring, turns):  # type: ignore[no-untyped-def]
    """Turn the ring so that its newest part stands where the clock now says."""
    for _ in range(turns):
        first = ring[0]
        for i in range(PARTS - 1):
            ring[i] = ring[i + 1]
        ring[PARTS - 1] = first


@inlined
def _slide(entry, now_part):  # type: ignore[no-untyped-def]
    """Move the ring on to a part of the window; return where that part is counted.

    A clock that was set back by more than the ring (the end of summer time) takes it along:
    what failed before did so moments ago, whatever the stamps say.
    """
    ring, step = entry["ring"], now_part - entry["part"]
    if step <= -PARTS:
        _set_back(ring, -step % PARTS)
        entry["part"] = now_part
    elif step >= PARTS:
        for i in range(PARTS):
            ring[i] = 0
        entry["window"] = 0
        entry["part"] = now_part
    elif step > 0:
        for k in range(step):
            at = (entry["part"] + 1 + k) % PARTS
            entry["window"] -= ring[at]
            ring[at] = 0
        entry["part"] = now_part
    return now_part % PARTS


@part
def _touch(entry, b, row, ts_ns):  # type: ignore[no-untyped-def]
    """Take in what every record of an episode says: its time, place, user and port."""
    entry["records"] += 1
    entry["last_ns"] = max(entry["last_ns"], ts_ns)
    entry["first_ns"] = min(entry["first_ns"], ts_ns)
    entry["last_offset"] = row["offset"] + row["length"]
    if entry["records"] == 1:
        copy_name(b, row["host_at"], np.int64(row["host_length"]), entry["host"], 0)
    port, kept = row["source_port"], np.int64(entry["ports_kept"])
    if port > 0 and kept < _PORTS and (kept == 0 or entry["ports"][kept - 1] != port):
        entry["ports"][kept] = port
        entry["ports_kept"] = kept + 1


@part
def _report(entry, b, row, head, code, phase, ts_ns, to_detect):  # type: ignore[no-untyped-def]
    """Fill a head, and name the user of the record that decided."""
    copy_name(b, row["user_at"], np.int64(row["user_length"]), entry["name_last"], 0)
    set_head(head, code, phase, ts_ns, row["offset"], to_detect)


@part
def forget_hints(entry):  # type: ignore[no-untyped-def]
    """Count refusals from here on; what hinted at attempts so far gives way unless it was told."""
    entry["has_refusals"] = 1
    if entry["hints"] == 0 or entry["is_raised"]:
        return
    for i in range(PARTS):
        entry["ring"][i] = 0
    entry["window"] = entry["failures"] = entry["since_success"] = entry["invalid"] = 0


@part
def add_failure(entry, b, row, ts_ns, count, is_invalid, bounds, head):  # type: ignore[no-untyped-def]
    """Count refused log-ins; return 1 when ``head`` was filled.

    A few, in a burst or slowly, are told of a source alone; of one of many the background tells.
    """
    _touch(entry, b, row, ts_ns)
    at = _slide(entry, ts_ns // (bounds[WINDOW_NS] // PARTS))
    entry["ring"][at] += count
    entry["window"] += count
    entry["failures"] += count
    entry["since_success"] += count
    if is_invalid:
        entry["invalid"] += count
    if row["user_length"] > 0:
        _count_name(entry, b, row["user_at"], np.int64(row["user_length"]), bounds[KEY])
    phase = UPDATED
    if entry["is_raised"] == 0:
        burst = entry["ring"][at]
        for k in range(1, BURST_PARTS):
            burst += entry["ring"][(at + PARTS - k) % PARTS]
        is_slow = (
            entry["has_refusals"] != 0
            and entry["since_success"] >= bounds[SLOW_MIN]
            and ts_ns - entry["first_ns"] >= bounds[WINDOW_NS]
        )
        is_told = burst >= bounds[BURST_MIN] or is_slow
        if entry["window"] < bounds[FAILURES_MIN] and (entry["is_of_many"] or not is_told):
            return 0
        entry["is_raised"] = 1
        entry["decided_at"] = entry["records"]
        phase = RAISED
    elif entry["failures"] < 2 * entry["reported"]:
        return 0
    entry["reported"] = entry["failures"]
    _report(entry, b, row, head, GUESS_EVENTS, phase, ts_ns, entry["decided_at"])
    return 1


@part
def add_success(entry, b, row, ts_ns, bounds, head):  # type: ignore[no-untyped-def]
    """Count a log-in by something that can be guessed; return 1 when ``head`` was filled."""
    _touch(entry, b, row, ts_ns)
    entry["successes"] += 1
    since = entry["since_success"]
    entry["since_success"] = 0
    phase = RAISED
    if entry["is_entered"]:
        phase = UPDATED
        if entry["successes"] < 2 * entry["successes_reported"]:
            return 0
    elif since < bounds[SUCCESS_FAILURES_MIN]:
        return 0
    entry["is_entered"] = 1
    entry["successes_reported"] = entry["successes"]
    _report(entry, b, row, head, SUCCESS_AFTER_GUESSING, phase, ts_ns, entry["records"])
    return 1
