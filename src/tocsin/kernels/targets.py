"""Targets: what arrives at each address, in open windows of one and of sixty seconds.

Strategy: a packet adds to the open windows of its destination's row; a window closes when
the row is next touched in a later one, so that silence costs nothing. Rates of closed
windows are scored against the target's own past before they teach it. SYN floods are
judged while their second is open: a row that holds enough half-open connections goes on
the *hot* list, and every 100 ms pane judges just that list.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels import bitmap, layouts
from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined
from tocsin.kernels.table import hash_of, tag_of, to_give_way

BASELINE = [
    ("mean", "f8"), ("deviation", "f8"), ("shadow", "f8"),
    ("last", "i8"), ("seen", "i4"), ("odd", "i4"),
]  # fmt: skip
SPIKE_EPISODE = [
    ("first_ns", "i8"), ("last_ns", "i8"), ("first_offset", "i8"), ("last_offset", "i8"),
    ("packets", "i8"), ("bytes", "i8"), ("flows", "i8"), ("reported_ns", "i8"), ("windows", "i8"),
]  # fmt: skip
SHAPES = 11  # of `tocsin.kernels.surges`
SECOND = [
    ("first_offset", "i8"), ("last_offset", "i8"),
    ("packets", "i8"), ("bytes", "i8"), ("flows", "i8"),  # not asked for, see add_in
    ("shapes", "i4", (SHAPES,)),  # packets by shape, see kernels.surges
    ("syn", "i8"), ("done", "i8"),
    ("sources", "u8", (bitmap.WORDS,)), ("source_bits", "i8"), ("ports", "u8"),
]  # fmt: skip
MINUTE = [
    ("packets", "i8"), ("bytes", "i8"),  # not asked for, see add_in
    ("window", layouts.TARGET_WINDOW),
    ("sources", "u8", (bitmap.WORDS,)), ("source_bits", "i8"),
    ("ports", "u8", (bitmap.WORDS,)), ("port_bits", "i8"),
]  # fmt: skip
FLOOD = [
    ("syn", "i8"), ("done", "i8"), ("bytes", "i8"), ("first_ns", "i8"), ("last_ns", "i8"),
    ("first_offset", "i8"), ("last_offset", "i8"),
    ("is_raised", "i8"), ("reported", "i8"), ("to_detect", "i8"), ("peak", "i8"),
    ("peak_sources", "i8"), ("peak_ports", "i8"), ("crossed_second", "i8"), ("crossed", "i8"),
    ("port", "i8"), ("sole_hi", "u8"), ("sole_lo", "u8"), ("is_sole", "i8"),
    ("at_ns", "i8"), ("phase", "i8"), ("second", "i8"), ("hi", "u8"), ("lo", "u8"),
    ("samples", "i8"), ("sample_hi", "u8", (8,)), ("sample_lo", "u8", (8,)),
]  # fmt: skip
FLOOD_ROW = np.dtype(FLOOD)
TARGET = np.dtype(
    [
        ("hi", "u8"), ("lo", "u8"), ("last_ns", "i8"), ("is_hot", "i4"),
        ("raised", "i4"),  # a bit per shape with a flood under way
        ("second", "i8"), ("minute", "i8"),  # which windows are open, -1: none
        ("in_1", SECOND), ("in_60", MINUTE), ("flood", FLOOD),
        ("baselines", BASELINE, (6,)), ("spikes", SPIKE_EPISODE, (6,)),
        ("surges", "i4", (SHAPES,)),  # rows that look closely, -1: none
    ]
)  # fmt: skip
WAYS = 8
MINUTE_AT = 292  # of TARGET; a test holds it
_NS, _PANE_NS = 1_000_000_000, 100_000_000
MINUTE_NS = 60 * _NS
# Parameters, in the order of core.parameters.FloodParameters.
(F_HALF_OPEN, F_DECISIVE, F_WINDOWS, F_COMPLETION, F_SOURCES_SHARE, F_PORTS_MAX,
 F_GAP_S, F_RATE) = range(8)  # fmt: skip
_REPORT_EVERY_NS = 60 * _NS


@part
def find_target(tags, targets, mask, hi, lo, key):  # type: ignore[no-untyped-def]
    """Return (index, tag, was there): the address's row or the way it should take."""
    h = hash_of(lo, hi, key, lo, hi, key)
    tag = tag_of(h)
    first = np.int64(h & np.uint64(mask)) * WAYS
    for i in range(first, first + WAYS):
        if tags[i] == tag and targets[i]["lo"] == lo and targets[i]["hi"] == hi:
            return i, tag, True
    return to_give_way(tags, targets, first, WAYS), tag, False


