"""How much each web client was refused or given, counted from access lines.

A bounded set-associative table holds one row per client, begun anew after `GAP_NS` of silence;
refusals (401, 403, 429) are counted in two panes of half a window each. At the bound the row that
was silent longest within its set of eight gives way.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined, kernel

SETS, WAYS = 1024, 8
PANE_NS, GAP_NS = 150_000_000_000, 14_400_000_000_000
REFUSED_MIN, READ_BYTES_MIN = 60, 256 << 20
REFUSED, READ = 1, 2
TALLIES_PER_RECORD = 2
CLIENTS, BYTES, TOTALS = range(3)
AMOUNT = np.dtype(
    [
        ("src_hi", "u8"), ("src_lo", "u8"), ("first_ns", "i8"), ("last_ns", "i8"),
        ("first_offset", "i8"), ("pane", "i8"), ("bytes", "i8"), ("bytes_due", "i8"),
        ("requests", "i8"), ("refused_total", "i8"),
        ("refused", "i4"), ("refused_before", "i4"), ("refused_due", "i4"), ("is_used", "i4"),
    ]
)  # fmt: skip
AMOUNT_TALLY = np.dtype(
    [("row", "i8"), ("what", "i8"), ("others", "i8"), ("others_bytes", "i8"), ("client", AMOUNT)]
)


@inlined
def _mix(h, part_):  # type: ignore[no-untyped-def]
    h = ((h ^ part_) & 0xFFFF_FFFF) * 0x2545_F491
    return (h ^ (h >> 29)) & 0xFFFF_FFFF


@part
def _slot(table, row, key):  # type: ignore[no-untyped-def]
    """Return (the row of a client or the one to give way, whether it is its own)."""
    hi, lo = row["src_hi"], row["src_lo"]
    low, shift = np.uint64(0xFFFF_FFFF), np.uint64(32)
    h = _mix(key & 0xFFFF_FFFF, np.int64(lo & low))
    h = _mix(h, np.int64(lo >> shift))
    h = _mix(h, np.int64(hi & low))
    base = _mix(h, np.int64(hi >> shift)) % SETS * WAYS
    oldest = base
    for i in range(base, base + WAYS):
        if table[i]["is_used"] == 0:
            return i, False
        if table[i]["src_lo"] == lo and table[i]["src_hi"] == hi:
            return i, True
        if table[i]["last_ns"] < table[oldest]["last_ns"]:
            oldest = i
    return oldest, False


@part
def _client(table, blank, row, totals, key):  # type: ignore[no-untyped-def]
    """Return a client's row with its clock set."""
    ts_ns = row["ts_ns"]
    at, is_known = _slot(table, row, key)
    if not is_known or ts_ns - table[at]["last_ns"] > GAP_NS:
        table[at] = blank[0]
        one = table[at]
        one["src_hi"], one["src_lo"], one["is_used"] = row["src_hi"], row["src_lo"], 1
        one["first_ns"] = one["last_ns"] = ts_ns
        one["first_offset"] = row["offset"]
        one["bytes_due"], one["refused_due"] = READ_BYTES_MIN, REFUSED_MIN
        totals[CLIENTS] += 1
    one = table[at]
    one["last_ns"] = max(ts_ns, one["last_ns"])
    pane = one["last_ns"] // PANE_NS
    if pane != one["pane"]:
        one["refused_before"] = one["refused"] if pane == one["pane"] + 1 else 0
        one["refused"], one["pane"] = 0, pane
    return at


@inlined
def _is_refused_much(one, status):  # type: ignore[no-untyped-def]
    """Tell whether a client's refusals are to be reported now: at their bound and doublings."""
    if status != 401 and status != 403 and status != 429:
        return False
    one["refused"] += 1
    one["refused_total"] += 1
    recent = one["refused"] + one["refused_before"]
    if recent < one["refused_due"] or one["refused_total"] * 2 < one["requests"]:
        return False
    one["refused_due"] = 2 * recent
    return True


@part
def _tally(tallies, filled, i, what, one, totals):  # type: ignore[no-untyped-def]
    tally = tallies[filled]
    tally["row"], tally["what"] = i, what
    tally["others"] = totals[CLIENTS] - 1
    tally["others_bytes"] = totals[BYTES] - one["bytes"]
    tally["client"] = one
    return filled + 1


@kernel
def add_amounts(rows, begin, n, table, blank, totals, tallies, key):  # type: ignore[no-untyped-def]
    """Count the access lines among ``rows[begin:n]``; return (next row, tallies filled).

    ``table`` is of dtype `AMOUNT`, SETS * WAYS rows, ``blank`` a zero one, ``totals`` int64 (TOTALS).
    It stops early when ``tallies`` (dtype `AMOUNT_TALLY`) is full.
    """
    filled = np.int64(0)
    for i in range(begin, n):
        row = rows[i]
        if row["status"] == 0 or row["has_source"] == 0:
            continue
        if filled + TALLIES_PER_RECORD > len(tallies):
            return i, filled
        one = table[_client(table, blank, row, totals, key)]
        one["requests"] += 1
        one["bytes"] += row["bytes"]
        totals[BYTES] += row["bytes"]
        if _is_refused_much(one, row["status"]):
            filled = _tally(tallies, filled, i, REFUSED, one, totals)
        if one["bytes"] >= one["bytes_due"]:
            one["bytes_due"] = 2 * one["bytes"]
            filled = _tally(tallies, filled, i, READ, one, totals)
    return n, filled
