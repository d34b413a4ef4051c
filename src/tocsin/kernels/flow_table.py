"""Flows: both directions of one conversation, in a bounded table.

The initiator is the sender of the first SYN without ACK, else of the first packet; a
conversation that begins with an answer (SYN-ACK or RST) is turned round. A set that is
full gives out its least recently used flow (``EVICTED``), one-packet flows first.

States follow Zeek's ``conn_state``. Sources: RFC 9293 (TCP), RFC 7011 (flow time-outs).
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined, kernel
from tocsin.kernels.table import hash_end, mix, tag_of
from tocsin.kernels.targets import MINUTE_AT
from tocsin.kernels.vectors import TAGS, equal_tags, lowest_bit, prefetch

FLOW_ROW = np.dtype(
    [
        ("a_hi", "u8"), ("a_lo", "u8"), ("b_hi", "u8"), ("b_lo", "u8"),
        ("ports", "u8"),  # a's port, b's port, protocol
        ("start_ns", "i8"), ("last_ns", "i8"), ("first_offset", "i8"), ("last_offset", "i8"),
        ("packets_out", "i8"), ("packets_in", "i8"), ("bytes_out", "i8"), ("bytes_in", "i8"),
        ("payload_out", "i8"), ("payload_in", "i8"),
        ("gap_sum_ns", "i8"), ("gap_max_ns", "i8"),
        ("size_square_sum", "f8"),
        ("banner_in", "u8"), ("banner_out", "u8"),
        ("size_min", "u4"), ("size_max", "u4"),
        ("syn", "u4"), ("fin", "u4"), ("rst", "u4"), ("retransmit_syn", "u4"),
        ("vertical", "i4"), ("horizontal", "i4"),  # contact groups, -1: none
        ("target_out", "i4"), ("target_in", "i4"),  # target rows of responder and initiator
        ("ethertype", "u2"), ("vlan", "u2"), ("window_out", "u2"), ("window_in", "u2"),
        ("flags_out", "u1"), ("flags_in", "u1"), ("ttl_min", "u1"), ("ttl_max", "u1"),
        ("src_is_a", "u1"), ("outcome", "u1"), ("is_completed", "u1"), ("is_judged", "u1"),
        ("end_reason", "u1"), ("protocol", "u1"), ("marks_left", "u2"),  # see marks
    ]
)  # fmt: skip

END_REASONS = ("end of input", "idle", "active", "evicted")
AT_END, IDLE, ACTIVE, EVICTED = 0, 1, 2, 3
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
TCP, UDP = 6, 17
WAYS = TAGS
# How many packets before its turn a packet's set, its row and its target are fetched.
_SETS_AHEAD, _ROWS_AHEAD, _TARGETS_AHEAD = 16, 8, 4
# A transfer: more packets than these one way, and one answer at least to so many of them.
_TRANSFER_PACKETS, _TRANSFER_ANSWERS = 64, 8
_RETRIES = 8
# Outcome of a first contact.
PENDING, ANSWERED, REFUSED = 0, 1, 2


@inlined
def is_transfer(f):  # type: ignore[no-untyped-def]
    """Tell whether both ends keep a long conversation up, so that either could slow it."""
    return (
        f["packets_out"] > _TRANSFER_PACKETS
        and f["packets_in"] * _TRANSFER_ANSWERS > f["packets_out"]
        and f["rst"] == 0
        and (f["ports"] & np.uint64(0xFF) == TCP or f["ports"] & np.uint64(0xFF) == UDP)
    )


@inlined
def is_knocking(f):  # type: ignore[no-untyped-def]
    """Tell a SYN that is repeated more often than any stack does, and never answered."""
    return f["retransmit_syn"] > _RETRIES and f["packets_in"] == 0


@kernel
def place(rows, n, key):  # type: ignore[no-untyped-def]
    """Say for decoded packets ``rows[:n]`` where in the table their flows may lie.

    Apart from `find`, so that the table's memory can be fetched before it is needed. Both
    directions of a conversation have one hash: it is the sum of those of its ends.
    """
    for i in range(n):
        row = rows[i]
        proto = (
            np.uint64(row["proto"])
            if row["ethertype"] in (0x0800, 0x86DD)
            else (np.uint64(row["ethertype"]) << np.uint64(8))
        )
        src_port, dst_port = np.uint64(row["src_port"]), np.uint64(row["dst_port"])
        source = hash_end(row["src_hi"], row["src_lo"], src_port, key)
        target = hash_end(row["dst_hi"], row["dst_lo"], dst_port, key)
        row["flow_ports"] = (src_port << np.uint64(48)) | (dst_port << np.uint64(32)) | proto
        row["flow_hash"] = mix((source + target) ^ proto)


@inlined
def fetch(tags, rows, mask, packets, i, n, targets):  # type: ignore[no-untyped-def]
    """Fetch what the packets that follow packet ``i`` need: their sets, rows, and targets."""
    if i + _SETS_AHEAD < n:
        first = np.int64(packets[i + _SETS_AHEAD]["flow_hash"] & np.uint64(mask)) * WAYS
        prefetch(tags, first, 0, 1)
    if i + _ROWS_AHEAD < n:
        h = packets[i + _ROWS_AHEAD]["flow_hash"]
        first = np.int64(h & np.uint64(mask)) * WAYS
        same = equal_tags(tags, first, tag_of(h))
        at = np.int64(-1)
        if same != 0:
            at = first + lowest_bit(same)
            prefetch(rows, at, 0, 4)
        packets[i + _ROWS_AHEAD]["flow_at"] = at
    if i + _TARGETS_AHEAD < n:
        row = packets[i + _TARGETS_AHEAD]
        if row["flow_at"] >= 0:  # of an earlier packet, at the start: no harm
            f = rows[row["flow_at"]]
            is_out = (f["a_lo"] == row["src_lo"]) == (f["src_is_a"] == 1)
            to = f["target_out"] if is_out else f["target_in"]
            if to >= 0:
                prefetch(targets, to, 0, 2)
                prefetch(targets, to, MINUTE_AT, 3)


@inlined
def find(tags, rows, mask, row):  # type: ignore[no-untyped-def]
    """Return (index, tag, was there, is a's): the flow's row, or the way that it should take.

    ``row`` has been through `place`; "is a's" tells whether the flow's end a sent it. A way
    that is taken by another flow must be given out before it is overwritten.
    """
    h, ports = row["flow_hash"], row["flow_ports"]
    src_hi, src_lo, dst_hi, dst_lo = row["src_hi"], row["src_lo"], row["dst_hi"], row["dst_lo"]
    turned = (
        (ports & np.uint64(0xFFFFFFFF))
        | (ports >> np.uint64(48) << np.uint64(32))
        | ((ports >> np.uint64(32) & np.uint64(0xFFFF)) << np.uint64(48))
    )
    tag = tag_of(h)
    first = np.int64(h & np.uint64(mask)) * WAYS
    same = np.uint32(equal_tags(tags, first, tag))
    while same != 0:
        i = first + lowest_bit(same)
        f = rows[i]
        forth = (
            (f["a_lo"] ^ src_lo) | (f["b_lo"] ^ dst_lo) | (f["ports"] ^ ports)
            | (f["a_hi"] ^ src_hi) | (f["b_hi"] ^ dst_hi)
        )  # fmt: skip
        back = (
            (f["a_lo"] ^ dst_lo) | (f["b_lo"] ^ src_lo) | (f["ports"] ^ turned)
            | (f["a_hi"] ^ dst_hi) | (f["b_hi"] ^ src_hi)
        )  # fmt: skip
        if (forth == 0) | (back == 0):
            return i, tag, True, forth == 0
        same &= same - np.uint32(1)
    free = np.uint32(equal_tags(tags, first, np.uint32(0)))
    if free != 0:
        return first + lowest_bit(free), tag, False, True
    return _oldest(rows, first, WAYS), tag, False, True


@part
def _oldest(rows, first, ways):  # type: ignore[no-untyped-def]
    chosen, chosen_ns, chosen_single = first, np.int64(0x7FFFFFFFFFFFFFFF), False
    for i in range(first, first + ways):
        single = rows[i]["packets_out"] + rows[i]["packets_in"] == 1
        last_ns = rows[i]["last_ns"]
        if (single and not chosen_single) or (single == chosen_single and last_ns < chosen_ns):
            chosen, chosen_ns, chosen_single = i, last_ns, single
    return chosen


@part
def begin(rows, i, blank, row, now_ns):  # type: ignore[no-untyped-def]
    """Start a flow in way ``i`` with its first packet, which end a sent."""
    rows[i] = blank[0]
    f = rows[i]
    answer = row["proto"] == TCP and (row["flags"] & (SYN | ACK) == SYN | ACK or row["flags"] & RST)
    f["src_is_a"] = 0 if answer else 1
    f["a_hi"], f["a_lo"] = row["src_hi"], row["src_lo"]
    f["b_hi"], f["b_lo"] = row["dst_hi"], row["dst_lo"]
    f["ports"] = row["flow_ports"]
    f["start_ns"] = now_ns
    f["last_ns"] = now_ns
    f["first_offset"] = row["offset"]
    f["ethertype"] = row["ethertype"]
    f["vlan"] = row["vlan"]


def blank_flow() -> np.ndarray:
    """Return the one-row template that a new flow starts from."""
    blank = np.zeros(1, dtype=FLOW_ROW)
    for name in ("vertical", "horizontal", "target_out", "target_in"):
        blank[name] = -1
    blank["size_min"], blank["ttl_min"] = 0xFFFFFFFF, 255
    return blank


@part
def _banner(b, row):  # type: ignore[no-untyped-def]
    word = np.uint64(0)
    at = row["payload_at"]
    size = min(row["captured"], 8)
    for j in range(8):
        word <<= np.uint64(8)
        if j < size:
            word |= np.uint64(b[at + j])
    return word


@inlined
def add(b, f, row, is_out, now_ns):  # type: ignore[no-untyped-def]
    """Count one packet of a flow, in one of its directions."""
    size, payload, flags = row["wirelen"], row["payload"], row["flags"]
    if f["packets_out"] + f["packets_in"] > 0:
        gap_ns = now_ns - f["last_ns"]
        f["gap_sum_ns"] += gap_ns
        f["gap_max_ns"] = max(f["gap_max_ns"], gap_ns)
    f["last_ns"] = now_ns
    f["last_offset"] = row["offset"]
    f["size_square_sum"] += float(size) * float(size)
    f["size_min"] = min(f["size_min"], size)
    f["size_max"] = max(f["size_max"], size)
    f["ttl_min"] = min(f["ttl_min"], row["ttl"])
    f["ttl_max"] = max(f["ttl_max"], row["ttl"])
    if row["proto"] == TCP:
        if flags & SYN:
            if is_out and not flags & ACK and f["flags_out"] & SYN:
                f["retransmit_syn"] += 1
            f["syn"] += 1
        if flags & FIN:
            f["fin"] += 1
        if flags & RST:
            f["rst"] += 1
    if is_out:
        f["packets_out"] += 1
        f["bytes_out"] += size
        if payload > 0 and f["payload_out"] == 0:
            f["banner_out"] = _banner(b, row)
        f["payload_out"] += payload
        if f["window_out"] == 0:
            f["window_out"] = row["window"]
        f["flags_out"] |= flags
    else:
        f["packets_in"] += 1
        f["bytes_in"] += size
        if payload > 0 and f["payload_in"] == 0:
            f["banner_in"] = _banner(b, row)
        f["payload_in"] += payload
        if f["window_in"] == 0:
            f["window_in"] = row["window"]
        f["flags_in"] |= flags
