"""First contacts: who tried what for the first time, and whether it was answered.

Strategy: each new TCP conversation begun by a SYN steps two groups, *vertical* (source,
target: which ports) and *horizontal* (source, port: which hosts). A group walks at random
(Jung et al. 2004); pessimistic form: a contact counts ``pending_weight`` of a failure at
once, a whole one when it is refused or still unanswered after ``pending_s``, and is taken
back when it is answered. Pending contacts are kept in two generations, so ageing costs
nothing per contact. The table is bounded; a group that gives way ends its episode.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels import bitmap, layouts
from tocsin.kernels.compiled import part
from tocsin.kernels.flow_table import ANSWERED, PENDING, REFUSED
from tocsin.kernels.lean import inlined
from tocsin.kernels.table import hash_of, tag_of, to_give_way

GROUP = np.dtype(
    [
        ("src_hi", "u8"), ("src_lo", "u8"), ("b_hi", "u8"), ("b_lo", "u8"),
        ("port", "u4"), ("kind", "u1"), ("is_raised", "u1"), ("is_slow", "u1"), ("samples", "u1"),
        ("log_odds", "f8"),
        ("old", "i8"), ("young", "i8"), ("old_ns", "i8"), ("young_ns", "i8"),
        ("contacts", "i8"), ("failures", "i8"), ("successes", "i8"), ("packets", "i8"),
        ("first_ns", "i8"), ("last_ns", "i8"), ("first_offset", "i8"), ("last_offset", "i8"),
        ("reported", "i8"), ("to_detect", "i8"),
        ("at_ns", "i8"), ("at_offset", "i8"), ("phase", "i8"),
        ("signs", "i8"),  # contacts that only a worm makes, see `first_contacts.is_worm_probe`
        ("is_entered", "i8"),  # it answered on that port before it tried others there
        ("bits", "u8", (bitmap.WORDS,)), ("set_bits", "i8"),
        ("sample_hi", "u8", (8,)), ("sample_lo", "u8", (8,)), ("sample_port", "u2", (8,)),
    ]
)  # fmt: skip
# Kinds of groups: odd ones are vertical; each technique has a pair of its own.
VERTICAL, HORIZONTAL = 1, 2
SYN_PROBE, NULL_PROBE, FIN_PROBE, XMAS_PROBE, MAIMON_PROBE, ACK_PROBE, UDP_PROBE = range(7)
TECHNIQUES = ("syn", "null", "fin", "xmas", "maimon", "ack", "udp")
WAYS, MARKS = 8, 3
# Contacts with the sign of a worm that say enough, whatever became of them.
SIGNS_MIN = 6
# Parameters, in the order of core.parameters.ScanParameters.
(P_BENIGN, P_SCANNER, P_ALARM, P_FLOOR, P_PENDING_S, P_PENDING_WEIGHT, P_PORTS_MIN, P_HOSTS_MIN,
 P_SLOW_PORTS, P_SLOW_HOSTS, P_SLOW_SHARE, P_GAP_S, P_ODD_FLAGS, P_ACKS, P_UDP_PORTS,
 P_UDP_HOSTS, P_ODD_ANSWERED) = range(17)  # fmt: skip
_NS = 1e9


@inlined
def kind_of(technique, vertical):  # type: ignore[no-untyped-def]
    """Return the kind of a technique's groups."""
    return 2 * technique + (VERTICAL if vertical else HORIZONTAL)


@inlined
def technique_of(kind):  # type: ignore[no-untyped-def]
    """Return the technique of a kind of groups."""
    return (np.int64(kind) - 1) // 2


@part
def probe_of(flags):  # type: ignore[no-untyped-def]
    """Tell the technique of a TCP packet that no conversation led to; -1: none of a scan's.

    Scans without SYN (Maimon, Phrack 49, 1996): what a closed port answers with RST, an
    open or filtered one not at all. SYN-ACK and RST are answers, to somebody else perhaps.
    """
    word = np.int64(flags) & 0x3F
    if word == 0:
        return NULL_PROBE
    if word == 0x01:
        return FIN_PROBE
    if word == 0x29:
        return XMAS_PROBE
    if word == 0x11:
        return MAIMON_PROBE
    return ACK_PROBE if word == 0x10 else -1


@part
def refuse(tags, groups, mask, kind, ends, port, now_ns, offset, par, key, trips, n):  # type: ignore[no-untyped-def]
    """Count a contact that a message in between told to be refused (RFC 792, RFC 4443).

    ``ends`` are the halves of who tried and of whom; returns the trips written so far.
    """
    src_hi, src_lo, dst_hi, dst_lo = ends
    vertical = kind & 1
    b_hi = dst_hi if vertical else np.uint64(0)
    b_lo = dst_lo if vertical else np.uint64(0)
    i, _, known = _find(
        tags, groups, mask, kind, src_hi, src_lo, b_hi, b_lo, np.int64(0 if vertical else port), key
    )
    if not known:
        return n
    g = groups[i]
    contact_ns = g["young_ns"] if g["young"] > 0 else g["old_ns"]
    return resolve(g, contact_ns, REFUSED, now_ns, offset, par, trips, n)


