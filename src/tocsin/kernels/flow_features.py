"""Flows with all that can be measured of them: the kernel behind ``tocsin flows``.

It shares finding, beginning and counting with the engine (`tocsin.kernels.flow_table`), on a
wider row, in a loop of its own: the engine's pays for none of it. Where two values stand in
one field the first is the initiator's direction, the second the responder's.

Sources: CICFlowMeter (Lashkari et al., ICISSP 2017) for active and idle times and bulks, RFC
9293 for sequence numbers, Shannon 1948 for entropy. Times are those of the source's running
clock, so a packet that steps back has a gap of 0.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels import flow_table as ft
from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined, kernel
from tocsin.kernels.packets import DONE, OUTPUT_FULL, effective, is_another
from tocsin.kernels.panes import (
    BYTES,
    CLOCK_NS,
    EVENTS,
    FILTERED,
    FLOWS,
    FLOWS_TOTAL,
    L_ACTIVE_NS,
    L_IDLE_NS,
    L_SINCE_NS,
    L_UNTIL_NS,
)

_WIDE = [
    ("side_size_min", "u4", (2,)), ("side_size_max", "u4", (2,)), ("side_size_square", "f8", (2,)),
    ("header_sum", "i8", (2,)), ("header_min", "u4", (2,)), ("header_max", "u4", (2,)),
    ("payload_packets", "i8", (2,)), ("payload_min", "u4", (2,)), ("payload_max", "u4", (2,)),
    ("payload_square", "f8", (2,)), ("small", "i8", (2,)),
    ("side_last_ns", "i8", (2,)),
    ("side_gap_sum_ns", "i8", (2,)), ("side_gap_min_ns", "i8", (2,)),
    ("side_gap_max_ns", "i8", (2,)), ("side_gap_square", "f8", (2,)),  # s squared
    ("gap_min_ns", "i8"), ("gap_square", "f8"),
    ("flag_packets", "u4", (16,)),  # FSRPAUEC of one direction, then of the other
    ("side_ttl_min", "u1", (2,)), ("side_ttl_max", "u1", (2,)),
    ("side_window_min", "u2", (2,)), ("side_window_max", "u2", (2,)), ("window_zero", "i8", (2,)),
    ("entropy", "f4", (2,)), ("entropy_bytes", "u2", (2,)),
    ("next_seq", "u4", (2,)), ("has_seq", "u1", (2,)),
    ("retransmits", "i8", (2,)), ("holes", "i8", (2,)),
    ("last_side", "u1"), ("turns", "i8"),
    ("answer_ns", "i8"), ("handshake_ns", "i8"),
    ("active_since_ns", "i8"), ("active_periods", "i8"),
    ("active_sum_ns", "i8"), ("active_min_ns", "i8"), ("active_max_ns", "i8"),
    ("idle_sum_ns", "i8"), ("idle_min_ns", "i8"), ("idle_max_ns", "i8"),
    ("run_side", "u1"), ("run_packets", "i8"), ("run_bytes", "i8"), ("run_start_ns", "i8"),
    ("run_last_ns", "i8"),
    ("bulks", "i8", (2,)), ("bulk_packets", "i8", (2,)), ("bulk_bytes", "i8", (2,)),
    ("bulk_ns", "i8", (2,)),
    ("fragments", "i8"), ("extensions", "i8"), ("odd", "i8"), ("layers", "u1"),
    ("icmp_type", "u1"),
]  # fmt: skip
WIDE_ROW = np.dtype(ft.FLOW_ROW.descr + _WIDE)
"""A flow-table row and, behind it, what only ``tocsin flows`` shows."""
ENTROPY_BYTES = 256
ACTIVE_GAP_NS = 1_000_000_000  # a longer silence ends an active period and a bulk
BULK_PACKETS = 4  # packets with payload in a row, one way, make a bulk
SMALL_BYTES = 64
_SEQ_HALF = np.int64(1) << 31
_MINIMA = (
    "side_size_min", "header_min", "payload_min", "side_gap_min_ns", "gap_min_ns", "side_ttl_min",
    "side_window_min", "active_min_ns", "idle_min_ns",
)  # fmt: skip


def blank_wide() -> np.ndarray:
    """Return the one-row template that a new flow starts from."""
    blank = np.zeros(1, dtype=WIDE_ROW)
    narrow = ft.blank_flow()
    for name in ft.FLOW_ROW.names or ():
        blank[name] = narrow[name]
    for name in _MINIMA:
        blank[name] = np.iinfo(blank[name].dtype).max
    for name in ("answer_ns", "handshake_ns"):
        blank[name] = -1
    return blank


@part
def _entropy(b, at, size, counts):  # type: ignore[no-untyped-def]
    """Return bits per byte of ``b[at:at + size]``; ``counts`` int64 (256,) is scratch space."""
    for value in range(256):
        counts[value] = 0
    for i in range(at, at + size):
        counts[b[i]] += 1
    bits = 0.0
    for value in range(256):
        if counts[value] > 0:
            share = counts[value] / size
            bits -= share * np.log2(share)
    return bits


@part
def _end_run(f):  # type: ignore[no-untyped-def]
    """Count the run of payload packets that just ended, if it was long enough for a bulk."""
    if f["run_packets"] >= BULK_PACKETS:
        s = f["run_side"]
        f["bulks"][s] += 1
        f["bulk_packets"][s] += f["run_packets"]
        f["bulk_bytes"][s] += f["run_bytes"]
        f["bulk_ns"][s] += f["run_last_ns"] - f["run_start_ns"]
    f["run_packets"] = 0
    f["run_bytes"] = 0


@part
def _time(f, s, now_ns, is_first):  # type: ignore[no-untyped-def]
    """Count gaps, active and idle times; the base row still has the last packet's time."""
    if is_first:
        f["active_since_ns"] = now_ns
        f["active_periods"] = 1
    else:
        gap_ns = now_ns - f["last_ns"]
        f["gap_min_ns"] = min(f["gap_min_ns"], gap_ns)
        f["gap_square"] += (gap_ns * 1e-9) ** 2
        if gap_ns > ACTIVE_GAP_NS:
            active_ns = f["last_ns"] - f["active_since_ns"]
            f["active_sum_ns"] += active_ns
            f["active_min_ns"] = min(f["active_min_ns"], active_ns)
            f["active_max_ns"] = max(f["active_max_ns"], active_ns)
            f["active_since_ns"] = now_ns
            f["active_periods"] += 1
            f["idle_sum_ns"] += gap_ns
            f["idle_min_ns"] = min(f["idle_min_ns"], gap_ns)
            f["idle_max_ns"] = max(f["idle_max_ns"], gap_ns)
        if f["last_side"] != s:
            f["turns"] += 1
    if (f["packets_out"] if s == 0 else f["packets_in"]) > 0:
        gap_ns = now_ns - f["side_last_ns"][s]
        f["side_gap_sum_ns"][s] += gap_ns
        f["side_gap_min_ns"][s] = min(f["side_gap_min_ns"][s], gap_ns)
        f["side_gap_max_ns"][s] = max(f["side_gap_max_ns"][s], gap_ns)
        f["side_gap_square"][s] += (gap_ns * 1e-9) ** 2
    elif s == 1 and not is_first:
        f["answer_ns"] = now_ns - f["start_ns"]
    f["side_last_ns"][s] = now_ns
    f["last_side"] = s


