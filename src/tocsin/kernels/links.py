"""Link headers: what lies before the network header, and whose addresses it names.

On the fast way: Ethernet with VLAN and QinQ (IEEE 802.1Q, 802.1ad), raw IP, Linux cooked v1
and v2, null/loop. Beside it: 802.11 data frames, bare or behind radiotap, Prism, AVS or PPI
(IEEE 802.11), PPP in its several framings (RFC 1661, 1662) and PPPoE (RFC 2516), Cisco HDLC,
frame relay (RFC 2427), PKTAP, NFLOG, ENC and PFLOG; MPLS (RFC 3032), LLC and SNAP (IEEE 802.2), provider
backbone bridges (IEEE 802.1ah). Link type numbers are those of the pcap registry.

Frames without IP are flows by MAC and a number of 16 bits: the ethertype; for LLC the
destination service access point (below 0x0100); for 802.11 without readable data
0x0100 + type * 16 + subtype; for PPP the protocol, between addresses of zero. So MACsec
(0x88E5) and encrypted 802.11 are frames without IP.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels import framing
from tocsin.kernels.compiled import part
from tocsin.kernels.headers import IPV4, IPV6
from tocsin.kernels.lean import inlined
from tocsin.kernels.octets import be16, be32, le16, mac

CUT, UNKNOWN, NEITHER, LIES = -1, -2, -3, -4
"""Instead of an ethertype: cut; link type not supported; not IP; a block that lies."""
_MAC_HI = np.uint64(0x0100_0000_0000_0001)
_WRAPS_MAX, _LABELS_MAX, _TAGS_MAX = 8, 16, 4
_PPPOE, _PPPOE_DISCOVERY, _MPLS, _MPLS_MULTICAST, _BACKBONE = 0x8864, 0x8863, 0x8847, 0x8848, 0x88E7
_PPP_IPV4, _PPP_IPV6, _PPP_MPLS = 0x0021, 0x0057, 0x0281
_LENGTH_MAX = 1500  # a smaller "ethertype" is a length (IEEE 802.3)


@inlined
def ethernet(b, p, end, row):  # type: ignore[no-untyped-def]
    """Return (ethertype, position after the header), `CUT` when it is cut."""
    if p + 14 > end:
        return CUT, p
    row["src_hi"] = _MAC_HI
    row["src_lo"] = mac(b, p + 6)
    row["dst_hi"] = _MAC_HI
    row["dst_lo"] = mac(b, p)
    ethertype = be16(b, p + 12)
    p += 14
    tags = 0
    while (ethertype == 0x8100 or ethertype == 0x88A8 or ethertype == 0x9100) and tags < _TAGS_MAX:
        if p + 4 > end:
            return CUT, p
        row["vlan"] = be16(b, p) & 0xFFF
        ethertype = be16(b, p + 2)
        p += 4
        tags += 1
    return ethertype, p


@part
def _cooked(b, p, end, row, version):  # type: ignore[no-untyped-def]
    """Linux cooked capture v1 (113) and v2 (276): the sender's address only."""
    head = 16 if version == 1 else 20
    if p + head > end:
        return CUT, p
    ethertype = be16(b, p + 14) if version == 1 else be16(b, p)
    at = p + 6 if version == 1 else p + 12
    row["src_hi"] = _MAC_HI
    row["src_lo"] = mac(b, at)
    row["dst_hi"] = _MAC_HI
    row["dst_lo"] = np.uint64(0)
    p += head
    if ethertype == 0x8100 and p + 4 <= end:
        row["vlan"] = be16(b, p) & 0xFFF
        ethertype = be16(b, p + 2)
        p += 4
    if ethertype == 4:  # 802.2 frames, by the kernel's own number
        return _llc(b, p, end)
    return ethertype, p


@inlined
def _by_version(b, p, end):  # type: ignore[no-untyped-def]
    """Tell the ethertype of bare IP by its version nibble."""
    if p >= end:
        return CUT
    version = b[p] >> 4
    if version == 4:
        return IPV4
    if version == 6:
        return IPV6
    return NEITHER


@part
def _llc(b, p, end):  # type: ignore[no-untyped-def]
    """Return (ethertype or service access point, position of what it carries)."""
    if p + 3 > end:
        return CUT, p
    point = np.int64(b[p])
    if point == 0xAA and b[p + 1] == 0xAA:
        if p + 8 > end:
            return CUT, p
        return be16(b, p + 6), p + 8
    if point == 6 and b[p + 1] == 6:  # RFC 948
        return np.int64(IPV4), p + 3
    return point, p