@part
def _find(tags, groups, mask, kind, src_hi, src_lo, b_hi, b_lo, port, key):  # type: ignore[no-untyped-def]
    word = (np.uint64(kind) << np.uint64(32)) | np.uint64(port)
    h = hash_of(src_lo, b_lo, word, src_hi, b_hi, key)
    tag = tag_of(h)
    first = np.int64(h & np.uint64(mask)) * WAYS
    for i in range(first, first + WAYS):
        g = groups[i]
        if (
            tags[i] == tag
            and g["src_lo"] == src_lo
            and g["b_lo"] == b_lo
            and g["port"] == port
            and g["kind"] == kind
            and g["src_hi"] == src_hi
            and g["b_hi"] == b_hi
        ):
            return i, tag, True
    return to_give_way(tags, groups, first, WAYS), tag, False


@part
def _reset(groups, i, blank, now_ns, offset):  # type: ignore[no-untyped-def]
    """Begin an episode in row ``i``; who it is about stays."""
    g = groups[i]
    src_hi, src_lo, b_hi, b_lo = g["src_hi"], g["src_lo"], g["b_hi"], g["b_lo"]
    port, kind = g["port"], g["kind"]
    groups[i] = blank[0]
    g["src_hi"], g["src_lo"], g["b_hi"], g["b_lo"] = src_hi, src_lo, b_hi, b_lo
    g["port"], g["kind"] = port, kind
    g["old_ns"], g["young_ns"] = now_ns, now_ns
    g["first_ns"], g["last_ns"] = now_ns, now_ns
    g["first_offset"], g["last_offset"] = offset, offset


@part
def _age(g, now_ns, par):  # type: ignore[no-untyped-def]
    """Let pending contacts that had their time become failures."""
    pending_ns = np.int64(par[P_PENDING_S] * _NS)
    step = np.log((1.0 - par[P_SCANNER]) / (1.0 - par[P_BENIGN])) * (1.0 - par[P_PENDING_WEIGHT])
    if now_ns - g["young_ns"] >= 2 * pending_ns:
        overdue = g["old"] + g["young"]
        g["old"] = 0
        g["young"] = 0
        g["old_ns"] = now_ns
        g["young_ns"] = now_ns
    elif now_ns - g["young_ns"] >= pending_ns:
        overdue = g["old"]
        g["old"] = g["young"]
        g["old_ns"] = g["young_ns"]
        g["young"] = 0
        g["young_ns"] = now_ns
    else:
        return
    g["failures"] += overdue
    g["log_odds"] += overdue * step


@part
def contact(tags, groups, blank, mask, kind, row, sign, now_ns, par, key, trips, n):  # type: ignore[no-untyped-def]
    """Step the group of a first contact; return (group or -1, trips written so far).

    ``sign`` is 1 for a contact that only a worm makes.
    """
    vertical = kind & 1
    b_hi = row["dst_hi"] if vertical else np.uint64(0)
    b_lo = row["dst_lo"] if vertical else np.uint64(0)
    port = np.int64(0) if vertical else np.int64(row["dst_port"])
    i, tag, known = _find(
        tags, groups, mask, kind, row["src_hi"], row["src_lo"], b_hi, b_lo, port, key
    )
    g = groups[i]
    if not known:
        if tags[i] != 0:
            n = end_episode(g, now_ns, par, trips, n)
        tags[i] = tag
        g["src_hi"], g["src_lo"], g["b_hi"], g["b_lo"] = row["src_hi"], row["src_lo"], b_hi, b_lo
        g["port"] = port
        g["kind"] = kind
        _reset(groups, i, blank, now_ns, row["offset"])
    elif now_ns - g["last_ns"] > np.int64(par[P_GAP_S] * _NS):
        n = end_episode(g, now_ns, par, trips, n)
        _reset(groups, i, blank, now_ns, row["offset"])
    _age(g, now_ns, par)
    g["last_ns"] = now_ns
    g["last_offset"] = row["offset"]
    g["packets"] += 1
    item = row["dst_lo"] ^ (row["dst_hi"] << np.uint64(1))
    if vertical:
        item = np.uint64(row["dst_port"])
    added = _mark(g["bits"], hash_of(item, key, key, key, key, key))
    if added == 0 and g["set_bits"] < bitmap.BITS // 2:
        return -1, n  # met before
    g["set_bits"] += added
    _sample(g, row)
    g["contacts"] += 1
    g["signs"] += sign
    g["young"] += 1
    g["log_odds"] += par[P_PENDING_WEIGHT] * np.log((1.0 - par[P_SCANNER]) / (1.0 - par[P_BENIGN]))
    return i, judge(g, now_ns, row["offset"], par, trips, n)


@part
def _mark(bits, h):  # type: ignore[no-untyped-def]
    """Set the bits of a port or host; return how many were not set before.

    `MARKS` bits each (Bloom, CACM 1970): one alone would take the fortieth port for one met
    before once in 25 times, three once in 600.
    """
    added = 0
    for _ in range(MARKS):
        if bitmap.mark(bits, h):
            added += 1
        h >>= np.uint64(20)
    return added