def blank_target() -> np.ndarray:
    """Return the one-row template that a new target starts from."""
    blank = np.zeros(1, dtype=TARGET)
    blank["second"] = -1
    blank["minute"] = -1
    blank["surges"] = -1
    blank["flood"]["crossed_second"] = -1000
    return blank


@part
def reset_target(targets, i, blank, hi, lo, now_ns):  # type: ignore[no-untyped-def]
    """Begin a row for an address."""
    targets[i] = blank[0]
    t = targets[i]
    t["hi"], t["lo"] = hi, lo
    t["last_ns"] = now_ns


@part
def open_second(t, blank, now_ns, offset):  # type: ignore[no-untyped-def]
    """Start the one-second window that holds ``now_ns``."""
    t["in_1"] = blank[0]["in_1"]
    t["second"] = now_ns // _NS
    t["in_1"]["first_offset"] = offset


@part
def open_minute(t, blank, now_ns, offset):  # type: ignore[no-untyped-def]
    """Start the sixty-second window that holds ``now_ns``."""
    t["in_60"] = blank[0]["in_60"]
    t["minute"] = now_ns // MINUTE_NS
    w = t["in_60"]["window"]
    w["start_ns"] = t["minute"] * MINUTE_NS
    w["hi"], w["lo"] = t["hi"], t["lo"]
    w["first_offset"] = offset


@part
def close_minute(t, windows, n):  # type: ignore[no-untyped-def]
    """Give out the open sixty-second window; return the rows written so far."""
    m = t["in_60"]
    w = m["window"]
    w["sources"] = bitmap.estimate(m["source_bits"])
    w["ports"] = bitmap.estimate(m["port_bits"])
    windows[n] = w
    t["minute"] = -1
    return n + 1


@inlined
def add_in(t, row, is_unasked, now_ns):  # type: ignore[no-untyped-def]
    """Count one packet that arrives at the target.

    Spikes look only at what the target did not ask for (``is_unasked``: the other end began
    the conversation, and it is no transfer that the target takes part in): its own download
    and an upload to it are no spike, a flood and what reflectors send is.
    """
    t["last_ns"] = now_ns
    s, w = t["in_1"], t["in_60"]["window"]
    if is_unasked:
        s["packets"] += 1
        s["bytes"] += row["wirelen"]
        t["in_60"]["packets"] += 1
        t["in_60"]["bytes"] += row["wirelen"]
    s["last_offset"] = row["offset"]
    w["packets_in"] += 1
    w["bytes_in"] += row["wirelen"]
    w["last_offset"] = row["offset"]
    if row["proto"] == 17:
        w["udp_in"] += 1
    elif row["proto"] == 1 or row["proto"] == 58:
        w["icmp_in"] += 1
    if row["payload"] < 64:
        w["small_in"] += 1


@part
def add_flow(t, row, key):  # type: ignore[no-untyped-def]
    """Count a new flow towards the target: its source and its port."""
    t["in_1"]["flows"] += 1
    m = t["in_60"]
    m["window"]["flows_in"] += 1
    h = hash_of(row["src_lo"], row["src_hi"], key, key, key, key)
    if bitmap.mark(m["sources"], h):
        m["source_bits"] += 1
    if bitmap.mark(m["ports"], hash_of(np.uint64(row["dst_port"]), key, key, key, key, key)):
        m["port_bits"] += 1