@part
def ppp(b, p, end):  # type: ignore[no-untyped-def]
    """Return (ethertype or PPP protocol, position of what it carries).

    Address and control, and the first octet of the protocol, may be left out (RFC 1661).
    """
    if p + 2 <= end and b[p] == 0xFF and b[p + 1] == 3:
        p += 2
    if p >= end:
        return CUT, p
    if b[p] & 1:
        protocol = np.int64(b[p])
        p += 1
    else:
        if p + 2 > end:
            return CUT, p
        protocol = be16(b, p)
        p += 2
    if protocol == _PPP_IPV4:
        protocol = np.int64(IPV4)
    elif protocol == _PPP_IPV6:
        protocol = np.int64(IPV6)
    elif protocol == _PPP_MPLS:
        protocol = np.int64(_MPLS)
    return protocol, p


@part
def _hdlc(b, p, end):  # type: ignore[no-untyped-def]
    """Return what follows Cisco's framing, or that of PPP, as `ppp` does."""
    if p + 4 > end:
        return CUT, p
    if b[p] == 0x0F or b[p] == 0x8F:
        return be16(b, p + 2), p + 4
    return ppp(b, p, end)


@part
def _pppoe(b, p, end):  # type: ignore[no-untyped-def]
    """Return (ethertype or protocol, position, end) of a PPPoE session packet."""
    if p + 6 > end:
        return CUT, p, end
    if b[p] != 0x11 or b[p + 1] != 0:
        return np.int64(_PPPOE_DISCOVERY), p, end
    end = min(end, p + 6 + be16(b, p + 4))
    protocol, p = ppp(b, p + 6, end)
    return protocol, p, end


@part
def _wireless(b, p, end, row):  # type: ignore[no-untyped-def]
    """Return what an 802.11 frame carries; of aggregated data the first part."""
    if p + 10 > end:
        return CUT, p
    kind, flags = np.int64(b[p]), np.int64(b[p + 1])
    row["dst_hi"], row["src_hi"] = _MAC_HI, _MAC_HI
    row["dst_lo"] = mac(b, p + 4)
    row["src_lo"] = mac(b, p + 10) if p + 16 <= end else np.uint64(0)
    frame = np.int64(0x100) | ((kind >> 2) & 3) << 4 | kind >> 4
    if (kind >> 2) & 3 != 2:
        return frame, p
    if p + 24 > end:
        return CUT, p
    ends = flags & 3  # to and from the distribution system
    head = np.int64(30 if ends == 3 else 24)
    is_aggregate = False
    if kind & 0x80:
        if p + head + 2 > end:
            return CUT, p
        is_aggregate = b[p + head] & 0x80 != 0
        head += 6 if flags & 0x80 else 2
    if p + head > end:
        return CUT, p
    if ends == 1 or ends == 3:
        row["dst_lo"] = mac(b, p + 16)
    if ends == 2:
        row["src_lo"] = mac(b, p + 16)
    elif ends == 3:
        row["src_lo"] = mac(b, p + 24)
    if kind & 0x40 or flags & 0x40:  # no data, or none that can be read
        return frame, p
    p += head
    if is_aggregate:
        if p + 14 > end:
            return CUT, p
        row["dst_lo"], row["src_lo"] = mac(b, p), mac(b, p + 6)
        p += 14
    return _llc(b, p, end)


@part
def _radio(b, p, end, link):  # type: ignore[no-untyped-def]
    """Return (link type behind a radio header, its position), `CUT` or `UNKNOWN` instead."""
    if p + 8 > end:
        return CUT, p
    size, inner = np.int64(0), np.int64(105)
    if link == 258:  # PKTAP of macOS; what it holds has the number of a kernel, not of a file
        if p + 12 > end:
            return CUT, p
        size = le16(b, p) | le16(b, p + 2) << 16
        inner = le16(b, p + 8) | le16(b, p + 10) << 16
    elif link == 127:
        size = le16(b, p + 2)
    elif link == 192:
        size, inner = le16(b, p + 2), le16(b, p + 4)
    elif link == 163 or (be32(b, p) & 0xFFFFF000) == 0x80211000:
        size = be32(b, p + 4)
    else:
        size = np.int64(144)
    if size < 8 or p + size > end:
        return CUT, p
    if inner != 105 and inner != 1 and not (link == 258 and (inner == 0 or inner == 12)):
        return UNKNOWN, p
    return inner, p + size


@part
def _nflog(b, p, end):  # type: ignore[no-untyped-def]
    """Return (ethertype, position) of the payload that an NFLOG record holds."""
    p += 4
    for _ in range(64):
        if p + 4 > end:
            break
        size, kind = le16(b, p), le16(b, p + 2)
        if size < 4:
            break
        if kind & 0x7FFF == 9:
            return _by_version(b, p + 4, end), p + 4
        p += (size + 3) & ~3
    return CUT, p


