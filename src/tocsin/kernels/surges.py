"""Surges: what arrives at a target in numbers without being asked for, by its shape.

Strategy: a packet of a *shape* that floods and reflections have bumps one small counter in
its target's open second; ordinary conversations have no shape. Only from the
`UNSEEN` + 1st of a shape and second on is it looked at closely, in a *surge*: a row of a
bounded table with sources, ports, sizes and answers of that second and the totals of the
episode. Surges that grew are judged when the 100 ms pane ends (`tocsin.kernels.verdicts`).

Bounded: `packet_tables.SURGES_MAX` rows taken in turn. A row that has been silent for a
second and raised nothing goes first, else the one whose turn it is: its last report stands.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels import bitmap
from tocsin.kernels.compiled import part
from tocsin.kernels.decode import ICMP, ICMPV6, IPV6
from tocsin.kernels.flow_table import ACK, RST, SYN, TCP, UDP, is_transfer
from tocsin.kernels.lean import inlined
from tocsin.kernels.services import AMPLIFIERS, is_answer
from tocsin.kernels.table import hash_of
from tocsin.kernels.targets import SHAPES

# Shapes, in the order of a second's counters. UDP from a service port, other UDP, later
# fragments, echo requests, echo replies, other ICMP, IPv6 headers and neighbour discovery,
# TCP of no conversation, TCP answers to nobody, answers far larger than their question;
# last, what goes on after such a TCP answer: it is counted only.
(ANSWER, OTHER, FRAGMENT, ECHO, REPLY, ERROR, ODD_V6, STRAY, TURNED, OVERFED,
 GOES_ON) = range(SHAPES)  # fmt: skip
NONE = -1
UNSEEN = 16
SAMPLES = 8
# A UDP conversation is kept up when the target answers one packet of this many.
_KEPT_UP = 32
_AMPLIFIED = 10
_NS = 1_000_000_000
_TRIES = 8
_NEAR_S = 10
_GROUPS = np.uint64(0xFF) << np.uint64(56)  # IPv6 multicast, upper half
# Parameters, in the order of core.parameters.SurgeParameters.
(U_PACKETS, U_GAP_S, U_WINDOWS, U_SPREAD, U_ODD, U_STREAM, U_ANSWERS, U_REPLIES, U_REFLECTED,
 U_OVERFED, U_ECHOES, U_ERRORS, U_IPV6, U_FRAGMENTS, U_ANSWERED, U_FRESH, U_USUAL,
 U_SOURCES) = range(18)  # fmt: skip

# The second: packets looked at; of them the first of a flow, answered ones, odd ones (flags,
# IPv6 headers, fragments), those as long as the first one, those of its ports.
SECOND = [
    ("begun_ns", "i8"), ("n", "i8"), ("fresh", "i8"), ("answered", "i8"), ("odd", "i8"),
    ("same", "i8"), ("same_port", "i8"), ("size", "i8"), ("from_port", "i8"), ("payload", "i8"),
    ("wire", "i8"), ("flags", "i8"), ("proto", "i8"), ("to_port", "i8"), ("same_to", "i8"),
    ("top_hi", "u8"), ("top_lo", "u8"), ("votes", "i8"),  # the source of most packets
    ("sources", "u8", (bitmap.WORDS,)), ("source_bits", "i8"),
    ("src_ports", "u8"), ("dst_ports", "u8"),
]  # fmt: skip
# The episode, and what was judged of it; ``peak_*`` is its busiest second.
EPISODE = [
    ("first_ns", "i8"), ("last_ns", "i8"), ("first_offset", "i8"), ("last_offset", "i8"),
    ("packets", "i8"), ("flows", "i8"), ("bytes", "i8"), ("port", "i8"),
    ("samples", "i8"), ("sample_hi", "u8", (SAMPLES,)), ("sample_lo", "u8", (SAMPLES,)),
    ("is_raised", "i8"), ("reported", "i8"), ("to_detect", "i8"), ("code", "i8"),
    ("flavour", "i8"), ("crossed_second", "i8"), ("crossed", "i8"), ("at_ns", "i8"),
    ("phase", "i8"), ("peak", "f8"), ("bound", "f8"), ("usual", "f8"), ("peak_second", "i8"),
    ("peak_sources", "i8"), ("peak_n", "i8"), ("peak_fresh", "i8"), ("peak_answered", "i8"),
    ("peak_payload", "i8"), ("peak_port", "i8"), ("peak_flags", "i8"), ("peak_proto", "i8"),
    ("is_sole", "i8"), ("sole_hi", "u8"), ("sole_lo", "u8"),
]  # fmt: skip
SURGE = np.dtype(
    [
        ("hi", "u8"), ("lo", "u8"), ("to", "i8"), ("shape", "i8"), ("is_busy", "i8"),
        ("second", "i8"), ("now_ns", "i8"), ("in_1", SECOND), ("all", EPISODE),
    ]
)  # fmt: skip
# Slots of the lane's surge state: whose turn it is, how many are busy, how many trips.
TURN, BUSY, TRIPS = range(3)


def blank_surge() -> np.ndarray:
    """Return the one-row template that a surge starts from."""
    blank = np.zeros(1, dtype=SURGE)
    blank["second"] = -1
    blank["all"]["crossed_second"] = -1000
    return blank


@inlined
def shape_of(b, f, row, is_out, is_unasked):  # type: ignore[no-untyped-def]
    """Return the shape of a packet that its flow ``f`` has counted already, `NONE` if calm."""
    if row["proto"] != TCP:
        return _shape_beside_tcp(b, f, row, is_out, is_unasked)
    if is_out:
        if not is_unasked or f["flags_out"] & SYN:
            return NONE
        return STRAY if f["packets_in"] == 0 or f["rst"] > 0 else NONE
    if f["packets_out"] > 0:
        return NONE
    return TURNED if row["flags"] & (SYN | RST) else GOES_ON


@part
def _shape_beside_tcp(b, f, row, is_out, is_unasked):  # type: ignore[no-untyped-def]
    proto = row["proto"]
    if row["extensions"] > 0 and row["ethertype"] == IPV6 and (is_unasked or proto == ICMPV6):
        return ODD_V6
    is_kept_up = f["packets_in"] * _KEPT_UP >= f["packets_out"]
    if proto == UDP:
        if is_out:
            if not is_unasked or (is_kept_up and f["packets_in"] > 0):
                return NONE
            if row["is_fragment"] and row["src_port"] == 0 and row["dst_port"] == 0:
                return FRAGMENT
            return ANSWER if is_answer(b, row) else OTHER
        is_fed = AMPLIFIERS[row["src_port"]] and f["payload_in"] > _AMPLIFIED * f["payload_out"]
        return OVERFED if is_fed and (row["src_port"] == 53 or not is_transfer(f)) else NONE
    kind = row["icmp_type"]
    if proto == ICMP:
        if row["is_fragment"]:
            return FRAGMENT
        if kind == 8:
            return ECHO
        if kind == 0:
            return NONE if not is_out or (is_kept_up and f["packets_in"] > 0) else REPLY
        return ERROR
    if proto == ICMPV6:
        if kind == 128:
            is_group = row["dst_hi"] >= _GROUPS or row["src_hi"] >= _GROUPS
            return ODD_V6 if is_group else ECHO
        if kind == 129:
            return NONE if not is_out or (is_kept_up and f["packets_in"] > 0) else REPLY
        return ERROR if kind < 128 else ODD_V6
    if row["is_fragment"] and is_out:
        return FRAGMENT
    # Protocols without ports: one flow for each pair of hosts.
    is_kept_up = f["packets_in"] * _KEPT_UP >= f["packets_out"] and f["packets_in"] > 0
    return OTHER if is_unasked and not is_kept_up else NONE


@inlined
def is_odd(f, row, shape):  # type: ignore[no-untyped-def]
    """Tell what is odd in a shape: impossible flags, headers, fragments, refusals."""
    if shape == STRAY:
        return row["flags"] & (SYN | RST | ACK) == 0
    if shape == ODD_V6:
        return row["extensions"] > 0
    if shape == OVERFED:
        return f["packets_in"] > 3 * f["packets_out"]
    if shape == TURNED:
        return row["flags"] & RST != 0
    return row["is_fragment"] != 0


@inlined
def is_surge(t, shape):  # type: ignore[no-untyped-def]
    """Count a packet in its target's second; tell whether that is worth a closer look."""
    count = t["in_1"]["shapes"][shape] + 1
    t["in_1"]["shapes"][shape] = count
    return shape != GOES_ON and (count > UNSEEN or (t["raised"] >> shape) & 1 != 0)


