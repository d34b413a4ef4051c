"""From packet bytes to facts: who spoke to whom, over what, with which flags.

The way of a packet: its link header (`tocsin.kernels.links`), IP and transport
(`tocsin.kernels.headers`), and where protocol or port say so the packet inside
(`tocsin.kernels.tunnels`). Network: IPv4, IPv6, ARP (RFC 826). Whatever is cut short or
contradicts itself ends as a `weird` code with the reason in `WEIRD`, and is still counted.

Later fragments carry no ports: `tocsin.kernels.fragments` gives them those of their first.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels import links
from tocsin.kernels import weird as w
from tocsin.kernels.headers import ARP, ICMP, ICMPV6, IPV4, IPV6, TCP, UDP, packet
from tocsin.kernels.lean import inlined, kernel
from tocsin.kernels.tunnels import TUNNELS_MAX, WHOLE, enter, may_be_tunnel
from tocsin.kernels.weird import ODD, WEIRD

__all__ = [
    "ARP", "DECODED", "ICMP", "ICMPV6", "IPV4", "IPV6", "ODD", "TCP", "UDP", "WEIRD", "decode",
    "decode_one",
]  # fmt: skip

DECODED = np.dtype(
    [
        ("src_hi", "u8"), ("src_lo", "u8"), ("dst_hi", "u8"), ("dst_lo", "u8"),
        ("ts_ns", "i8"), ("offset", "i8"), ("payload_at", "i8"),
        ("payload", "i4"),  # bytes of payload by the headers, may exceed what was captured
        ("captured", "i4"),  # bytes of payload in the buffer
        ("wirelen", "i4"),
        ("seq", "u4"),  # of TCP
        ("src_port", "u2"), ("dst_port", "u2"), ("ethertype", "u2"), ("vlan", "u2"),
        ("window", "u2"),
        ("proto", "u1"), ("flags", "u1"), ("ttl", "u1"), ("weird", "u1"),
        ("is_fragment", "u1"), ("icmp_type", "u1"),
        ("extensions", "u1"),  # extension headers walked
        ("layers", "u1"),  # tunnels opened
        ("odd", "u1"),  # bits, see `ODD`
        # Of fragments only: place in units of 8 bytes, 0x2000: more follow; identification.
        ("fragment_at", "u2"), ("fragment_bytes", "u2"), ("fragment_id", "u4"),
        # Filled in by `flow_table.place`: where its flow may lie.
        ("flow_ports", "u8"), ("flow_hash", "u8"), ("flow_at", "i4"),
    ]
)  # fmt: skip


@inlined
def _frame(b, p, end, ethertype, row):  # type: ignore[no-untyped-def]
    """Fill the row of a frame without IP."""
    row["payload_at"] = p
    row["captured"] = end - p
    row["payload"] = end - p
    if ethertype == ARP and end - p < 28:
        row["weird"] = w.CUT_ARP


@inlined
def _fault(code):  # type: ignore[no-untyped-def]
    """Return the weird code of what a link header gave instead of an ethertype."""
    if code == links.CUT:
        return w.CUT_LINK
    if code == links.NEITHER:
        return w.VERSION
    return w.BLOCK if code == links.LIES else w.LINK


@inlined
def decode_one(b, record, row, limit):  # type: ignore[no-untyped-def]
    """Fill ``row`` (dtype `DECODED`, zeroed) from one index row of the framing kernel.

    Returns what `tunnels.enter` does for ``limit`` tunnels.
    """
    p, end = record["at"], record["at"] + record["caplen"]
    row["ts_ns"] = record["ts_ns"]
    row["offset"] = record["offset"]
    row["wirelen"] = record["wirelen"]
    row["payload_at"] = end
    ethertype, p = links.network(b, p, end, record["link"], row)
    if ethertype != IPV4 and ethertype != IPV6 and ethertype != ARP:
        ethertype, p, end = links.unwrap(b, p, end, ethertype, record["link"] == 1, row)
        if ethertype < 0:
            row["weird"] = _fault(ethertype)
            return WHOLE
    row["ethertype"] = ethertype
    if ethertype != IPV4 and ethertype != IPV6:
        _frame(b, p, end, ethertype, row)
        return WHOLE
    fault, proto, p, length, later = packet(b, p, end, ethertype, row)
    row["weird"] = fault
    if fault == 0 and later == 0 and may_be_tunnel(row, proto):
        return enter(b, p, end, row, proto, length, limit)
    return WHOLE


@kernel
def decode(b, index, n, out):  # type: ignore[no-untyped-def]
    """Decode the first ``n`` packets of an index (dtype `framing.PACKET`) into ``out``.

    ``b`` uint8 (bytes,), ``out`` dtype `DECODED` (at least n,), overwritten. Returns whether
    there are fragments or odd packets among them.
    """
    marked = 0
    for i in range(n):
        row = out[i]
        limit = TUNNELS_MAX
        while limit >= 0:
            row["src_hi"] = np.uint64(0)
            row["src_lo"] = np.uint64(0)
            row["dst_hi"] = np.uint64(0)
            row["dst_lo"] = np.uint64(0)
            row["payload"] = 0
            row["captured"] = 0
            row["seq"] = 0
            row["src_port"] = 0
            row["dst_port"] = 0
            row["ethertype"] = 0
            row["vlan"] = 0
            row["window"] = 0
            row["proto"] = 0
            row["flags"] = 0
            row["ttl"] = 0
            row["weird"] = 0
            row["is_fragment"] = 0
            row["icmp_type"] = 0
            row["extensions"] = 0
            row["layers"] = 0
            row["odd"] = 0
            limit = decode_one(b, index[i], row, limit)
        marked |= row["is_fragment"] | row["odd"]
    return marked != 0
