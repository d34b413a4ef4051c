"""Tunnels: from the outer packet to the innermost conversation.

GRE with keys, check and sequence numbers (RFC 2784, 2890), its enhanced form for PPP (RFC 2637)
and transparent Ethernet bridging; ERSPAN I-III; IP in IP (RFC 2003, 2473, 4213); EtherIP (RFC
3378); MPLS in IP (RFC 4023); VXLAN (RFC 7348); GENEVE (RFC 8926); Teredo (RFC 4380); GTP-U
(3GPP TS 29.281).

The flow of a tunnelled packet is that of its innermost header, unless that header is
malformed: then the next outer one stands, its payload the tunnel's. At most `TUNNELS_MAX`
tunnels are opened; the packet is then the flow of the last one opened, and odd. Which
tunnel a packet came through is not kept: ``layers`` says through how many.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels import weird as w
from tocsin.kernels.compiled import part
from tocsin.kernels.headers import ARP, ICMP, ICMPV6, IPV4, IPV6, TCP, UDP, packet
from tocsin.kernels.lean import inlined
from tocsin.kernels.links import ethernet, ppp, unwrap
from tocsin.kernels.octets import be16, be32

TUNNELS_MAX = 4
_IP_IN_IP, _IPV6_IN_IP, _GRE, _ETHER_IP, _MPLS_IN_IP = 4, 41, 47, 97, 137
_VXLAN, _VXLAN_LINUX, _GENEVE, _TEREDO, _GTP_U = 4789, 8472, 6081, 3544, 2152
_BRIDGED, _MPLS, _PPP, _ERSPAN, _ERSPAN_3 = 0x6558, 0x8847, 0x880B, 0x88BE, 0x22EB
_NONE = -1
WHOLE = -1  # of `enter`: the row can be used


@inlined
def is_tunnel_port(src_port, dst_port):  # type: ignore[no-untyped-def]
    """Tell by the ports of UDP whether a datagram may carry a packet."""
    if dst_port >= _GTP_U and dst_port <= _VXLAN_LINUX:
        if (
            dst_port == _VXLAN or dst_port == _GENEVE or dst_port == _TEREDO
            or dst_port == _GTP_U or dst_port == _VXLAN_LINUX
        ):  # fmt: skip
            return True
    return src_port == _TEREDO


@inlined
def may_be_tunnel(row, proto):  # type: ignore[no-untyped-def]
    """Tell by protocol or port whether a decoded packet may carry another one."""
    if proto == UDP:
        return is_tunnel_port(row["src_port"], row["dst_port"])
    if proto == TCP or proto == ICMP or proto == ICMPV6:
        return False
    return (
        proto == _IP_IN_IP or proto == _IPV6_IN_IP or proto == _GRE or proto == _ETHER_IP
        or proto == _MPLS_IN_IP
    )  # fmt: skip


@part
def _gre(b, p, end, row):  # type: ignore[no-untyped-def]
    """Return (ethertype, position) of what a GRE packet carries, `_NONE`: it stays closed."""
    if p + 4 > end:
        return _NONE, p
    bits, kind = be16(b, p), be16(b, p + 2)
    at = p + 4
    if bits & 7 == 1:  # enhanced: key, sequence and acknowledgement numbers, PPP
        if kind != _PPP:
            return _NONE, p
        at += 4 + (4 if bits & 0x1000 else 0) + (4 if bits & 0x80 else 0)
        return ppp(b, at, end)
    if bits & 0x4007:  # source routes, or an unknown version
        return _NONE, p
    at += (4 if bits & 0x8000 else 0) + (4 if bits & 0x2000 else 0) + (4 if bits & 0x1000 else 0)
    if kind == _BRIDGED:
        return ethernet(b, at, end, row)
    if kind == _ERSPAN:
        return ethernet(b, at + 8 if bits & 0x1000 else at, end, row)
    if kind == _ERSPAN_3:
        if at + 12 > end:
            return _NONE, p
        return ethernet(b, at + (20 if b[at + 11] & 1 else 12), end, row)
    return kind, at


@part
def _teredo(b, p, end):  # type: ignore[no-untyped-def]
    """Return (ethertype, position) of the IPv6 packet behind Teredo's own headers.

    Only a header whose length fits and that names a Teredo or a link-local address counts:
    the port is anybody's.
    """
    if p + 4 <= end and be16(b, p) == 1:
        p += 13 + np.int64(b[p + 2]) + np.int64(b[p + 3])
    if p + 8 <= end and be16(b, p) == 0:
        p += 8
    if p + 40 > end or b[p] >> 4 != 6 or be16(b, p + 4) > end - p - 40:
        return _NONE, p
    for at in range(p + 8, p + 25, 16):
        if be32(b, at) == 0x20010000 or be16(b, at) & 0xFFC0 == 0xFE80:
            return np.int64(IPV6), p
    return _NONE, p


@part
def _gtp(b, p, end):  # type: ignore[no-untyped-def]
    """Return (ethertype, position) of a user packet in GTP-U."""
    if p + 8 > end or b[p] & 0xF8 != 0x30 or b[p + 1] != 0xFF:
        return _NONE, p
    at = p + 8
    if b[p] & 7:
        at += 4
        kind = b[at - 1] if at <= end and b[p] & 4 else 0
        for _ in range(8):
            if kind == 0:
                break
            if at >= end or b[at] == 0 or at + 4 * np.int64(b[at]) > end:
                return _NONE, p
            at += 4 * np.int64(b[at])
            kind = b[at - 1]
    if at >= end:
        return _NONE, p
    version = b[at] >> 4
    return np.int64(IPV4 if version == 4 else IPV6 if version == 6 else _NONE), at


@part
def _in_udp(b, p, end, row):  # type: ignore[no-untyped-def]
    """Return (ethertype, position) of what a UDP payload at ``p`` carries."""
    port = row["dst_port"]
    if port == _VXLAN or port == _VXLAN_LINUX:
        if p + 8 > end or b[p] & 0x7F != 8 or b[p + 7] != 0:
            return _NONE, p
        return ethernet(b, p + 8, end, row)
    if port == _GENEVE:
        if p + 8 > end or b[p] & 0xC0:
            return _NONE, p
        at = p + 8 + (np.int64(b[p]) & 0x3F) * 4
        kind = be16(b, p + 2)
        if kind == _BRIDGED:
            return ethernet(b, at, end, row)
        return kind, at
    if port == _GTP_U:
        return _gtp(b, p, end)
    return _teredo(b, p, end)


@part
def _inside(b, p, end, row, proto):  # type: ignore[no-untyped-def]
    """Return (ethertype, position) of what a packet carries at ``p``; below 0: nothing."""
    if proto == UDP:
        return _in_udp(b, p + 8, end, row)
    if proto == _GRE:
        return _gre(b, p, end, row)
    if proto == _IP_IN_IP:
        return np.int64(IPV4), p
    if proto == _IPV6_IN_IP:
        return np.int64(IPV6), p
    if proto == _ETHER_IP and p + 2 <= end and b[p] == 0x30:
        return ethernet(b, p + 2, end, row)
    if proto == _MPLS_IN_IP:
        return np.int64(_MPLS), p
    return _NONE, p


@part
def _open(b, p, end, row, proto):  # type: ignore[no-untyped-def]
    """Fill ``row`` from what the packet carries; return (is open, proto, p, length, later).

    A row that stays closed may be half written over.
    """
    ethertype, p = _inside(b, p, end, row, proto)
    if ethertype != IPV4 and ethertype != IPV6 and ethertype != ARP:
        ethertype, p, end = unwrap(b, p, end, ethertype, ethertype <= 1500, row)
    row["ethertype"] = max(ethertype, 0)
    row["is_fragment"], row["extensions"], row["flags"] = 0, 0, 0
    row["captured"], row["seq"] = 0, 0
    row["src_port"], row["dst_port"], row["window"], row["icmp_type"] = 0, 0, 0, 0
    if ethertype == ARP and p + 28 <= end:
        row["payload"] = row["captured"] = end - p
        row["payload_at"] = p
        row["proto"], row["ttl"] = 0, 0
        return True, np.int64(TCP), p, np.int64(0), 0  # nothing further inside
    if ethertype != IPV4 and ethertype != IPV6:
        return False, np.int64(0), p, np.int64(0), 0
    fault, proto, p, length, later = packet(b, p, end, ethertype, row)
    return fault == 0, proto, p, length, later


@part
def enter(b, p, end, row, proto, length, limit):  # type: ignore[no-untyped-def]
    """Lead a decoded packet on to the innermost one that it carries, ``limit`` tunnels deep.

    ``row`` (dtype `decode.DECODED`) is the outer packet, whose transport header stands at
    ``p``, ``length`` bytes by the headers. Returns `WHOLE`, or after how many tunnels the
    header inside was malformed: the row is then spoilt and must be decoded anew, only that
    deep.
    """
    for depth in range(limit):
        end = min(end, p + length)
        is_open, proto, p, length, later = _open(b, p, end, row, proto)
        if not is_open:
            return depth
        row["layers"] = depth + 1
        if later or not may_be_tunnel(row, proto):
            return WHOLE
    if limit == TUNNELS_MAX:
        row["odd"] |= w.NESTED
    return WHOLE