@part
def _relay(b, p, end):  # type: ignore[no-untyped-def]
    """Return what a frame relay frame with a two-octet address carries (RFC 2427)."""
    if p + 4 > end:
        return CUT, p
    if b[p + 2] != 3:
        return be16(b, p + 2), p + 4
    if b[p + 3] == 0xCC:
        return np.int64(IPV4), p + 4
    if b[p + 3] == 0x8E:
        return np.int64(IPV6), p + 4
    if b[p + 3] == 0 and p + 10 <= end and b[p + 4] == 0x80:
        return be16(b, p + 8), p + 10
    return np.int64(b[p + 3]), p + 4


@part
def _rare(b, p, end, link, row):  # type: ignore[no-untyped-def]
    """Return (ethertype, position) for the link types beside the fast way."""
    if link == 119 or link == 127 or link == 163 or link == 192 or link == 258:
        link, p = _radio(b, p, end, link)
        if link < 0:
            return link, p
        if link == 1:
            return ethernet(b, p, end, row)
        if link == 12:
            return _by_version(b, p, end), p
        if link == 0:
            return _by_version(b, p + 4, end), p + 4
    if link == 105:
        return _wireless(b, p, end, row)
    if link == 9:
        return ppp(b, p, end)
    if link == 50 or link == 104:
        return _hdlc(b, p, end)
    if link == 51:
        if p + 6 > end:
            return CUT, p
        if b[p] != 0x11 or b[p + 1] != 0:
            return np.int64(_PPPOE_DISCOVERY), p
        return ppp(b, p + 6, end)
    if link == 166:  # pppd's direction stands in the place of the address
        return ppp(b, p + 2 if p + 2 <= end and b[p + 1] == 3 else p + 1, end)
    if link == 204:
        return ppp(b, p + 1, end)
    if link == 107:
        return _relay(b, p, end)
    if link == 239:
        return _nflog(b, p, end)
    if link == 109:
        return _by_version(b, p + 12, end), p + 12
    if link == 117 and p < end:
        p += (np.int64(b[p]) + 3) & ~3
        return _by_version(b, p, end), p
    return np.int64(LIES if link == framing.LIES else UNKNOWN), p


@inlined
def network(b, p, end, link, row):  # type: ignore[no-untyped-def]
    """Return (ethertype, position of the network header); below 0: `CUT`, `UNKNOWN` ..."""
    if link == 1:
        return ethernet(b, p, end, row)
    if link == 12 or link == 14 or link == 101 or link == 228 or link == 229:
        return _by_version(b, p, end), p
    if link == 113:
        return _cooked(b, p, end, row, 1)
    if link == 276:
        return _cooked(b, p, end, row, 2)
    if link == 0 or link == 108:
        return (_by_version(b, p + 4, end), p + 4) if p + 4 <= end else (CUT, p)
    return _rare(b, p, end, link, row)


@part
def _labels(b, p, end, row):  # type: ignore[no-untyped-def]
    """Return what an MPLS label stack carries: IP, or Ethernet as RFC 4448 has it."""
    at, seen = p, 0
    while seen < _LABELS_MAX:
        if at + 4 > end:
            return CUT, p
        is_last = b[at + 2] & 1
        at += 4
        seen += 1
        if is_last:
            break
    if at >= end or seen >= _LABELS_MAX:
        return np.int64(_MPLS), p
    version, room = b[at] >> 4, end - at
    if version == 4 and room >= 20 and b[at] & 15 >= 5 and be16(b, at + 2) >= 20:
        return np.int64(IPV4), at
    if version == 6 and room >= 40:
        return np.int64(IPV6), at
    for word in range(0, 5, 4):  # without and with a control word
        if (word == 0 or version == 0) and at + word + 14 <= end:
            inner = be16(b, at + word + 12)
            if inner == IPV4 or inner == IPV6 or inner == 0x0806 or inner == 0x8100:
                return ethernet(b, at + word, end, row)
    return np.int64(_MPLS), p


@part
def unwrap(b, p, end, ethertype, is_ethernet, row):  # type: ignore[no-untyped-def]
    """Open what lies between the link header and IP; return (ethertype, position, end).

    At most `_WRAPS_MAX` layers: what is still wrapped then is a frame without IP.
    """
    for _ in range(_WRAPS_MAX):
        if ethertype == _PPPOE:
            ethertype, p, end = _pppoe(b, p, end)
            is_ethernet = False
        elif ethertype == _MPLS or ethertype == _MPLS_MULTICAST:
            at = p
            ethertype, p = _labels(b, p, end, row)
            if p == at:
                break
        elif ethertype == _BACKBONE:
            ethertype, p = ethernet(b, p + 4, end, row)
            is_ethernet = True
        elif ethertype >= 0 and ethertype <= _LENGTH_MAX and is_ethernet:
            end = min(end, p + ethertype)
            ethertype, p = _llc(b, p, end)
            is_ethernet = False
        else:
            break
    return ethertype, p, end
