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
from tocsin.kernels.compiled import inlined, part
from tocsin.kernels.table import hash_of, tag_of

BASELINE = [
    ("mean", "f8"), ("deviation", "f8"), ("shadow", "f8"),
    ("last", "i8"), ("seen", "i4"), ("odd", "i4"),
]  # fmt: skip
SPIKE_EPISODE = [
    ("first_ns", "i8"), ("last_ns", "i8"), ("first_offset", "i8"), ("last_offset", "i8"),
    ("packets", "i8"), ("bytes", "i8"), ("flows", "i8"), ("reported_ns", "i8"), ("windows", "i8"),
]  # fmt: skip
TARGET = np.dtype(
    [
        ("hi", "u8"), ("lo", "u8"), ("last_ns", "i8"),
        # the open second
        ("second", "i8"), ("first_offset_1", "i8"), ("last_offset_1", "i8"), ("first_ns_1", "i8"),
        ("packets_1", "i8"), ("bytes_1", "i8"), ("flows_1", "i8"), ("syn_1", "i8"), ("done_1", "i8"),
        ("sources_1", "u8", (bitmap.WORDS,)), ("source_bits_1", "i8"),
        ("ports_1", "u8"), ("is_hot", "i8"),
        # the open minute
        ("minute", "i8"), ("sources_60", "u8", (bitmap.WORDS,)), ("source_bits_60", "i8"),
        ("ports_60", "u8", (bitmap.WORDS,)), ("port_bits_60", "i8"),
        ("window", layouts.TARGET_WINDOW),
        ("baselines", BASELINE, (6,)), ("spikes", SPIKE_EPISODE, (6,)),
        # the flood episode
        ("syn", "i8"), ("done", "i8"), ("syn_bytes", "i8"), ("flood_first_ns", "i8"),
        ("flood_last_ns", "i8"), ("flood_first_offset", "i8"), ("flood_last_offset", "i8"),
        ("is_raised", "i8"), ("reported", "i8"), ("to_detect", "i8"), ("peak", "i8"),
        ("peak_sources", "i8"), ("peak_ports", "i8"), ("crossed_second", "i8"), ("crossed", "i8"),
        ("port", "i8"), ("sole_hi", "u8"), ("sole_lo", "u8"), ("is_sole", "i8"),
        ("samples", "i8"), ("sample_hi", "u8", (8,)), ("sample_lo", "u8", (8,)),
    ]
)  # fmt: skip
WAYS = 8
_NS = 1_000_000_000
MINUTE_NS = 60 * _NS
# Parameters, in the order of core.parameters.FloodParameters.
(F_HALF_OPEN, F_DECISIVE, F_WINDOWS, F_COMPLETION, F_SOURCES_SHARE, F_PORTS_MAX,
 F_GAP_S) = range(7)  # fmt: skip
_CANDIDATE_GAP_NS = 10 * _NS
_REPORT_EVERY_NS = 60 * _NS


@part
def find_target(tags, targets, mask, hi, lo, key):  # type: ignore[no-untyped-def]
    """Return (index, tag, was there): the address's row or the way it should take."""
    h = hash_of(lo, hi, key, lo, hi, key)
    tag = tag_of(h)
    first = np.int64(h & np.uint64(mask)) * WAYS
    chosen, oldest_ns = first, np.int64(0x7FFFFFFFFFFFFFFF)
    for i in range(first, first + WAYS):
        if tags[i] == 0:
            if oldest_ns >= 0:
                chosen, oldest_ns = i, np.int64(-1)
            continue
        t = targets[i]
        if tags[i] == tag and t["lo"] == lo and t["hi"] == hi:
            return i, tag, True
        if t["last_ns"] < oldest_ns:
            chosen, oldest_ns = i, t["last_ns"]
    return chosen, tag, False


@part
def reset_target(t, hi, lo, now_ns):  # type: ignore[no-untyped-def]
    """Begin a row for an address."""
    t["hi"], t["lo"] = hi, lo
    t["last_ns"] = now_ns
    t["second"] = -1
    t["minute"] = -1
    t["is_raised"] = 0
    t["is_hot"] = 0
    t["syn"] = 0
    t["done"] = 0
    t["flood_last_ns"] = 0
    t["crossed"] = 0
    t["crossed_second"] = -1000
    for k in range(6):
        base = t["baselines"][k]
        base["mean"] = 0.0
        base["deviation"] = 0.0
        base["shadow"] = 0.0
        base["seen"] = 0
        base["odd"] = 0
        base["last"] = 0
        t["spikes"][k]["first_ns"] = 0
        t["spikes"][k]["last_ns"] = 0


