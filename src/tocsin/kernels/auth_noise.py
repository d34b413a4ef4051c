"""The background noise of a public service: who failed at one service of one host in a day.

One row per (service, host) holds the current UTC day: failures, the first sources exactly,
and all of them in 1,024 bits (linear counting, see `tocsin.kernels.bitmap`). The row trips
when so many distinct sources failed, again at each doubling of them, and when its day ends.
A source is looked up once a day: its row of the authentication table remembers that it is
counted. Bounded: at `ROWS_MAX` rows the one whose last failure is oldest gives way.

Beside it stand the `FOCI` accounts that most sources tried first (Misra and Gries, Science of
Computer Programming 1982: whatever more than a ninth of the sources name is among them), each with
the first of its sources. One that `FOCUS_SHARE_MIN` of the sources name trips by itself.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.auth_clock import NOISE_AT
from tocsin.kernels.auth_entry import NAME_BYTES, NAMES, NOISE_SOURCES_MIN, copy_name, set_head
from tocsin.kernels.bitmap import WORDS, estimate, mark
from tocsin.kernels.compiled import part
from tocsin.kernels.layouts import (
    ACCOUNT_FOCUS,
    BACKGROUND_NOISE,
    ENDED,
    NOISE_SOURCES,
    RAISED,
    UPDATED,
)  # fmt: skip
from tocsin.kernels.lean import inlined
from tocsin.kernels.spans import is_same

ROWS_MAX = 64
FOCI, FOCUS_SOURCES, FOCUS_SHARE_MIN = 8, 32, 5  # a fifth of the sources
DAY_NS = 86_400_000_000_000

NOISE = np.dtype(
    [
        ("day", "i8"), ("first_ns", "i8"), ("last_ns", "i8"),
        ("first_offset", "i8"), ("last_offset", "i8"),
        ("records", "i8"), ("failures", "i8"), ("invalid", "i8"),
        ("reported", "i8"), ("decided_at", "i8"),  # sources then; records then
        ("distinct", "i8"), ("bits_set", "i8"), ("sources_kept", "i8"), ("host_length", "i8"),
        ("service", "u1"), ("is_used", "u1"), ("names_kept", "u1"),
        ("host", "u1", (NAME_BYTES,)), ("names", "u1", (NAMES * NAME_BYTES,)),
        ("bits", "u8", (WORDS,)),
        ("sources_hi", "u8", (NOISE_SOURCES,)), ("sources_lo", "u8", (NOISE_SOURCES,)),
        ("focus_at", "i8"),
        ("focus_names", "u1", (FOCI * NAME_BYTES,)),
        ("focus_votes", "i8", (FOCI,)), ("focus_tries", "i8", (FOCI,)),
        ("focus_kept", "i8", (FOCI,)), ("focus_told", "i8", (FOCI,)),
        ("focus_ns", "i8", (FOCI,)), ("focus_offset", "i8", (FOCI,)),
        ("focus_hi", "u8", (FOCI * FOCUS_SOURCES,)), ("focus_lo", "u8", (FOCI * FOCUS_SOURCES,)),
    ]
)  # fmt: skip


@inlined
def _is_at(noise, b, at, length, service):  # type: ignore[no-untyped-def]
    """Tell whether a row is about this service of the host named at ``at``."""
    if noise["host_length"] != length or noise["service"] != service or noise["is_used"] == 0:
        return False
    return is_same(b, at, noise["host"], 0, length)


@part
def _find(table, b, row, service, times):  # type: ignore[no-untyped-def]
    """Return the place of the row of this service and host, or of the one to give way."""
    at, length = row["host_at"], min(np.int64(row["host_length"]), np.int64(NAME_BYTES))
    chosen, oldest_ns = np.int64(0), np.int64(0x7FFF_FFFF_FFFF_FFFF)
    for i in range(ROWS_MAX):
        noise = table[i]
        if _is_at(noise, b, at, length, service):
            times[NOISE_AT] = i
            return i, True
        last_ns = noise["last_ns"] if noise["is_used"] else np.int64(-0x7FFF_FFFF_FFFF_FFFF)
        if last_ns < oldest_ns:
            chosen, oldest_ns = i, last_ns
    times[NOISE_AT] = chosen
    return chosen, False


@part
def _is_new_source(noise, row, tag):  # type: ignore[no-untyped-def]
    """Count a source that did not fail on this day before; exact for the first sources."""
    hi, lo, kept = row["src_hi"], row["src_lo"], noise["sources_kept"]
    if mark(noise["bits"], np.uint64(tag >> 3)):
        noise["bits_set"] += 1
    else:
        if kept == NOISE_SOURCES:
            return False
        for i in range(kept):
            if noise["sources_lo"][i] == lo and noise["sources_hi"][i] == hi:
                return False
    if kept < NOISE_SOURCES:
        noise["sources_hi"][kept] = hi
        noise["sources_lo"][kept] = lo
        noise["sources_kept"] = kept + 1
        noise["distinct"] = kept + 1
    else:
        noise["distinct"] = max(np.int64(NOISE_SOURCES), estimate(noise["bits_set"]))
    return True


@part
def _begin(table, i, blank, b, row, service, day, ts_ns):  # type: ignore[no-untyped-def]
    table[i] = blank[0]
    noise = table[i]
    noise["is_used"] = 1
    noise["service"] = service
    noise["host_length"] = min(np.int64(row["host_length"]), np.int64(NAME_BYTES))
    copy_name(b, row["host_at"], np.int64(row["host_length"]), noise["host"], 0)
    noise["day"] = day
    noise["first_ns"] = ts_ns
    noise["last_ns"] = ts_ns
    noise["first_offset"] = row["offset"]


@inlined
def _is_named(noise, i, b, at, length):  # type: ignore[no-untyped-def]
    """Tell whether the account of a focus is the one named at ``at``."""
    names, start = noise["focus_names"], i * NAME_BYTES
    for k in range(length):
        if names[start + k] != b[at + k]:
            return False
    return length == NAME_BYTES or names[start + length] == 0


@part
def _vote(noise, b, row, ts_ns):  # type: ignore[no-untyped-def]
    """Let a new source vote for the account that it tried; return the account's place, or -1."""
    at, length = row["user_at"], min(np.int64(row["user_length"]), np.int64(NAME_BYTES))
    free = np.int64(-1)
    for i in range(FOCI):
        if noise["focus_votes"][i] <= 0:
            free = i
        elif _is_named(noise, i, b, at, length):
            noise["focus_votes"][i] += 1
            noise["focus_tries"][i] += 1
            return i
    if free < 0:
        for i in range(FOCI):
            noise["focus_votes"][i] -= 1
        return -1
    copy_name(b, at, length, noise["focus_names"], free * NAME_BYTES)
    noise["focus_votes"][free] = noise["focus_tries"][free] = 1
    noise["focus_kept"][free] = noise["focus_told"][free] = 0
    noise["focus_ns"][free] = ts_ns
    noise["focus_offset"][free] = row["offset"]
    return free


