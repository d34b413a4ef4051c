"""The rhythm of one log: its longest silence, hours and days seen, its clock set back, its errors.

A silence is judged against the longest one before (`GAP_FACTOR` times that, an hour at least), once
the log was seen in 24 hours of 3 days; what was judged too long teaches only twice what was known.
Server errors of access lines are counted per minute, against the share that errors had before; told from `ERRORS_MIN` on and at each doubling.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.auth_clock import HAS_BEGUN, RUNNING, effective
from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined, kernel

# Slots of the rhythm, int64.
(GAP_MAX, HOUR, HOURS, DAY, DAYS, BACK_TIMES, MINUTE, REQUESTS, ERRORS, ERRORS_TOLD, REQUESTS_BEFORE,
 ERRORS_BEFORE, LAST_OFFSET, RHYTHM_SIZE) = range(14)  # fmt: skip
HOURS_MIN, DAYS_MIN = 24, 3
GAP_FACTOR, BACK_MIN_NS, GAP_KNOWN_NS = 8, 600_000_000_000, 900_000_000_000
HOUR_NS, DAY_NS, MINUTE_NS = 3_600_000_000_000, 86_400_000_000_000, 60_000_000_000
ERRORS_MIN, ERRORS_SHARE, ERRORS_FACTOR = 20, 5, 5  # a fifth of a minute's requests
NOTES_MAX = 256
SILENCE, SET_BACK, ERROR_BURST = 1, 2, 3
# What happened at a row: how long (ns) or how many, what was usual (of errors: of a million).
NOTE = np.dtype(
    [("row", "i8"), ("kind", "i8"), ("amount", "i8"), ("usual", "i8"), ("of", "i8"), ("days", "i8")]
)
_SERVER_ERROR, _MILLION = 500, 1_000_000


@inlined
def _see(rhythm, now_ns):  # type: ignore[no-untyped-def]
    hour, day = now_ns // HOUR_NS, now_ns // DAY_NS
    if hour > rhythm[HOUR]:
        rhythm[HOUR] = hour
        rhythm[HOURS] += 1
    if day > rhythm[DAY]:
        rhythm[DAY] = day
        rhythm[DAYS] += 1


@inlined
def _note(notes, n, row, kind, amount, usual, of, days):  # type: ignore[no-untyped-def]
    if n >= len(notes):
        return n
    one = notes[n]
    one["row"], one["kind"], one["amount"] = row, kind, amount
    one["usual"], one["of"], one["days"] = usual, of, days
    return n + 1


@part
def _silence(rhythm, gap_ns, i, notes, n):  # type: ignore[no-untyped-def]
    usual = rhythm[GAP_MAX]
    is_long = rhythm[HOURS] > HOURS_MIN and rhythm[DAYS] > DAYS_MIN
    if is_long and gap_ns >= max(GAP_FACTOR * usual, HOUR_NS):
        rhythm[GAP_MAX] = min(gap_ns, 2 * max(usual, np.int64(GAP_KNOWN_NS)))
        return _note(notes, n, i, SILENCE, gap_ns, usual, 0, rhythm[DAYS])
    rhythm[GAP_MAX] = gap_ns
    return n


@part
def _error(rhythm, now_ns, is_error, i, notes, n):  # type: ignore[no-untyped-def]
    """Count a request of the minute under way."""
    minute = now_ns // MINUTE_NS
    if minute > rhythm[MINUTE]:
        rhythm[REQUESTS_BEFORE] += rhythm[REQUESTS]
        rhythm[ERRORS_BEFORE] += rhythm[ERRORS]
        rhythm[MINUTE] = minute
        rhythm[REQUESTS] = rhythm[ERRORS] = rhythm[ERRORS_TOLD] = 0
    rhythm[REQUESTS] += 1
    if not is_error:
        return n
    rhythm[ERRORS] += 1
    errors, requests = rhythm[ERRORS], rhythm[REQUESTS]
    if (
        errors < max(np.int64(ERRORS_MIN), 2 * rhythm[ERRORS_TOLD])
        or errors * ERRORS_SHARE < requests
    ):
        return n
    usual = rhythm[ERRORS_BEFORE] * _MILLION // max(rhythm[REQUESTS_BEFORE], np.int64(1))
    if errors * _MILLION < ERRORS_FACTOR * usual * requests and rhythm[REQUESTS_BEFORE] > 0:
        return n
    rhythm[ERRORS_TOLD] = errors
    return _note(notes, n, i, ERROR_BURST, errors, usual, requests, rhythm[DAYS])


@kernel
def follow(rows, n, times, rhythm, notes):  # type: ignore[no-untyped-def]
    """Follow scanned ``rows[:n]``; return how many of ``notes`` (dtype `NOTE`) were filled.

    ``times`` is as in `tocsin.kernels.auth_clock`, ``rhythm`` int64 (RHYTHM_SIZE).
    """
    filled = np.int64(0)
    for i in range(n):
        row = rows[i]
        if row["has_stamp"] == 0:
            continue
        rhythm[LAST_OFFSET] = row["offset"]
        has_begun, before_ns = times[HAS_BEGUN], times[RUNNING]
        now_ns = effective(row["ts_ns"], times)
        moved_ns = times[RUNNING] - before_ns
        if has_begun:
            if moved_ns > rhythm[GAP_MAX]:
                filled = _silence(rhythm, moved_ns, i, notes, filled)
            elif moved_ns < -BACK_MIN_NS:
                rhythm[BACK_TIMES] += 1
                if rhythm[BACK_TIMES] & (rhythm[BACK_TIMES] - 1) == 0:
                    filled = _note(notes, filled, i, SET_BACK, -moved_ns, 0, rhythm[BACK_TIMES],
                                   rhythm[DAYS])  # fmt: skip
        _see(rhythm, times[RUNNING])
        if row["status"] != 0:
            filled = _error(rhythm, now_ns, row["status"] >= _SERVER_ERROR, i, notes, filled)
    return filled
