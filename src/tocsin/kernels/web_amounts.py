"""How much each web client was refused, or given within an hour, counted from access lines.

A bounded table holds one row per client (`tocsin.kernels.table`), begun anew after `GAP_NS` of
silence; refusals (401, 403, 429) are counted in two panes of half a window each.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined, kernel
from tocsin.kernels.table import fetch_address, hash_end, row_of_address

CLIENTS_MAX = 32_768  # sets of sixteen
PANE_NS, GAP_NS, HOUR_NS = 150_000_000_000, 14_400_000_000_000, 3_600_000_000_000
REFUSED_MIN, READ_BYTES_MIN = 60, 256 << 20
REFUSED, READ = 1, 2
TALLIES_PER_RECORD = 2
_AHEAD, _LINES = 6, 2
# Of all clients in the hour under way and in the one before: how many (bits set), their bytes.
CLIENTS, BYTES, CLIENTS_BEFORE, BYTES_BEFORE, HOUR, TOTALS = range(6)
# Different clients by linear counting (Whang et al., TODS 1990), in 131,072 bits.
SEEN_BITS, SEEN_WORDS, _SHIFT = 1 << 17, 1 << 11, 47
_TOP, _SIX, _LOW, _ONE = np.uint64(_SHIFT), np.uint64(6), np.uint64(63), np.uint64(1)
AMOUNT = np.dtype(
    [
        ("src_hi", "u8"), ("src_lo", "u8"), ("first_ns", "i8"), ("last_ns", "i8"),
        ("first_offset", "i8"), ("pane", "i8"), ("requests", "i8"), ("refused_total", "i8"),
        ("hour", "i8"), ("hour_ns", "i8"), ("hour_offset", "i8"), ("hour_requests", "i8"),
        ("bytes", "i8"), ("bytes_due", "i8"),
        ("refused", "i4"), ("refused_before", "i4"), ("refused_due", "i4"), ("unused", "i4"),
    ]
)  # fmt: skip
AMOUNT_TALLY = np.dtype(
    [("row", "i8"), ("what", "i8"), ("totals", "i8", (TOTALS,)), ("client", AMOUNT)]
)


@part
def _client(table, blank, row, totals, seen, key):  # type: ignore[no-untyped-def]
    """Return a client's row with its clock set."""
    tags, clients = table
    hi, lo, ts_ns = row["src_hi"], row["src_lo"], row["ts_ns"]
    h = hash_end(hi, lo, np.uint64(0), key)
    at, is_known = row_of_address(tags, clients, hi, lo, h)
    if not is_known or ts_ns - clients[at]["last_ns"] > GAP_NS:
        clients[at] = blank[0]
        one = clients[at]
        one["src_hi"], one["src_lo"] = hi, lo
        one["first_ns"] = one["last_ns"] = ts_ns
        one["first_offset"] = row["offset"]
        one["refused_due"], one["hour"] = REFUSED_MIN, -1
    one = clients[at]
    one["last_ns"] = max(ts_ns, one["last_ns"])
    if one["hour"] != totals[HOUR]:
        one["hour"], one["hour_ns"], one["hour_offset"] = totals[HOUR], ts_ns, row["offset"]
        one["bytes"], one["bytes_due"], one["hour_requests"] = 0, READ_BYTES_MIN, 0
        bit = h >> _TOP
        if seen[bit >> _SIX] & (_ONE << (bit & _LOW)) == 0:  # not one that had given way before
            seen[bit >> _SIX] |= _ONE << (bit & _LOW)
            totals[CLIENTS] += 1
    pane = one["pane"]
    if not 0 <= one["last_ns"] - pane * PANE_NS < PANE_NS:
        pane = one["last_ns"] // PANE_NS
    if pane != one["pane"]:
        one["refused_before"] = one["refused"] if pane == one["pane"] + 1 else 0
        one["refused"], one["pane"] = 0, pane
    return at


@inlined
def _move_hour(totals, seen, ts_ns):  # type: ignore[no-untyped-def]
    """Begin a new hour when a line is of one; lines that come late count in the hour under way."""
    behind = ts_ns - totals[HOUR] * HOUR_NS
    if behind < HOUR_NS:
        return
    is_next = behind < 2 * HOUR_NS
    totals[CLIENTS_BEFORE] = totals[CLIENTS] if is_next else 0
    totals[BYTES_BEFORE] = totals[BYTES] if is_next else 0
    totals[CLIENTS], totals[BYTES], totals[HOUR] = 0, 0, ts_ns // HOUR_NS
    for k in range(SEEN_WORDS):
        seen[k] = np.uint64(0)


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
    for k in range(TOTALS):
        tally["totals"][k] = totals[k]
    tally["client"] = one
    return filled + 1


@kernel
def add_amounts(rows, begin, n, table, blank, totals, seen, tallies, key):  # type: ignore[no-untyped-def]
    """Count the access lines among ``rows[begin:n]``; return (next row, tallies filled).

    ``table`` is (tags, rows of dtype `AMOUNT`) of `tocsin.kernels.table`, ``blank`` a zero row,
    ``totals`` int64 (TOTALS), ``seen`` uint64 (SEEN_WORDS), ``key`` uint64.
    It stops early when ``tallies`` (dtype `AMOUNT_TALLY`) is full.
    """
    filled, (tags, clients) = np.int64(0), table
    for i in range(begin, n):
        if i + _AHEAD < n:
            coming = rows[i + _AHEAD]
            fetch_address(tags, clients, coming["src_hi"], coming["src_lo"], key, _LINES)
        row = rows[i]
        if row["status"] == 0 or row["has_source"] == 0:
            continue
        if filled + TALLIES_PER_RECORD > len(tallies):
            return i, filled
        _move_hour(totals, seen, row["ts_ns"])
        one = clients[_client(table, blank, row, totals, seen, key)]
        one["requests"] += 1
        one["hour_requests"] += 1
        one["bytes"] += row["bytes"]
        totals[BYTES] += row["bytes"]
        if _is_refused_much(one, row["status"]):
            filled = _tally(tallies, filled, i, REFUSED, one, totals)
        if one["bytes"] >= one["bytes_due"]:
            one["bytes_due"] = 2 * one["bytes"]
            filled = _tally(tallies, filled, i, READ, one, totals)
    return n, filled