@part
def _focus(noise, b, row, ts_ns, bounds):  # type: ignore[no-untyped-def]
    """Count a new source for the account that it tried; tell whether that is to be reported."""
    i = _vote(noise, b, row, ts_ns)
    if i < 0:
        return False
    kept = noise["focus_kept"][i]
    if kept < FOCUS_SOURCES:
        noise["focus_hi"][i * FOCUS_SOURCES + kept] = row["src_hi"]
        noise["focus_lo"][i * FOCUS_SOURCES + kept] = row["src_lo"]
        noise["focus_kept"][i] = kept + 1
    votes = noise["focus_votes"][i]
    if votes < max(bounds[NOISE_SOURCES_MIN], 2 * noise["focus_told"][i]):
        return False
    if votes * FOCUS_SHARE_MIN < noise["distinct"]:
        return False
    noise["focus_at"] = i
    return True


@part
def add_noise(  # type: ignore[no-untyped-def]
    table, blank, entry, b, row, ts_ns, count, service, is_invalid, tag, times, bounds, heads,
    copies, n,
):  # fmt: skip
    """Count a refused log-in from elsewhere; return the number of heads filled (three at most).

    ``table`` and ``blank`` are of dtype `NOISE`; beside each head its row goes to ``copies``.
    """
    i, day = times[NOISE_AT], ts_ns // DAY_NS
    noise = table[i]
    length = min(np.int64(row["host_length"]), np.int64(NAME_BYTES))
    is_known = _is_at(noise, b, row["host_at"], length, service)
    if not is_known:
        i, is_known = _find(table, b, row, service, times)
        noise = table[i]
    if not is_known or noise["day"] != day:
        if noise["reported"] > 0:
            set_head(heads[n], BACKGROUND_NOISE, ENDED, ts_ns, row["offset"], noise["decided_at"])
            copies[n] = noise
            n += 1
        _begin(table, i, blank, b, row, service, day, ts_ns)
    noise["records"] += 1
    noise["failures"] += count
    if is_invalid:
        noise["invalid"] += count
    noise["last_ns"] = max(noise["last_ns"], ts_ns)
    noise["last_offset"] = row["offset"] + row["length"]
    counted_in = day * ROWS_MAX + i + 1  # never 0
    if entry["noise_mark"] == counted_in:
        return n
    entry["noise_mark"] = counted_in
    entry["is_of_many"] = 1 if noise["reported"] > 0 else 0
    if not _is_new_source(noise, row, tag):
        return n
    kept = np.int64(noise["names_kept"])
    if kept < NAMES and row["user_length"] > 0:
        copy_name(b, row["user_at"], np.int64(row["user_length"]), noise["names"],
                  kept * NAME_BYTES)  # fmt: skip
        noise["names_kept"] = kept + 1
    if row["user_length"] > 0 and not is_invalid and _focus(noise, b, row, ts_ns, bounds):
        focus = noise["focus_at"]
        phase = UPDATED if noise["focus_told"][focus] > 0 else RAISED
        noise["focus_told"][focus] = noise["focus_votes"][focus]
        tries = noise["focus_tries"][focus]
        set_head(heads[n], ACCOUNT_FOCUS, phase, ts_ns, row["offset"], tries)
        copies[n] = noise
        n += 1
    if noise["distinct"] < max(bounds[NOISE_SOURCES_MIN], 2 * noise["reported"]):
        return n
    phase = UPDATED if noise["reported"] > 0 else RAISED
    if phase == RAISED:
        noise["decided_at"] = noise["records"]
    noise["reported"] = noise["distinct"]
    set_head(heads[n], BACKGROUND_NOISE, phase, ts_ns, row["offset"], noise["decided_at"])
    copies[n] = noise
    return n + 1