@part
def open_second(t, now_ns, offset):  # type: ignore[no-untyped-def]
    """Start the one-second window that holds ``now_ns``."""
    t["second"] = now_ns // _NS
    t["first_offset_1"] = offset
    t["first_ns_1"] = now_ns
    t["packets_1"] = 0
    t["bytes_1"] = 0
    t["flows_1"] = 0
    t["syn_1"] = 0
    t["done_1"] = 0
    t["source_bits_1"] = 0
    t["ports_1"] = np.uint64(0)
    for j in range(bitmap.WORDS):
        t["sources_1"][j] = np.uint64(0)


@part
def open_minute(t, now_ns, offset):  # type: ignore[no-untyped-def]
    """Start the sixty-second window that holds ``now_ns``."""
    t["minute"] = now_ns // MINUTE_NS
    w = t["window"]
    w["start_ns"] = t["minute"] * MINUTE_NS
    w["hi"], w["lo"] = t["hi"], t["lo"]
    w["packets_in"] = 0
    w["bytes_in"] = 0
    w["packets_out"] = 0
    w["bytes_out"] = 0
    w["flows_in"] = 0
    w["flows_out"] = 0
    w["syn_in"] = 0
    w["completed_in"] = 0
    w["rst_out"] = 0
    w["udp_in"] = 0
    w["icmp_in"] = 0
    w["small_in"] = 0
    w["first_offset"] = offset
    w["last_offset"] = offset
    t["source_bits_60"] = 0
    t["port_bits_60"] = 0
    for j in range(bitmap.WORDS):
        t["sources_60"][j] = np.uint64(0)
        t["ports_60"][j] = np.uint64(0)


@part
def close_minute(t, windows, n):  # type: ignore[no-untyped-def]
    """Give out the open sixty-second window; return the rows written so far."""
    w = t["window"]
    w["sources"] = bitmap.estimate(t["source_bits_60"])
    w["ports"] = bitmap.estimate(t["port_bits_60"])
    windows[n] = w
    t["minute"] = -1
    return n + 1


@inlined
def add_in(t, row, now_ns):  # type: ignore[no-untyped-def]
    """Count one packet that arrives at the target."""
    t["last_ns"] = now_ns
    t["packets_1"] += 1
    t["bytes_1"] += row["wirelen"]
    t["last_offset_1"] = row["offset"]
    w = t["window"]
    w["packets_in"] += 1
    w["bytes_in"] += row["wirelen"]
    w["last_offset"] = row["offset"]
    if row["proto"] == 17:
        w["udp_in"] += 1
    elif row["proto"] == 1 or row["proto"] == 58:
        w["icmp_in"] += 1
    if row["payload"] < 64:
        w["small_in"] += 1


@inlined
def add_flow(t, row, key):  # type: ignore[no-untyped-def]
    """Count a new flow towards the target: its source and its port."""
    t["flows_1"] += 1
    w = t["window"]
    w["flows_in"] += 1
    h = hash_of(row["src_lo"], row["src_hi"], key, key, key, key)
    if bitmap.mark(t["sources_60"], h):
        t["source_bits_60"] += 1
    if bitmap.mark(t["ports_60"], hash_of(np.uint64(row["dst_port"]), key, key, key, key, key)):
        t["port_bits_60"] += 1


@part
def add_syn(t, row, now_ns, par, hot, hot_total, index, key):  # type: ignore[no-untyped-def]
    """Count a SYN that opens a new conversation; return the length of the hot list."""
    gap_ns = np.int64(par[F_GAP_S] * _NS) if t["is_raised"] else np.int64(_CANDIDATE_GAP_NS)
    if t["syn"] == 0 or now_ns - t["flood_last_ns"] > gap_ns:
        _begin_flood(t, row, now_ns)
    t["syn"] += 1
    t["syn_bytes"] += row["wirelen"]
    t["flood_last_ns"] = now_ns
    t["flood_last_offset"] = row["offset"]
    if t["sole_lo"] != row["src_lo"] or t["sole_hi"] != row["src_hi"]:
        t["is_sole"] = 0
    if t["port"] != np.int64(row["dst_port"]):
        t["port"] = 0
    s = t["samples"]
    if s < 8:
        t["sample_hi"][s] = row["src_hi"]
        t["sample_lo"][s] = row["src_lo"]
        t["samples"] = s + 1
    t["syn_1"] += 1
    t["window"]["syn_in"] += 1
    t["ports_1"] |= np.uint64(1) << np.uint64((np.int64(row["dst_port"]) * 40503 >> 7) & 63)
    h = hash_of(row["src_lo"], row["src_hi"], key, key, key, key)
    if bitmap.mark(t["sources_1"], h):
        t["source_bits_1"] += 1
    if t["is_hot"] == 0 and t["syn_1"] - t["done_1"] >= par[F_HALF_OPEN]:
        if hot_total < len(hot):
            t["is_hot"] = 1
            hot[hot_total] = index
            hot_total += 1
    return hot_total