@part
def _tcp(f, s, row, now_ns):  # type: ignore[no-untyped-def]
    """Count flags, windows, and what came again or is missing by sequence numbers."""
    flags = row["flags"]
    for bit in range(8):
        f["flag_packets"][s * 8 + bit] += (flags >> bit) & 1
    window = row["window"]
    f["side_window_min"][s] = min(f["side_window_min"][s], window)
    f["side_window_max"][s] = max(f["side_window_max"][s], window)
    if window == 0 and not flags & ft.RST:
        f["window_zero"][s] += 1
    if s == 1 and flags & (ft.SYN | ft.ACK) == ft.SYN | ft.ACK and f["handshake_ns"] < 0:
        if f["flags_out"] & ft.SYN:
            f["handshake_ns"] = now_ns - f["start_ns"]
    taken = np.int64(row["payload"]) + (1 if flags & ft.SYN else 0) + (1 if flags & ft.FIN else 0)
    if flags & ft.RST or taken == 0:
        return
    seq = np.int64(row["seq"])
    end = (seq + taken) & 0xFFFFFFFF
    if f["has_seq"][s] == 0:
        f["has_seq"][s] = 1
        f["next_seq"][s] = end
        return
    ahead = (seq - np.int64(f["next_seq"][s])) & 0xFFFFFFFF
    if ahead >= _SEQ_HALF:
        f["retransmits"][s] += 1
    elif ahead > 0:
        f["holes"][s] += 1
    if (end - np.int64(f["next_seq"][s])) & 0xFFFFFFFF < _SEQ_HALF:
        f["next_seq"][s] = end


@part
def _payload(b, f, s, row, now_ns, counts):  # type: ignore[no-untyped-def]
    """Count a packet with payload: its size, its run, and the first one's entropy."""
    payload = row["payload"]
    if f["payload_packets"][s] == 0 and row["captured"] > 0:
        size = min(row["captured"], ENTROPY_BYTES)
        f["entropy"][s] = _entropy(b, row["payload_at"], size, counts)
        f["entropy_bytes"][s] = size
    f["payload_packets"][s] += 1
    f["payload_min"][s] = min(f["payload_min"][s], payload)
    f["payload_max"][s] = max(f["payload_max"][s], payload)
    f["payload_square"][s] += float(payload) * float(payload)
    if f["run_packets"] > 0:
        if f["run_side"] != s or now_ns - f["run_last_ns"] > ACTIVE_GAP_NS:
            _end_run(f)
    if f["run_packets"] == 0:
        f["run_side"] = s
        f["run_start_ns"] = now_ns
    f["run_packets"] += 1
    f["run_bytes"] += payload
    f["run_last_ns"] = now_ns