@inlined
def has_no_handshake(f, row):  # type: ignore[no-untyped-def]
    """Tell an answer in a conversation whose beginning says nothing: UDP, or TCP without SYN."""
    if row["proto"] == TCP:
        return f["flags_out"] & SYN == 0 and row["flags"] & RST == 0 and f["packets_out"] > 0
    return row["proto"] == UDP


@part
def look(surging, surges, blank, busy, t, to, shape, row, is_fresh, odd, now_ns, par, key):  # type: ignore[no-untyped-def]
    """Look closely at a packet of a busy second; target ``t`` is row ``to``."""
    j = np.int64(t["surges"][shape])
    if j < 0 or not is_of(surges[j], t, shape):
        j = _take(surging, surges, blank, t, to, shape, now_ns)
    e = surges[j]
    if e["second"] != t["second"]:
        _turn_second(e, blank, t, row, now_ns, par)
    e["now_ns"] = now_ns
    if e["is_busy"] == 0 and surging[BUSY] < len(busy):
        e["is_busy"] = 1
        busy[surging[BUSY]] = j
        surging[BUSY] += 1
    s, a = e["in_1"], e["all"]
    _count(s, a, row, is_fresh, odd, key)
    if a["is_raised"] and s["n"] < par[U_PACKETS]:
        return  # calm packets after a flood are no part of it
    whole = a["is_raised"] and s["n"] == par[U_PACKETS]
    a["packets"] += s["n"] if whole else 1
    a["flows"] += s["fresh"] if whole else 1 if is_fresh else 0
    a["bytes"] += s["wire"] if whole else row["wirelen"]
    a["last_ns"] = now_ns
    a["last_offset"] = row["offset"]
    if a["port"] != np.int64(row["dst_port"]):
        a["port"] = 0


