"""From packet bytes to facts: who spoke to whom, over what, with which flags.

Link types: Ethernet with VLAN and QinQ (IEEE 802.1Q, 802.1ad), raw IP, Linux cooked v1 and
v2, null/loop. Network: IPv4 (RFC 791), IPv6 with extension headers (RFC 8200), ARP (RFC
826). Transport: TCP, UDP, ICMP, ICMPv6. Whatever is cut short or contradicts itself ends
as a `weird` code with the reason in `WEIRD`, and is still counted.

Later fragments carry no ports: they are attributed to the address pair with port 0.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.lean import inlined, kernel

DECODED = np.dtype(
    [
        ("src_hi", "u8"), ("src_lo", "u8"), ("dst_hi", "u8"), ("dst_lo", "u8"),
        ("ts_ns", "i8"), ("offset", "i8"), ("payload_at", "i8"),
        ("payload", "i4"),  # bytes of payload by the headers, may exceed what was captured
        ("captured", "i4"),  # bytes of payload in the buffer
        ("wirelen", "i4"),
        ("src_port", "u2"), ("dst_port", "u2"), ("ethertype", "u2"), ("vlan", "u2"),
        ("window", "u2"),
        ("seq", "u4"),
        ("proto", "u1"), ("flags", "u1"), ("ttl", "u1"), ("weird", "u1"),
        ("is_fragment", "u1"), ("icmp_type", "u1"),
        # Filled in by `flow_table.place`: where its flow may lie.
        ("flow_ports", "u8"), ("flow_hash", "u8"), ("flow_at", "i4"),
        ("extensions", "u4"),  # IPv6 headers before the transport, fragments apart
    ]
)  # fmt: skip

WEIRD = (
    "",
    "link type not supported",
    "cut inside the link header",
    "cut inside the IP header",
    "IP version contradicts the link header",
    "IPv4 header length under 20",
    "IPv4 total length under its header",
    "too many IPv6 extension headers",
    "cut inside the transport header",
    "TCP header length under 20",
    "cut inside ARP",
)
(_OK, _LINK, _CUT_LINK, _CUT_IP, _VERSION, _IHL, _TOTAL, _EXTENSIONS, _CUT_L4, _DATA_OFFSET,
 _CUT_ARP) = range(len(WEIRD))  # fmt: skip
IPV4, IPV6, ARP = 0x0800, 0x86DD, 0x0806
TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
_V4 = np.uint64(0xFFFF_0000_0000)
_MAC_HI = np.uint64(0x0100_0000_0000_0001)
_EXTENSIONS_MAX = 8
_FRAGMENT, _AH = 44, 51


@inlined
def _be16(b, p):  # type: ignore[no-untyped-def]
    return (np.int64(b[p]) << 8) | np.int64(b[p + 1])


@inlined
def _be32(b, p):  # type: ignore[no-untyped-def]
    return (
        (np.int64(b[p]) << 24)
        | (np.int64(b[p + 1]) << 16)
        | (np.int64(b[p + 2]) << 8)
        | np.int64(b[p + 3])
    )


@inlined
def _be64(b, p):  # type: ignore[no-untyped-def]
    return (np.uint64(_be32(b, p)) << np.uint64(32)) | np.uint64(_be32(b, p + 4))


@inlined
def _mac(b, p):  # type: ignore[no-untyped-def]
    return np.uint64((_be16(b, p) << 32) | _be32(b, p + 2))


@inlined
def _ethernet(b, p, end, row):  # type: ignore[no-untyped-def]
    """Return (ethertype, position after the header), -1 when it is cut."""
    if p + 14 > end:
        return -1, p
    row["src_hi"] = _MAC_HI
    row["src_lo"] = _mac(b, p + 6)
    row["dst_hi"] = _MAC_HI
    row["dst_lo"] = _mac(b, p)
    ethertype = _be16(b, p + 12)
    p += 14
    tags = 0
    while (ethertype == 0x8100 or ethertype == 0x88A8 or ethertype == 0x9100) and tags < 4:
        if p + 4 > end:
            return -1, p
        row["vlan"] = _be16(b, p) & 0xFFF
        ethertype = _be16(b, p + 2)
        p += 4
        tags += 1
    return ethertype, p


@inlined
def _cooked(b, p, end, row, version):  # type: ignore[no-untyped-def]
    """Linux cooked capture v1 (113) and v2 (276): the sender's address only."""
    head = 16 if version == 1 else 20
    if p + head > end:
        return -1, p
    ethertype = _be16(b, p + 14) if version == 1 else _be16(b, p)
    at = p + 6 if version == 1 else p + 12
    row["src_hi"] = _MAC_HI
    row["src_lo"] = _mac(b, at)
    row["dst_hi"] = _MAC_HI
    row["dst_lo"] = np.uint64(0)
    p += head
    if ethertype == 0x8100 and p + 4 <= end:
        row["vlan"] = _be16(b, p) & 0xFFF
        ethertype = _be16(b, p + 2)
        p += 4
    return ethertype, p