@part
def _measure(b, f, row, s, now_ns, counts):  # type: ignore[no-untyped-def]
    """Count one packet of a flow beyond what `flow_table.add` does, which comes after."""
    size, payload = row["wirelen"], row["payload"]
    _time(f, s, now_ns, f["packets_out"] + f["packets_in"] == 0)
    f["side_size_min"][s] = min(f["side_size_min"][s], size)
    f["side_size_max"][s] = max(f["side_size_max"][s], size)
    f["side_size_square"][s] += float(size) * float(size)
    header = max(size - payload, 0)
    f["header_sum"][s] += header
    f["header_min"][s] = min(f["header_min"][s], header)
    f["header_max"][s] = max(f["header_max"][s], header)
    f["side_ttl_min"][s] = min(f["side_ttl_min"][s], row["ttl"])
    f["side_ttl_max"][s] = max(f["side_ttl_max"][s], row["ttl"])
    if payload < SMALL_BYTES:
        f["small"][s] += 1
    if row["proto"] == ft.TCP:
        _tcp(f, s, row, now_ns)
    if payload > 0:
        _payload(b, f, s, row, now_ns, counts)
    f["fragments"] += row["is_fragment"]
    f["extensions"] += row["extensions"]
    f["layers"] = max(f["layers"], row["layers"])
    f["icmp_type"] = f["icmp_type"] if f["packets_out"] + f["packets_in"] > 0 else row["icmp_type"]
    if row["odd"]:
        f["odd"] += 1


@inlined
def _give_out(state, tags, rows, i, reason, out):  # type: ignore[no-untyped-def]
    """Free a way and copy its flow out, its last period and run counted."""
    f = rows[i]
    _end_run(f)
    active_ns = f["last_ns"] - f["active_since_ns"]
    f["active_sum_ns"] += active_ns
    f["active_min_ns"] = min(f["active_min_ns"], active_ns)
    f["active_max_ns"] = max(f["active_max_ns"], active_ns)
    f["end_reason"] = reason
    out[state[FLOWS]] = rows[i]
    state[FLOWS] += 1
    state[FLOWS_TOTAL] += 1
    tags[i] = 0


@kernel
def observe_flows(b, packets, first, n, tags, rows, blank, out, weird, counts, own, state):  # type: ignore[no-untyped-def]
    """Count decoded packets ``packets[first:n]`` (dtype `decode.DECODED`, placed) as flows.

    ``tags`` uint32 and ``rows`` (dtype `WIDE_ROW`) are the table, ``blank`` from `blank_wide`,
    ``out`` takes flows that end; ``weird`` int64 (codes, 2) counts packets and bytes that are
    no events; ``own`` and ``state`` as in `tocsin.kernels.panes`. Returns (packets taken,
    `DONE` or `OUTPUT_FULL`).
    """
    mask = len(rows) // ft.WAYS - 1
    for i in range(first, n):
        if state[FLOWS] >= len(out):
            return i - first, OUTPUT_FULL
        row = packets[i]
        if row["ts_ns"] < own[L_SINCE_NS] or row["ts_ns"] > own[L_UNTIL_NS]:
            state[FILTERED] += 1
            continue
        effective(state, own, row["ts_ns"])  # never refused: the lane is a live one
        now_ns = state[CLOCK_NS]
        state[BYTES] += row["wirelen"]
        if row["weird"] != 0:
            weird[row["weird"], 0] += 1
            weird[row["weird"], 1] += row["wirelen"]
            continue
        state[EVENTS] += 1
        at, tag, known, is_a = ft.find(tags, rows, mask, row)
        f, fresh = rows[at], not known
        if tags[at] != 0 and (fresh or is_another(f, row, now_ns, own)):
            idle = now_ns - f["last_ns"] > own[L_IDLE_NS]
            reason = ft.EVICTED if fresh else ft.IDLE if idle else ft.ACTIVE
            _give_out(state, tags, rows, at, reason, out)
            fresh = True
        if fresh:
            tags[at] = tag
            is_a = True
            ft.begin(rows, at, blank, row, now_ns)
        is_out = is_a == (f["src_is_a"] == 1)
        _measure(b, f, row, 0 if is_out else 1, now_ns, counts)
        ft.add(b, f, row, is_out, now_ns)
    return n - first, DONE


@kernel
def end_flows(tags, rows, first, out, own, state, is_end):  # type: ignore[no-untyped-def]
    """Give out flows that ended, from way ``first`` on; return the way to go on from, or -1.

    Idle and overlong ones, at the end (``is_end``) all.
    """
    now_ns = state[CLOCK_NS]
    for i in range(first, len(rows)):
        if tags[i] == 0:
            continue
        if state[FLOWS] >= len(out):
            return i
        idle = now_ns - rows[i]["last_ns"] > own[L_IDLE_NS]
        overlong = now_ns - rows[i]["start_ns"] > own[L_ACTIVE_NS]
        if is_end or idle or overlong:
            reason = ft.IDLE if idle else ft.ACTIVE if overlong else ft.AT_END
            _give_out(state, tags, rows, i, reason, out)
    return -1
