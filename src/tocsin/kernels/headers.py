"""IP and transport headers.

IPv4 (RFC 791), IPv6 with extension headers (RFC 8200), AH over both (RFC 4302); TCP (RFC 9293),
UDP, ICMP, ICMPv6, and the ports of SCTP, DCCP and UDP-Lite.

What lies behind the length that the IP header gives is padding and is not read. More than
`EXTENSIONS_MAX` extension headers are not walked: the packet is an event between its
addresses, without ports, and odd.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels import weird as w
from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined
from tocsin.kernels.octets import be16, be32, be64

IPV4, IPV6, ARP = 0x0800, 0x86DD, 0x0806
TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
EXTENSIONS_MAX = 8
_SCTP, _DCCP, _UDP_LITE = 132, 33, 136
_FRAGMENT, _AH = 44, 51
V4 = np.uint64(0xFFFF_0000_0000)


@inlined
def _is_extension(proto):  # type: ignore[no-untyped-def]
    return (
        proto == 0 or proto == 43 or proto == 60 or proto == _FRAGMENT or proto == _AH
        or proto == 135 or proto == 139 or proto == 140
    )  # fmt: skip


@part
def _extensions(b, p, end, row, proto, length):  # type: ignore[no-untyped-def]
    """Walk extension headers; return as `_ipv6` does."""
    later, seen, walked = 0, 0, 0
    while _is_extension(proto):
        if seen >= EXTENSIONS_MAX:
            row["odd"] |= w.EXTENSIONS
            break
        if p + 8 > end or length < 8:
            return w.CUT_EXTENSION, 0, p, 0, 0
        size = np.int64(8)
        if proto == _FRAGMENT:
            place = be16(b, p + 2)
            row["is_fragment"] = 1
            row["fragment_at"] = (place >> 3) | ((place & 1) << 13)
            row["fragment_id"] = be32(b, p + 4)
            row["fragment_bytes"] = max(length - 8, 0)
            later = 1 if place & 0xFFF8 else 0
        elif proto == _AH:
            size = (np.int64(b[p + 1]) + 2) * 4
            walked += 1
        else:
            size = (np.int64(b[p + 1]) + 1) * 8
            walked += 1
        proto = np.int64(b[p])
        p += size
        length -= size
        seen += 1
        if later:
            break
    row["extensions"] = walked
    if length < 0:
        return w.CUT_EXTENSION, 0, p, 0, 0
    return w.OK, proto, p, length, later


@inlined
def _ipv4(b, p, end, row):  # type: ignore[no-untyped-def]
    """Return (weird, proto, transport position, transport length, later fragment)."""
    if p + 20 > end:
        return w.CUT_IP, 0, p, 0, 0
    if b[p] >> 4 != 4:
        return w.VERSION, 0, p, 0, 0
    head = (np.int64(b[p]) & 15) * 4
    if head < 20:
        return w.IHL, 0, p, 0, 0
    total = be16(b, p + 2)
    if total == 0:  # segmentation offload: the true length is that of the frame
        total = end - p
    if total < head:
        return w.TOTAL, 0, p, 0, 0
    row["ttl"] = b[p + 8]
    row["src_hi"] = np.uint64(0)
    row["src_lo"] = V4 | np.uint64(be32(b, p + 12))
    row["dst_hi"] = np.uint64(0)
    row["dst_lo"] = V4 | np.uint64(be32(b, p + 16))
    fragment = be16(b, p + 6) & 0x3FFF
    later = 0
    if fragment != 0:
        row["is_fragment"] = 1
        row["fragment_at"] = fragment
        row["fragment_id"] = be16(b, p + 4)
        row["fragment_bytes"] = total - head
        later = 1 if fragment & 0x1FFF else 0
    proto = np.int64(b[p + 9])
    if proto == _AH and later == 0:
        return _extensions(b, p + head, end, row, proto, total - head)
    return w.OK, proto, p + head, total - head, later


@inlined
def _ipv6(b, p, end, row):  # type: ignore[no-untyped-def]
    """Return (weird, proto, transport position, transport length, later fragment)."""
    if p + 40 > end:
        return w.CUT_IP, 0, p, 0, 0
    if b[p] >> 4 != 6:
        return w.VERSION, 0, p, 0, 0
    length, proto = be16(b, p + 4), np.int64(b[p + 6])
    if length == 0:
        length = end - p - 40
    row["ttl"] = b[p + 7]
    row["src_hi"] = be64(b, p + 8)
    row["src_lo"] = be64(b, p + 16)
    row["dst_hi"] = be64(b, p + 24)
    row["dst_lo"] = be64(b, p + 32)
    if _is_extension(proto):
        return _extensions(b, p + 40, end, row, proto, length)
    return w.OK, proto, p + 40, length, 0


@part
def _short(b, p, end, row, has_ports):  # type: ignore[no-untyped-def]
    """Judge a transport header that is not there in full; return a weird code.

    A first fragment may be that small (RFC 1858): it is an event, with its ports if they are
    there, and odd.
    """
    if row["is_fragment"] == 0:
        return w.CUT_L4
    if has_ports and p + 4 <= end:
        row["src_port"] = be16(b, p)
        row["dst_port"] = be16(b, p + 2)
    row["odd"] |= w.TINY
    return w.OK


@inlined
def _transport(b, p, end, row, proto, length):  # type: ignore[no-untyped-def]
    """Fill ports, flags and payload; return a weird code."""
    head = np.int64(0)
    stop = min(end, p + length)
    if proto == TCP:
        if p + 14 > stop:
            return _short(b, p, stop, row, True)
        row["src_port"] = be16(b, p)
        row["dst_port"] = be16(b, p + 2)
        row["seq"] = be32(b, p + 4)
        row["flags"] = b[p + 13]
        if p + 16 <= stop:
            row["window"] = be16(b, p + 14)
        head = (np.int64(b[p + 12]) >> 4) * 4
        if head < 20:
            return w.DATA_OFFSET
    elif proto == UDP:
        if p + 8 > stop:
            return _short(b, p, stop, row, True)
        row["src_port"] = be16(b, p)
        row["dst_port"] = be16(b, p + 2)
        head = np.int64(8)
    elif proto == ICMP or proto == ICMPV6:
        if p + 4 > stop:
            return _short(b, p, stop, row, False)
        row["icmp_type"] = b[p]
        head = np.int64(8)
    elif proto == _SCTP or proto == _DCCP or proto == _UDP_LITE:
        if p + 8 > stop:
            return _short(b, p, stop, row, True)
        row["src_port"] = be16(b, p)
        row["dst_port"] = be16(b, p + 2)
        head = np.int64(8) if proto == _UDP_LITE else np.int64(12)
    row["payload"] = max(length - head, 0)
    row["payload_at"] = min(p + head, end)
    row["captured"] = max(stop - p - head, 0)
    return w.OK


@inlined
def packet(b, p, end, ethertype, row):  # type: ignore[no-untyped-def]
    """Fill ``row`` (dtype `decode.DECODED`) from the IP packet at ``p``.

    ``ethertype`` is that of IPv4 or IPv6. Returns (weird, proto, transport position,
    transport length by the headers, 1 for a later fragment).
    """
    if ethertype == IPV4:
        fault, proto, p, length, later = _ipv4(b, p, end, row)
    else:
        fault, proto, p, length, later = _ipv6(b, p, end, row)
    row["proto"] = proto
    if fault == 0:
        if later:
            row["payload"] = length
            row["payload_at"] = min(p, end)
        elif row["odd"] == 0:
            fault = _transport(b, p, end, row, proto, length)
    return fault, proto, p, length, later