@inlined
def is_of(e, t, shape):  # type: ignore[no-untyped-def]
    """Tell whether a surge is still that of a target and shape."""
    return e["shape"] == shape and e["lo"] == t["lo"] and e["hi"] == t["hi"]


@part
def _count(s, a, row, is_fresh, odd, key):  # type: ignore[no-untyped-def]
    """Count a packet in its second, and its source among the samples if it is new."""
    s["n"] += 1
    s["fresh"] += 1 if is_fresh else 0
    s["odd"] += 1 if odd else 0
    s["same"] += 1 if row["payload"] == s["size"] else 0
    s["same_port"] += 1 if np.int64(row["src_port"]) == s["from_port"] else 0
    s["same_to"] += 1 if np.int64(row["dst_port"]) == s["to_port"] else 0
    s["payload"] += row["payload"]
    s["wire"] += row["wirelen"]
    s["src_ports"] |= np.uint64(1) << np.uint64((np.int64(row["src_port"]) * 40503 >> 7) & 63)
    s["dst_ports"] |= np.uint64(1) << np.uint64((np.int64(row["dst_port"]) * 40503 >> 7) & 63)
    hi, lo = row["src_hi"], row["src_lo"]
    if s["votes"] == 0:
        s["top_hi"], s["top_lo"] = hi, lo
    s["votes"] += 1 if s["top_lo"] == lo and s["top_hi"] == hi else -1
    if bitmap.mark(s["sources"], hash_of(lo, hi, key, key, key, key)):
        s["source_bits"] += 1
        if a["samples"] < SAMPLES:
            for i in range(a["samples"]):
                if a["sample_lo"][i] == lo and a["sample_hi"][i] == hi:
                    return
            a["sample_hi"][a["samples"]] = hi
            a["sample_lo"][a["samples"]] = lo
            a["samples"] += 1


@part
def _take(surging, surges, blank, t, to, shape, now_ns):  # type: ignore[no-untyped-def]
    """Take a row for a target and shape: a silent one near its turn, else the next."""
    at = surging[TURN]
    chosen = at
    for _ in range(_TRIES):
        if now_ns - surges[at]["now_ns"] > _NS and surges[at]["all"]["is_raised"] == 0:
            chosen = at
            break
        at = (at + 1) % len(surges)
    surging[TURN] = (chosen + 1) % len(surges)
    is_busy = surges[chosen]["is_busy"]
    surges[chosen] = blank[0]
    e = surges[chosen]
    e["is_busy"] = is_busy  # it is on the list already
    e["hi"], e["lo"] = t["hi"], t["lo"]
    e["to"] = to
    e["shape"] = shape
    t["surges"][shape] = chosen
    return chosen


@part
def _turn_second(e, blank, t, row, now_ns, par):  # type: ignore[no-untyped-def]
    """Begin a second; and an episode, unless one is raised or crossed its bound lately."""
    a = e["all"]
    if a["is_raised"]:
        is_over = now_ns - a["last_ns"] > np.int64(par[U_GAP_S] * _NS)
    else:
        is_over = t["second"] - a["crossed_second"] > _NEAR_S
    if is_over:
        t["raised"] &= ~(1 << e["shape"])
        e["all"] = blank[0]["all"]
        a["first_ns"] = now_ns
        a["first_offset"] = row["offset"]
        a["port"] = np.int64(row["dst_port"])
    e["in_1"] = blank[0]["in_1"]
    s = e["in_1"]
    e["second"] = t["second"]
    s["begun_ns"] = now_ns
    s["size"] = row["payload"]
    s["from_port"], s["to_port"] = np.int64(row["src_port"]), np.int64(row["dst_port"])
    s["flags"] = np.int64(row["flags"])
    s["proto"] = np.int64(row["proto"])


@part
def note_answer(f, row, targets, surges):  # type: ignore[no-untyped-def]
    """Note that the target answered a flow that has no handshake: ``row`` is its first answer."""
    to = f["target_out"]
    if to < 0 or targets[to]["lo"] != row["src_lo"] or targets[to]["hi"] != row["src_hi"]:
        return
    t = targets[to]
    shape = STRAY if row["proto"] == TCP else OTHER
    j = np.int64(t["surges"][shape])
    if j >= 0 and is_of(surges[j], t, shape) and surges[j]["second"] == t["second"]:
        surges[j]["in_1"]["answered"] += 1
