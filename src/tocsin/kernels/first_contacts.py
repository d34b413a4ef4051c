"""First contacts of flows: which packets begin one, by which technique, and how it ends.

What a packet says of a contact is decided here; the groups that count contacts stand in
`tocsin.kernels.contacts`.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels import contacts as ct
from tocsin.kernels import flow_table as ft
from tocsin.kernels.compiled import part
from tocsin.kernels.decode import IPV4
from tocsin.kernels.lean import inlined
from tocsin.kernels.panes import CLOCK_NS, GROUPS, LOST, TRIPS_SPARE
from tocsin.kernels.resolved import DNS_PORT, has_served, is_resolved, note_service

_V4_BITS = np.uint64(0xFFFF_FFFF)


@inlined
def _be64(b, p):  # type: ignore[no-untyped-def]
    word = np.uint64(0)
    for j in range(8):
        word = (word << np.uint64(8)) | np.uint64(b[p + j])
    return word


@inlined
def _v4(b, p):  # type: ignore[no-untyped-def]
    return np.uint64(0xFFFF_0000_0000) | (_be64(b, p) >> np.uint64(32))


@part
def _is_udp_probe(row):  # type: ignore[no-untyped-def]
    """Leave out groups and broadcasts, name look-ups, and the rising ports of traceroute."""
    port, lo = row["dst_port"], row["dst_lo"]
    if row["ethertype"] == IPV4:
        if (lo & np.uint64(0xF0000000)) == np.uint64(0xE0000000) or (lo & np.uint64(0xFF)) == 255:
            return False
    elif row["dst_hi"] >> np.uint64(56) == np.uint64(0xFF):
        return False
    # Between two ports that nobody knows it is the traffic of peers.
    if row["src_port"] < 1024 or (row["src_port"] == port and port > 1024):
        return False
    return port != DNS_PORT and not (port >= 33434 and port <= 33534)


@inlined
def technique_of_first(f, row, b):  # type: ignore[no-untyped-def]
    """Return the scan technique that a flow's first packet may be of, -1: none."""
    if row["proto"] == ft.TCP:
        if row["is_fragment"] or row["payload"] > 0 or f["src_is_a"] == 0:
            return -1
        return ct.probe_of(row["flags"])
    if row["proto"] == ft.UDP and not row["is_fragment"]:
        return ct.UDP_PROBE if _is_udp_probe(row) else -1
    return -1


@inlined
def is_worm_probe(b, row, technique):  # type: ignore[no-untyped-def]
    """Tell a first contact that only a worm makes.

    Mirai and its heirs write the address that they try into the sequence number, to know
    their own answers again (Antonakakis et al., "Understanding the Mirai Botnet", USENIX
    Security 2017). SQL Slammer is one datagram of 376 bytes that begins with 4 (Moore et
    al., "Inside the Slammer Worm", IEEE Security & Privacy 2003).
    """
    if technique == ct.SYN_PROBE:
        return row["ethertype"] == IPV4 and np.uint64(row["seq"]) == row["dst_lo"] & _V4_BITS
    if technique == ct.UDP_PROBE and row["dst_port"] == 1434 and row["payload"] == 376:
        return row["captured"] == 0 or b[row["payload_at"]] == 4
    return False


@inlined
def outcome_of(f, flags, is_out):  # type: ignore[no-untyped-def]
    """Tell how a pending first contact ends with this packet, `PENDING` if it does not."""
    if is_out:
        # In a one-way view the initiator's own acknowledgement tells of the answer.
        one_way = flags & (ft.SYN | ft.RST | ft.ACK) == ft.ACK and f["packets_in"] == 0
        return ct.ANSWERED if one_way else ct.PENDING
    if flags & ft.RST:
        return ct.REFUSED
    return ct.ANSWERED if flags & ft.SYN else ct.PENDING


@inlined
def odd_outcome(f, row, is_out):  # type: ignore[no-untyped-def]
    """Tell how a contact that no SYN began ends with this packet, `PENDING` if it does not.

    A second packet of either side that is no RST shows that something goes on there.
    """
    if row["proto"] == ft.TCP and row["flags"] & ft.RST:
        return ct.PENDING if is_out else ct.REFUSED
    if is_out and row["proto"] == ft.UDP:
        return ct.PENDING  # tried again
    return ct.ANSWERED


