"""Password guessing as flows show it: short SSH connections of one size, one after the other.

A flow is judged once, when it closes (both FIN, or RST) or is given out. It counts when
the server's first payload bytes are an SSH banner (RFC 4253 section 4.2), both sides sent
payload, and together not more than ``flow_bytes_max``: a session in which somebody works
carries more. Sizes of refused log-ins of one tool are alike: the coefficient of variation
over the last ``flows_min`` must be small. Bounded table; the oldest row gives way.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels import layouts
from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined
from tocsin.kernels.table import hash_of, tag_of, to_give_way

RING = 16
GUESS = np.dtype(
    [
        ("src_hi", "u8"), ("src_lo", "u8"), ("dst_hi", "u8"), ("dst_lo", "u8"), ("port", "i8"),
        ("last_ns", "i8"), ("first_ns", "i8"), ("first_offset", "i8"), ("last_offset", "i8"),
        ("flows", "i8"), ("packets", "i8"), ("bytes", "i8"), ("reported", "i8"),
        ("is_raised", "i8"), ("to_detect", "i8"),
        ("at_ns", "i8"), ("at_offset", "i8"), ("phase", "i8"),
        ("ends", "i8", (RING,)), ("sizes", "i8", (RING,)), ("ports", "u2", (8,)),
    ]
)  # fmt: skip
WAYS = 8
# Parameters, in the order of core.parameters.GuessParameters.
(G_FAILURES, G_WINDOW_S, G_FLOWS, G_BYTES_MAX, G_SIMILARITY, G_SUCCESS, G_GAP_S) = range(7)
_NS = 1_000_000_000
_SSH = np.uint64(0x5353482D)  # "SSH-"


@inlined
def is_guess(f, par):  # type: ignore[no-untyped-def]
    """Tell whether an ended flow looks like one refused SSH log-in."""
    total = f["payload_out"] + f["payload_in"]
    return (
        f["banner_in"] >> np.uint64(32) == _SSH
        and f["payload_out"] > 0
        and total <= par[G_BYTES_MAX]
    )


@part
def _find(tags, rows, mask, f, port, key):  # type: ignore[no-untyped-def]
    src_is_a = f["src_is_a"] == 1
    src_hi, src_lo = (f["a_hi"], f["a_lo"]) if src_is_a else (f["b_hi"], f["b_lo"])
    dst_hi, dst_lo = (f["b_hi"], f["b_lo"]) if src_is_a else (f["a_hi"], f["a_lo"])
    h = hash_of(src_lo, dst_lo, np.uint64(port), src_hi, dst_hi, key)
    tag = tag_of(h)
    first = np.int64(h & np.uint64(mask)) * WAYS
    for i in range(first, first + WAYS):
        g = rows[i]
        if (
            tags[i] == tag
            and g["src_lo"] == src_lo
            and g["dst_lo"] == dst_lo
            and g["port"] == port
            and g["src_hi"] == src_hi
            and g["dst_hi"] == dst_hi
        ):
            return i, tag, True, src_hi, src_lo, dst_hi, dst_lo
    return to_give_way(tags, rows, first, WAYS), tag, False, src_hi, src_lo, dst_hi, dst_lo


@part
def _reset(rows, i, blank, f):  # type: ignore[no-untyped-def]
    """Begin an episode in row ``i``; who it is about stays."""
    g = rows[i]
    src_hi, src_lo, dst_hi, dst_lo = g["src_hi"], g["src_lo"], g["dst_hi"], g["dst_lo"]
    port = g["port"]
    rows[i] = blank[0]
    g["src_hi"], g["src_lo"], g["dst_hi"], g["dst_lo"] = src_hi, src_lo, dst_hi, dst_lo
    g["port"] = port
    g["first_ns"] = f["start_ns"]
    g["first_offset"] = f["first_offset"]


@part
def add_guess(tags, rows, blank, mask, f, now_ns, par, key, trips, n):  # type: ignore[no-untyped-def]
    """Count an ended flow that looks like a guess; return the trips written so far."""
    a_port = np.int64(f["ports"] >> np.uint64(48))
    b_port = np.int64((f["ports"] >> np.uint64(32)) & np.uint64(0xFFFF))
    client, server = (a_port, b_port) if f["src_is_a"] == 1 else (b_port, a_port)
    i, tag, known, src_hi, src_lo, dst_hi, dst_lo = _find(tags, rows, mask, f, server, key)
    g = rows[i]
    if not known:
        if tags[i] != 0:
            n = end_guess(g, now_ns, par, trips, n)
        tags[i] = tag
        g["src_hi"], g["src_lo"], g["dst_hi"], g["dst_lo"] = src_hi, src_lo, dst_hi, dst_lo
        g["port"] = server
        _reset(rows, i, blank, f)
    elif now_ns - g["last_ns"] > par[G_GAP_S] * _NS:
        n = end_guess(g, now_ns, par, trips, n)
        _reset(rows, i, blank, f)
    slot = g["flows"] % RING
    g["ends"][slot] = now_ns
    g["sizes"][slot] = f["payload_out"] + f["payload_in"]
    if g["flows"] < 8:
        g["ports"][g["flows"]] = client
    g["flows"] += 1
    g["packets"] += f["packets_out"] + f["packets_in"]
    g["bytes"] += f["bytes_out"] + f["bytes_in"]
    g["last_ns"] = now_ns
    g["last_offset"] = f["last_offset"]
    return _judge(g, now_ns, f["last_offset"], par, trips, n)


@part
def _judge(g, now_ns, offset, par, trips, n):  # type: ignore[no-untyped-def]
    if g["is_raised"]:
        if g["flows"] >= 2 * g["reported"]:
            n = _report(g, now_ns, offset, layouts.UPDATED, par, trips, n)
        return n
    least = min(np.int64(par[G_FLOWS]), RING)
    if g["flows"] < least:
        return n
    total, squares = 0.0, 0.0
    for j in range(least):
        slot = (g["flows"] - 1 - j) % RING
        if now_ns - g["ends"][slot] > par[G_WINDOW_S] * _NS:
            return n
        size = float(g["sizes"][slot])
        total += size
        squares += size * size
    mean = total / least
    spread = np.sqrt(max(squares / least - mean * mean, 0.0))
    if spread > par[G_SIMILARITY] * mean:
        return n
    g["is_raised"] = 1
    g["to_detect"] = g["packets"]
    return _report(g, now_ns, offset, layouts.RAISED, par, trips, n)


@part
def end_guess(g, now_ns, par, trips, n):  # type: ignore[no-untyped-def]
    """Report the totals of a raised episode, at the time when it is known to be over."""
    if g["is_raised"]:
        n = _report(g, now_ns, g["last_offset"], layouts.ENDED, par, trips, n)
        g["is_raised"] = 0
    return n


@part
def _report(g, now_ns, offset, phase, par, trips, n):  # type: ignore[no-untyped-def]
    """Copy the episode as it stands; `tocsin.features.packet_trips` makes a trip of it."""
    g["reported"] = g["flows"]
    g["at_ns"] = now_ns
    g["at_offset"] = offset
    g["phase"] = phase
    trips[n] = g
    return n + 1