@inlined
def _by_version(b, p, end):  # type: ignore[no-untyped-def]
    """Tell the ethertype of bare IP by its version nibble; -2: neither 4 nor 6."""
    if p >= end:
        return -1
    version = b[p] >> 4
    if version == 4:
        return IPV4
    if version == 6:
        return IPV6
    return -2


@inlined
def _link(b, p, end, link, row):  # type: ignore[no-untyped-def]
    """Return (ethertype, position of the network header); -1 cut, -2 not supported."""
    if link == 1:
        return _ethernet(b, p, end, row)
    if link == 12 or link == 14 or link == 101 or link == 228 or link == 229:
        return _by_version(b, p, end), p
    if link == 113:
        return _cooked(b, p, end, row, 1)
    if link == 276:
        return _cooked(b, p, end, row, 2)
    if link == 0 or link == 108:
        return (_by_version(b, p + 4, end), p + 4) if p + 4 <= end else (-1, p)
    return -2, p


@inlined
def _ipv4(b, p, end, row):  # type: ignore[no-untyped-def]
    """Return (weird, proto, transport position, transport length, later fragment)."""
    if p + 20 > end:
        return _CUT_IP, 0, p, 0, 0
    if b[p] >> 4 != 4:
        return _VERSION, 0, p, 0, 0
    head = (np.int64(b[p]) & 15) * 4
    if head < 20:
        return _IHL, 0, p, 0, 0
    total = _be16(b, p + 2)
    if total == 0:  # segmentation offload: the true length is that of the frame
        total = end - p
    if total < head:
        return _TOTAL, 0, p, 0, 0
    row["ttl"] = b[p + 8]
    row["src_hi"] = np.uint64(0)
    row["src_lo"] = _V4 | np.uint64(_be32(b, p + 12))
    row["dst_hi"] = np.uint64(0)
    row["dst_lo"] = _V4 | np.uint64(_be32(b, p + 16))
    fragment = _be16(b, p + 6)
    row["is_fragment"] = 1 if fragment & 0x3FFF else 0
    later = 1 if fragment & 0x1FFF else 0
    return _OK, np.int64(b[p + 9]), p + head, total - head, later


