"""From packet bytes to facts: who spoke to whom, over what, with which flags.

Two loops: plain packets (Ethernet or bare IP; TCP, UDP or ICMP in one piece) in `decode_plain`,
all others after it in `decode_rest`. There the way of a packet is: its link header (`tocsin.kernels.links`), IP and transport
(`tocsin.kernels.headers`), and where protocol or port say so the packet inside
(`tocsin.kernels.tunnels`). Network: IPv4, IPv6, ARP (RFC 826). Whatever is cut short or
contradicts itself ends as a `weird` code with the reason in `WEIRD`, and is still counted.

Later fragments carry no ports: `tocsin.kernels.fragments` gives them those of their first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.kernels import links
from tocsin.kernels import weird as w
from tocsin.kernels.headers import ARP, ICMP, ICMPV6, IPV4, IPV6, TCP, UDP, V4, packet
from tocsin.kernels.lean import inlined, kernel
from tocsin.kernels.octets import be16, be32, be64
from tocsin.kernels.tunnels import TUNNELS_MAX, WHOLE, enter, is_tunnel_port, may_be_tunnel
from tocsin.kernels.weird import ODD, WEIRD

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "ARP", "DECODED", "ICMP", "ICMPV6", "IPV4", "IPV6", "ODD", "TCP", "UDP", "WEIRD", "decode",
    "whole",
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
        ("extensions", "u1"),  # extension headers walked, that of fragments apart
        ("layers", "u1"),  # tunnels opened
        ("odd", "u1"),  # bits, see `ODD`
        # Of fragments only: place in units of 8 bytes, 0x2000: more follow; identification.
        ("fragment_at", "u2"), ("fragment_bytes", "u2"), ("fragment_id", "u4"),
        # Filled in by `flow_table.place`: where its flow may lie.
        ("flow_ports", "u8"), ("flow_hash", "u8"), ("flow_at", "i4"),
        ("pad", "u1"),  # rows of a multiple of eight bytes are a tenth faster
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
def whole(b, record, row, limit):  # type: ignore[no-untyped-def]
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


@inlined
def _plain_link(b, p, end, link):  # type: ignore[no-untyped-def]
    """Return (ethertype, position, VLAN) of Ethernet with at most one tag, and of bare IP."""
    if link == 1:
        if p + 18 > end:
            return links.CUT, p, 0
        ethertype = be16(b, p + 12)
        if ethertype == 0x8100:
            return be16(b, p + 16), p + 18, be16(b, p + 14) & 0xFFF
        return ethertype, p + 14, 0
    if p < end and (link == 101 or link == 12 or link == 228 or link == 229):
        version = b[p] >> 4
        return IPV4 if version == 4 else IPV6 if version == 6 else links.NEITHER, p, 0
    return links.UNKNOWN, p, 0


@inlined
def _plain_ip(b, p, end, ethertype, row):  # type: ignore[no-untyped-def]
    """Return (protocol, position, length) behind an IP header without frills; -1: another."""
    if ethertype == IPV4:
        if p + 20 > end:
            return -1, p, 0
        head, total = (np.int64(b[p]) - 0x40) * 4, be16(b, p + 2)
        if head < 20 or head > 60 or total < head or be16(b, p + 6) & 0x3FFF != 0:
            return -1, p, 0
        row["ttl"] = b[p + 8]
        row["src_hi"] = np.uint64(0)
        row["src_lo"] = V4 | np.uint64(be32(b, p + 12))
        row["dst_hi"] = np.uint64(0)
        row["dst_lo"] = V4 | np.uint64(be32(b, p + 16))
        return np.int64(b[p + 9]), p + head, total - head
    if ethertype == IPV6:
        length = be16(b, p + 4) if p + 40 <= end else 0
        if length == 0 or b[p] >> 4 != 6:
            return -1, p, 0
        row["ttl"] = b[p + 7]
        row["src_hi"] = be64(b, p + 8)
        row["src_lo"] = be64(b, p + 16)
        row["dst_hi"] = be64(b, p + 24)
        row["dst_lo"] = be64(b, p + 32)
        return np.int64(b[p + 6]), p + 40, length
    return -1, p, 0


@inlined
def _plain(b, record, row):  # type: ignore[no-untyped-def]
    """Decode what most packets are; return False, the row half written, for all others.

    Every field is written once. Whoever adds one to `DECODED` sets it here and in `whole`.
    """
    p, end = record["at"], record["at"] + record["caplen"]
    ethertype, p, vlan = _plain_link(b, p, end, record["link"])
    proto, p, length = _plain_ip(b, p, end, ethertype, row)
    stop = min(end, p + length)
    if proto == TCP:
        if p + 16 > stop:
            return False
        head = (np.int64(b[p + 12]) >> 4) * 4
        if head < 20:
            return False
        row["seq"], row["flags"], row["window"] = be32(b, p + 4), b[p + 13], be16(b, p + 14)
        row["icmp_type"] = 0
        src_port, dst_port = be16(b, p), be16(b, p + 2)
    else:
        head = np.int64(8)
        row["seq"], row["flags"], row["window"] = 0, 0, 0
        if proto == UDP and p + 8 <= stop:
            src_port, dst_port = be16(b, p), be16(b, p + 2)
            if is_tunnel_port(src_port, dst_port):
                return False
            row["icmp_type"] = 0
        elif (proto == ICMP or proto == ICMPV6) and p + 4 <= stop:
            row["icmp_type"] = b[p]
            src_port, dst_port = np.int64(0), np.int64(0)
        else:
            return False
    row["src_port"], row["dst_port"] = src_port, dst_port
    row["payload"] = max(length - head, 0)
    row["payload_at"] = min(p + head, end)
    row["captured"] = max(stop - p - head, 0)
    row["ethertype"], row["vlan"], row["proto"] = ethertype, vlan, proto
    row["weird"], row["odd"], row["layers"] = 0, 0, 0
    row["is_fragment"], row["extensions"] = 0, 0
    row["ts_ns"] = record["ts_ns"]
    row["offset"] = record["offset"]
    row["wirelen"] = record["wirelen"]
    return True


@kernel
def decode_plain(b, index, n, out, rest):  # type: ignore[no-untyped-def]
    """Decode the plain ones of ``n`` packets; return how many are left, listed in ``rest``.

    Apart from `decode_rest`: beside it the loop would lose a quarter of its pace.
    """
    left = 0
    for i in range(n):
        if not _plain(b, index[i], out[i]):
            rest[left] = i
            left += 1
    return left


@kernel
def decode_rest(b, index, rest, n, out):  # type: ignore[no-untyped-def]
    """Decode the packets ``rest[:n]``; return whether fragments or odd ones are among them."""
    marked = 0
    for j in range(n):
        row = out[rest[j]]
        limit = TUNNELS_MAX
        while limit >= 0:
            row["src_hi"] = np.uint64(0)
            row["src_lo"] = np.uint64(0)
            row["dst_hi"] = np.uint64(0)
            row["dst_lo"] = np.uint64(0)
            row["payload"], row["captured"], row["seq"] = 0, 0, 0
            row["src_port"], row["dst_port"], row["flags"], row["window"] = 0, 0, 0, 0
            row["ethertype"], row["vlan"], row["proto"], row["ttl"] = 0, 0, 0, 0
            row["weird"], row["odd"], row["layers"] = 0, 0, 0
            row["is_fragment"], row["extensions"], row["icmp_type"] = 0, 0, 0
            limit = whole(b, index[rest[j]], row, limit)
        marked |= row["is_fragment"] | row["odd"]
    return marked != 0


def decode(b: NDArray[np.uint8], index: NDArray[np.void], n: int, out: NDArray[np.void]) -> bool:
    """Decode the first ``n`` packets of an index (dtype `framing.PACKET`) into ``out``.

    ``b`` uint8 (bytes,), ``out`` dtype `DECODED` (at least n,), overwritten. Returns whether
    there are fragments or odd packets among them.
    """
    rest = np.empty(n, dtype=np.int32)
    left = decode_plain(b, index, n, out, rest)
    return bool(left and decode_rest(b, index, rest, left, out))