@part
def add_syn(targets, i, blank, row, now_ns, par, hot, hot_total, key):  # type: ignore[no-untyped-def]
    """Count a SYN that opens a new conversation; return the length of the hot list."""
    t = targets[i]
    e, s = t["flood"], t["in_1"]
    if e["is_raised"]:
        is_over = now_ns - e["last_ns"] > np.int64(par[F_GAP_S] * _NS)
    else:
        # Calm connections before it are no part of a flood: it begins in a second that crosses.
        is_over = e["first_ns"] // _NS != t["second"] and t["second"] - e["crossed_second"] > 10
    if e["syn"] == 0 or is_over:
        _begin_flood(t, blank, row, now_ns)
    e["syn"] += 1
    e["bytes"] += row["wirelen"]
    if e["is_raised"] == 0 or s["syn"] - s["done"] >= par[F_HALF_OPEN]:  # nor those after it
        e["last_ns"] = now_ns
        e["last_offset"] = row["offset"]
    if e["sole_lo"] != row["src_lo"] or e["sole_hi"] != row["src_hi"]:
        e["is_sole"] = 0
    if e["port"] != np.int64(row["dst_port"]):
        e["port"] = 0
    if e["samples"] < 8:
        e["sample_hi"][e["samples"]] = row["src_hi"]
        e["sample_lo"][e["samples"]] = row["src_lo"]
        e["samples"] += 1
    s["syn"] += 1
    t["in_60"]["window"]["syn_in"] += 1
    s["ports"] |= np.uint64(1) << np.uint64((np.int64(row["dst_port"]) * 40503 >> 7) & 63)
    if bitmap.mark(s["sources"], hash_of(row["src_lo"], row["src_hi"], key, key, key, key)):
        s["source_bits"] += 1
    if t["is_hot"] == 0 and s["syn"] - s["done"] >= par[F_HALF_OPEN] and hot_total < len(hot):
        t["is_hot"] = 1
        hot[hot_total] = i
        return hot_total + 1
    return hot_total


@part
def _begin_flood(t, blank, row, now_ns):  # type: ignore[no-untyped-def]
    t["flood"] = blank[0]["flood"]
    e = t["flood"]
    e["first_ns"] = now_ns
    e["first_offset"] = row["offset"]
    e["port"] = np.int64(row["dst_port"])
    e["sole_hi"], e["sole_lo"] = row["src_hi"], row["src_lo"]
    e["hi"], e["lo"] = t["hi"], t["lo"]
    e["is_sole"] = 1


@inlined
def add_completion(t):  # type: ignore[no-untyped-def]
    """Count a handshake that the initiator completed."""
    t["flood"]["done"] += 1
    t["in_1"]["done"] += 1
    t["in_60"]["window"]["completed_in"] += 1


@inlined
def _bits64(word):  # type: ignore[no-untyped-def]
    total = 0
    while word:
        word &= word - np.uint64(1)
        total += 1
    return total


@part
def judge_flood(t, end_ns, par, trips, n):  # type: ignore[no-untyped-def]
    """Judge a hot row at a pane's end; return the trips written so far."""
    s, e = t["in_1"], t["flood"]
    half_open = s["syn"] - s["done"]
    if half_open < par[F_HALF_OPEN] or s["done"] > par[F_COMPLETION] * s["syn"]:
        return n
    sources, ports = bitmap.estimate(s["source_bits"]), _bits64(s["ports"])
    if ports > par[F_PORTS_MAX] and (sources < par[F_SOURCES_SHARE] * s["syn"] or sources < 8):
        return n
    if half_open > e["peak"]:
        e["peak"] = half_open
        e["peak_sources"] = sources
        e["peak_ports"] = ports
    if e["crossed_second"] != t["second"]:
        e["crossed"] = e["crossed"] + 1 if t["second"] - e["crossed_second"] <= 10 else 1
        e["crossed_second"] = t["second"]
    if e["is_raised"]:
        if e["syn"] >= 2 * e["reported"]:
            n = report_flood(t, end_ns, layouts.UPDATED, trips, n)
        return n
    span_ns = max(end_ns - max(e["first_ns"], t["second"] * _NS), _PANE_NS)
    is_steep = half_open * float(_NS) >= par[F_RATE] * span_ns  # a flood may be cut short
    if half_open >= par[F_DECISIVE] or is_steep or e["crossed"] >= par[F_WINDOWS]:
        e["is_raised"] = 1
        e["to_detect"] = e["syn"]
        n = report_flood(t, end_ns, layouts.RAISED, trips, n)
    return n


@part
def report_flood(t, at_ns, phase, trips, n):  # type: ignore[no-untyped-def]
    """Copy the episode as it stands; `tocsin.features.packet_trips` makes a trip of it."""
    e = t["flood"]
    e["reported"] = e["syn"]
    e["at_ns"] = at_ns
    e["phase"] = phase
    e["second"] = e["crossed_second"]
    trips[n] = e
    return n + 1