@inlined
def _sample(g, row):  # type: ignore[no-untyped-def]
    s = g["samples"]
    if s < 8:
        g["sample_hi"][s] = row["dst_hi"]
        g["sample_lo"][s] = row["dst_lo"]
        g["sample_port"][s] = row["dst_port"]
        g["samples"] = s + 1


@part
def resolve(g, contact_ns, outcome, now_ns, offset, par, trips, n):  # type: ignore[no-untyped-def]
    """A contact of this group was answered or refused; return the trips written so far."""
    full = np.log((1.0 - par[P_SCANNER]) / (1.0 - par[P_BENIGN]))
    weight = par[P_PENDING_WEIGHT]
    _age(g, now_ns, par)
    if g["young"] > 0 and contact_ns >= g["young_ns"]:
        g["young"] -= 1
        taken = weight
    elif g["old"] > 0 and contact_ns >= g["old_ns"]:
        g["old"] -= 1
        taken = weight
    elif g["failures"] > 0:
        g["failures"] -= 1
        taken = 1.0
    else:
        return n
    g["last_ns"] = max(g["last_ns"], now_ns)
    g["last_offset"] = offset
    g["packets"] += 1
    if outcome == ANSWERED:
        g["successes"] += 1
        g["log_odds"] += np.log(par[P_SCANNER] / par[P_BENIGN]) - taken * full
        g["log_odds"] = max(g["log_odds"], par[P_FLOOR])
        return n
    g["failures"] += 1
    g["log_odds"] += (1.0 - taken) * full
    return judge(g, now_ns, offset, par, trips, n)


@part
def judge(g, now_ns, offset, par, trips, n):  # type: ignore[no-untyped-def]
    """Raise or update when the walk or the distinct count says so."""
    vertical = g["kind"] & 1
    if g["is_raised"]:
        if g["contacts"] >= 2 * g["reported"]:
            n = _report(g, now_ns, offset, layouts.UPDATED, par, trips, n)
        return n
    technique = technique_of(g["kind"])
    if technique != SYN_PROBE:
        if _is_odd_scan(g, technique, vertical, par):
            g["is_raised"] = 1
            g["to_detect"] = g["packets"]
            n = _report(g, now_ns, offset, layouts.RAISED, par, trips, n)
        return n
    least = par[P_PORTS_MIN] if vertical else par[P_HOSTS_MIN]
    most = par[P_SLOW_PORTS] if vertical else par[P_SLOW_HOSTS]
    lost = g["failures"] + g["old"] + g["young"]
    # Goodwill is capped, and of many contacts a second those that fail come due at once: who
    # fails no more often than the benign do is no scanner, however the walk stands.
    is_usual = lost < (1.0 - par[P_BENIGN]) * g["contacts"]
    walk = g["log_odds"] >= par[P_ALARM] and g["contacts"] >= least and not is_usual
    walk = walk or (g["signs"] >= SIGNS_MIN and not vertical)
    slow = (
        g["contacts"] >= most
        and lost >= par[P_SLOW_SHARE] * g["contacts"]
        and g["old"] + g["young"] < 0.5 * lost
    )
    if walk or slow:
        g["is_raised"] = 1
        g["is_slow"] = 0 if walk else 1
        g["to_detect"] = g["packets"]
        n = _report(g, now_ns, offset, layouts.RAISED, par, trips, n)
    return n


@part
def _is_odd_scan(g, technique, vertical, par):  # type: ignore[no-untyped-def]
    """Judge contacts that no SYN began, by how many came to nothing."""
    lost, least = g["failures"], par[P_ACKS]
    if technique <= XMAS_PROBE:
        lost += g["old"] + g["young"]  # the flags alone say it
        least = par[P_ODD_FLAGS]
    elif technique == UDP_PROBE:
        least = par[P_UDP_PORTS] if vertical else par[P_UDP_HOSTS]
        if g["signs"] >= SIGNS_MIN and not vertical:
            return True
    return lost >= least and g["successes"] <= par[P_ODD_ANSWERED] * g["contacts"]


@part
def end_episode(g, now_ns, par, trips, n):  # type: ignore[no-untyped-def]
    """Report the totals of a raised episode, at the time when it is known to be over."""
    if g["is_raised"]:
        n = _report(g, now_ns, g["last_offset"], layouts.ENDED, par, trips, n)
        g["is_raised"] = 0
    return n


@part
def _report(g, now_ns, offset, phase, par, trips, n):  # type: ignore[no-untyped-def]
    """Copy the episode as it stands; `tocsin.features.packet_trips` makes a trip of it."""
    g["reported"] = g["contacts"]
    g["at_ns"] = now_ns
    g["at_offset"] = offset
    g["phase"] = phase
    trips[n] = g
    return n + 1


__all__ = ["ANSWERED", "GROUP", "PENDING", "REFUSED", "contact", "end_episode", "resolve"]