@inlined
def _ipv6(b, p, end, row):  # type: ignore[no-untyped-def]
    """Return (weird, proto, transport position, transport length, later fragment)."""
    if p + 40 > end:
        return _CUT_IP, 0, p, 0, 0
    if b[p] >> 4 != 6:
        return _VERSION, 0, p, 0, 0
    length, proto = _be16(b, p + 4), np.int64(b[p + 6])
    if length == 0:
        length = end - p - 40
    row["ttl"] = b[p + 7]
    row["src_hi"] = _be64(b, p + 8)
    row["src_lo"] = _be64(b, p + 16)
    row["dst_hi"] = _be64(b, p + 24)
    row["dst_lo"] = _be64(b, p + 32)
    p += 40
    later, seen = 0, 0
    while proto == 0 or proto == 43 or proto == 60 or proto == _FRAGMENT or proto == _AH:
        if proto != _FRAGMENT:
            row["extensions"] += 1
        if seen >= _EXTENSIONS_MAX:
            return _EXTENSIONS, 0, p, 0, 0
        if p + 8 > end:
            return _CUT_IP, 0, p, 0, 0
        size = 8
        if proto == _FRAGMENT:
            row["is_fragment"] = 1
            later = 1 if _be16(b, p + 2) & 0xFFF8 else later
        elif proto == _AH:
            size = (np.int64(b[p + 1]) + 2) * 4
        else:
            size = (np.int64(b[p + 1]) + 1) * 8
        proto = np.int64(b[p])
        p += size
        length -= size
        seen += 1
        if later:
            break
    return _OK, proto, p, max(length, 0), later


@inlined
def _transport(b, p, end, row, proto, length):  # type: ignore[no-untyped-def]
    """Fill ports, flags and payload; return a weird code."""
    head = 0
    if proto == TCP:
        if p + 14 > end:
            return _CUT_L4
        row["src_port"] = _be16(b, p)
        row["dst_port"] = _be16(b, p + 2)
        row["seq"] = _be32(b, p + 4)
        row["flags"] = b[p + 13]
        if p + 16 <= end:
            row["window"] = _be16(b, p + 14)
        head = (np.int64(b[p + 12]) >> 4) * 4
        if head < 20:
            return _DATA_OFFSET
    elif proto == UDP:
        if p + 8 > end:
            return _CUT_L4
        row["src_port"] = _be16(b, p)
        row["dst_port"] = _be16(b, p + 2)
        head = 8
    elif proto == ICMP or proto == ICMPV6:
        if p + 4 > end:
            return _CUT_L4
        row["icmp_type"] = b[p]
        head = 8
    row["payload"] = max(length - head, 0)
    row["payload_at"] = p + head
    row["captured"] = max(min(end - p - head, length - head), 0)
    return _OK


@inlined
def decode_one(b, packet, row):  # type: ignore[no-untyped-def]
    """Fill ``row`` (dtype `DECODED`, zeroed) from one index row of the framing kernel."""
    p, end = packet["at"], packet["at"] + packet["caplen"]
    row["ts_ns"] = packet["ts_ns"]
    row["offset"] = packet["offset"]
    row["wirelen"] = packet["wirelen"]
    row["payload_at"] = end
    ethertype, p = _link(b, p, end, packet["link"], row)
    if ethertype < 0:
        row["weird"] = _CUT_LINK if ethertype == -1 else _LINK
        return
    row["ethertype"] = ethertype
    if ethertype == IPV4:
        weird, proto, p, length, later = _ipv4(b, p, end, row)
    elif ethertype == IPV6:
        weird, proto, p, length, later = _ipv6(b, p, end, row)
    else:
        row["payload_at"] = p
        row["captured"] = end - p
        row["payload"] = end - p
        if ethertype == ARP and end - p < 28:
            row["weird"] = _CUT_ARP
        return
    row["proto"] = proto
    row["weird"] = weird
    if weird != 0:
        return
    if later:
        row["payload"] = length
        return
    row["weird"] = _transport(b, p, end, row, proto, length)


@kernel
def decode(b, index, n, out):  # type: ignore[no-untyped-def]
    """Decode the first ``n`` packets of an index (dtype `framing.PACKET`) into ``out``.

    ``b`` uint8 (bytes,), ``out`` dtype `DECODED` (at least n,), overwritten.
    """
    for i in range(n):
        row = out[i]
        row["src_hi"] = np.uint64(0)
        row["src_lo"] = np.uint64(0)
        row["dst_hi"] = np.uint64(0)
        row["dst_lo"] = np.uint64(0)
        row["payload"] = 0
        row["captured"] = 0
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
        decode_one(b, index[i], row)