@part
def _begin_flood(t, row, now_ns):  # type: ignore[no-untyped-def]
    t["syn"] = 0
    t["done"] = 0
    t["syn_bytes"] = 0
    t["is_raised"] = 0
    t["reported"] = 0
    t["peak"] = 0
    t["peak_sources"] = 0
    t["flood_first_ns"] = now_ns
    t["flood_first_offset"] = row["offset"]
    t["port"] = np.int64(row["dst_port"])
    t["sole_hi"], t["sole_lo"] = row["src_hi"], row["src_lo"]
    t["is_sole"] = 1
    t["samples"] = 0
    for j in range(8):
        t["sample_hi"][j] = np.uint64(0)
        t["sample_lo"][j] = np.uint64(0)


@inlined
def add_completion(t):  # type: ignore[no-untyped-def]
    """Count a handshake that the initiator completed."""
    t["done"] += 1
    t["done_1"] += 1
    t["window"]["completed_in"] += 1


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
    syn, half_open = t["syn_1"], t["syn_1"] - t["done_1"]
    if half_open < par[F_HALF_OPEN] or t["done_1"] > par[F_COMPLETION] * syn:
        return n
    sources, ports = bitmap.estimate(t["source_bits_1"]), _bits64(t["ports_1"])
    if sources < par[F_SOURCES_SHARE] * syn and ports > par[F_PORTS_MAX]:
        return n
    if sources < 8 and ports > par[F_PORTS_MAX]:
        return n
    if half_open > t["peak"]:
        t["peak"] = half_open
        t["peak_sources"] = sources
        t["peak_ports"] = ports
    if t["crossed_second"] != t["second"]:
        t["crossed"] = t["crossed"] + 1 if t["second"] - t["crossed_second"] <= 10 else 1
        t["crossed_second"] = t["second"]
    if t["is_raised"]:
        if t["syn"] >= 2 * t["reported"]:
            n = report_flood(t, end_ns, layouts.UPDATED, par, trips, n)
        return n
    if half_open >= par[F_DECISIVE] or t["crossed"] >= par[F_WINDOWS]:
        t["is_raised"] = 1
        t["to_detect"] = t["syn"]
        n = report_flood(t, end_ns, layouts.RAISED, par, trips, n)
    return n


@part
def report_flood(t, at_ns, phase, par, trips, n):  # type: ignore[no-untyped-def]
    """Write the flood episode of a row as a trip."""
    o = trips[n]
    o["code"] = layouts.SYN_FLOOD
    o["phase"] = phase
    o["proto"] = 6
    o["port"] = t["port"]
    o["at_ns"] = at_ns
    o["offset"] = t["flood_last_offset"]
    if t["is_sole"]:
        o["src_hi"], o["src_lo"] = t["sole_hi"], t["sole_lo"]
    o["dst_hi"], o["dst_lo"] = t["hi"], t["lo"]
    o["window_start_ns"] = t["second"] * _NS
    o["window_ns"] = _NS
    o["first_ns"], o["last_ns"] = t["flood_first_ns"], t["flood_last_ns"]
    o["first_offset"], o["last_offset"] = t["flood_first_offset"], t["flood_last_offset"]
    o["packets"] = t["syn"]
    o["flows"] = t["syn"]
    o["bytes"] = t["syn_bytes"]
    o["successes"] = t["done"]
    o["distinct"] = t["peak_ports"]
    o["sources"] = t["peak_sources"]
    o["records_to_detect"] = t["to_detect"]
    o["observed"] = float(t["peak"])
    o["threshold"] = par[F_HALF_OPEN]
    o["score"] = float(t["peak"]) / par[F_HALF_OPEN]
    for j in range(8):
        o["samples_hi"][j], o["samples_lo"][j] = t["sample_hi"][j], t["sample_lo"][j]
    t["reported"] = t["syn"]
    return n + 1