@part
def first_contact(state, b, f, row, technique, group_tags, groups, blank_group, group_trips,
                   resolved, scan, key):  # type: ignore[no-untyped-def]  # fmt: skip
    """Step both contact groups of a conversation that this packet begins."""
    if state[GROUPS] >= len(group_trips) - TRIPS_SPARE:
        state[LOST] += 1
        return
    mask = len(groups) // ct.WAYS - 1
    sign = 1 if is_worm_probe(b, row, technique) else 0
    for side in range(2):
        vertical = side == 0
        if not vertical and is_resolved(resolved, row["dst_hi"], row["dst_lo"], key):
            return  # asked for by name: says nothing of a search for hosts
        before = state[GROUPS]
        i, state[GROUPS] = ct.contact(
            group_tags, groups, blank_group, mask, ct.kind_of(technique, vertical), row, sign,
            state[CLOCK_NS], scan, key, group_trips, state[GROUPS],
        )  # fmt: skip
        if state[GROUPS] > before and i >= 0 and not vertical:
            _note_entered(groups[i], group_trips, state[GROUPS], resolved, key)
        if vertical:
            f["vertical"] = i
        else:
            f["horizontal"] = i


@part
def _note_entered(g, group_trips, n, resolved, key):  # type: ignore[no-untyped-def]
    """Note in a group that is reported whether its source had answered on the port itself."""
    if has_served(resolved, g["src_hi"], g["src_lo"], g["port"], key):
        g["is_entered"] = 1
        group_trips[n - 1]["is_entered"] = 1


@part
def resolve_contact(state, f, offset, outcome, groups, group_trips, resolved, scan, key):  # type: ignore[no-untyped-def]
    """Tell the contact groups of a flow how its first contact ended."""
    f["outcome"] = outcome
    is_a = f["src_is_a"] == 1
    src_lo = f["a_lo"] if is_a else f["b_lo"]
    if outcome == ct.ANSWERED and f["flags_out"] & ft.SYN:
        port = np.int64(f["ports"] >> np.uint64(32 if is_a else 48) & np.uint64(0xFFFF))
        to_hi, to_lo = f["b_hi"] if is_a else f["a_hi"], f["b_lo"] if is_a else f["a_lo"]
        note_service(resolved, to_hi, to_lo, port, key)
    for side in range(2):
        i = f["vertical"] if side == 0 else f["horizontal"]
        if i >= 0 and state[GROUPS] < len(group_trips) - TRIPS_SPARE:
            g = groups[i]
            if g["src_lo"] == src_lo and g["kind"] & 1 == 1 - side:
                before = state[GROUPS]
                state[GROUPS] = ct.resolve(
                    g, f["start_ns"], outcome, state[CLOCK_NS], offset, scan, group_trips,
                    state[GROUPS],
                )  # fmt: skip
                if state[GROUPS] > before and side == 1:
                    _note_entered(g, group_trips, state[GROUPS], resolved, key)


@part
def unreachable(state, b, row, group_tags, groups, group_trips, scan, key):  # type: ignore[no-untyped-def]
    """Tell the groups of who tried what an ICMP error says; the quoted packet begins at 8."""
    p, size = row["payload_at"], row["captured"]
    if row["ethertype"] == IPV4:
        if row["icmp_type"] != 3 or size < 28 or b[p] >> 4 != 4:
            return
        at = p + (np.int64(b[p]) & 15) * 4
        proto = b[p + 9]
        ends = (np.uint64(0), _v4(b, p + 12), np.uint64(0), _v4(b, p + 16))
    else:
        if row["icmp_type"] != 1 or size < 48 or b[p] >> 4 != 6:
            return
        at, proto = p + 40, b[p + 6]
        ends = (_be64(b, p + 8), _be64(b, p + 16), _be64(b, p + 24), _be64(b, p + 32))
    if at + 4 > p + size or (proto != ft.UDP and proto != ft.TCP):
        return
    if state[GROUPS] >= len(group_trips) - TRIPS_SPARE:
        state[LOST] += 1
        return
    port = (np.int64(b[at + 2]) << 8) | np.int64(b[at + 3])
    technique = ct.UDP_PROBE if proto == ft.UDP else ct.SYN_PROBE
    for side in range(2):
        state[GROUPS] = ct.refuse(
            group_tags, groups, len(groups) // ct.WAYS - 1, ct.kind_of(technique, side == 0), ends,
            port, state[CLOCK_NS], row["offset"], scan, key, group_trips, state[GROUPS],
        )  # fmt: skip
