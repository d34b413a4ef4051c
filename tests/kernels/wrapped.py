"""One TCP segment in every wrapping that the decoder opens: (link type, frame) by name."""

from __future__ import annotations

import struct

from tests.features.captures import CLIENT, SERVER, tcp

FRAME = tcp(CLIENT, SERVER, sport=4000, dport=22, data=b"SSH-2.0-x\r\n")
PACKET = FRAME[14:]
_MACS = bytes.fromhex("0200000000aa0200000000bb")
_OUTER = bytes.fromhex("020000000003020000000004")
_SNAP = b"\xaa\xaa\x03\0\0\0"
_SIX = bytes.fromhex("20010db8") + bytes(11)
_TEREDO = bytes.fromhex("20010000c6336401") + bytes(7)


def ethernet(ethertype: int, body: bytes) -> bytes:
    """Return an Ethernet frame."""
    return _OUTER + struct.pack("!H", ethertype) + body


def ipv4(proto: int, body: bytes, *, fragment: int = 0, identification: int = 0) -> bytes:
    """Return an IPv4 packet between 192.0.2.1 and 192.0.2.2."""
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), identification, fragment, 9, proto, 0)
    return head + bytes([192, 0, 2, 1, 192, 0, 2, 2]) + body


def ipv6(proto: int, body: bytes, *, prefix: bytes = _SIX) -> bytes:
    """Return an IPv6 packet between the prefix's addresses 1 and 2."""
    head = struct.pack("!IHBB", 6 << 28, len(body), proto, 9)
    return head + prefix + b"\1" + prefix + b"\2" + body


def datagram(dport: int, body: bytes, *, sport: int = 5555) -> bytes:
    """Return a UDP datagram."""
    return struct.pack("!HHHH", sport, dport, 8 + len(body), 0) + body


def _in_ip(proto: int, body: bytes) -> tuple[int, bytes]:
    return 1, ethernet(0x0800, ipv4(proto, body))


def _in_udp(port: int, body: bytes) -> tuple[int, bytes]:
    return _in_ip(17, datagram(port, body))


def _wireless(control: int, flags: int, addresses: int, *, more: bytes = b"") -> bytes:
    macs = b"".join(b"\2\0\0\0\0" + bytes([n]) for n in range(1, addresses + 1))
    return bytes([control, flags, 0, 0]) + macs[:18] + b"\0\0" + macs[18:] + more


LABELS = b"\0\x01\0\x40\0\x02\x01\x40"
LINKS: dict[str, tuple[int, bytes]] = {
    "ethernet": (1, FRAME),
    "vlan": (1, FRAME[:12] + b"\x81\0\0\7" + FRAME[12:]),
    "qinq": (1, FRAME[:12] + b"\x88\xa8\0\x09\x81\0\0\7" + FRAME[12:]),
    "raw": (101, PACKET),
    "null": (0, b"\2\0\0\0" + PACKET),
    "cooked": (113, bytes(6) + b"\2\0\0\0\0\1\0\0\x08\0" + PACKET),
    "cooked, 802.2": (113, bytes(14) + b"\0\4" + _SNAP + b"\x08\0" + PACKET),
    "cooked 2": (276, b"\x08\0" + bytes(18) + PACKET),
    "snap": (1, _MACS + struct.pack("!H", 8 + len(PACKET)) + _SNAP + b"\x08\0" + PACKET),
    "llc": (1, _MACS + struct.pack("!H", 3 + len(PACKET)) + b"\6\6\3" + PACKET),
    "802.11": (105, _wireless(0x08, 0, 3) + _SNAP + b"\x08\0" + PACKET),
    "802.11 to": (105, _wireless(0x08, 1, 3) + _SNAP + b"\x08\0" + PACKET),
    "802.11 from": (105, _wireless(0x08, 2, 3) + _SNAP + b"\x08\0" + PACKET),
    "802.11 bridged": (105, _wireless(0x08, 3, 4) + _SNAP + b"\x08\0" + PACKET),
    "802.11 qos": (105, _wireless(0x88, 1, 3, more=b"\0\0") + _SNAP + b"\x08\0" + PACKET),
    "802.11 htc": (105, _wireless(0x88, 0x81, 3, more=bytes(6)) + _SNAP + b"\x08\0" + PACKET),
    "802.11 a-msdu": (
        105,
        _wireless(0x88, 1, 3, more=b"\x80\0") + _MACS + b"\0\x50" + _SNAP + b"\x08\0" + PACKET,
    ),
    "radiotap": (127, b"\0\0\x0c\0" + bytes(8) + _wireless(8, 0, 3) + _SNAP + b"\x08\0" + PACKET),
    "prism": (119, bytes(144) + _wireless(8, 0, 3) + _SNAP + b"\x08\0" + PACKET),
    "avs": (
        163,
        b"\x80\x21\x10\1\0\0\0\x40" + bytes(56) + _wireless(8, 0, 3) + _SNAP + b"\x08\0" + PACKET,
    ),
    "ppi": (192, b"\0\0\x08\0\x69\0\0\0" + _wireless(8, 0, 3) + _SNAP + b"\x08\0" + PACKET),
    "pktap": (258, struct.pack("<III", 16, 1, 1) + bytes(4) + FRAME),
    "pktap, raw": (258, struct.pack("<III", 16, 1, 12) + bytes(4) + PACKET),
    "ppp": (9, b"\xff\3\0\x21" + PACKET),
    "ppp, compressed": (9, b"\x21" + PACKET),
    "ppp serial": (50, b"\xff\3\0\x21" + PACKET),
    "cisco hdlc": (104, b"\x0f\0\x08\0" + PACKET),
    "ppp ether": (51, b"\x11\0\0\1" + struct.pack("!H", 2 + len(PACKET)) + b"\0\x21" + PACKET),
    "pppd": (166, b"\1\3\0\x21" + PACKET),
    "ppp, direction": (204, b"\1\xff\3\0\x21" + PACKET),
    "pppoe": (
        1,
        ethernet(0x8864, b"\x11\0\0\1" + struct.pack("!H", 2 + len(PACKET)) + b"\0\x21" + PACKET),
    ),
    "frame relay": (107, b"\x18\x41\3\xcc" + PACKET),
    "nflog": (239, b"\2\0\0\0" + b"\6\0\1\0abXX" + struct.pack("<HH", 4 + len(PACKET), 9) + PACKET),
    "enc": (109, bytes(12) + PACKET),
    "pflog": (117, b"\x3d" + bytes(63) + PACKET),
    "mpls": (1, ethernet(0x8847, LABELS + PACKET)),
    "mpls, ethernet": (1, ethernet(0x8847, LABELS + FRAME)),
    "mpls, control word": (1, ethernet(0x8847, LABELS + bytes(4) + FRAME)),
    "backbone": (1, ethernet(0x88E7, bytes(4) + FRAME)),
}
TUNNELS: dict[str, tuple[int, bytes]] = {
    "ip in ip": _in_ip(4, PACKET),
    "ip in ipv6": (1, ethernet(0x86DD, ipv6(4, PACKET))),
    "gre": _in_ip(47, b"\0\0\x08\0" + PACKET),
    "gre, all": _in_ip(47, b"\xb0\0\x08\0" + bytes(12) + PACKET),
    "gre, bridged": _in_ip(47, b"\x20\0\x65\x58\0\0\0\1" + FRAME),
    "gre, ppp": _in_ip(47, b"\x30\x81\x88\x0b" + bytes(12) + b"\xff\3\0\x21" + PACKET),
    "gre, mpls": _in_ip(47, b"\0\0\x88\x47" + LABELS + PACKET),
    "erspan": _in_ip(47, b"\x10\0\x88\xbe" + bytes(4) + b"\x10" + bytes(7) + FRAME),
    "erspan 3": _in_ip(47, b"\x10\0\x22\xeb" + bytes(4) + b"\x20" + bytes(11) + FRAME),
    "etherip": _in_ip(97, b"\x30\0" + FRAME),
    "mpls in ip": _in_ip(137, LABELS + PACKET),
    "vxlan": _in_udp(4789, b"\x08" + bytes(7) + FRAME),
    "vxlan, pppoe": _in_udp(4789, b"\x08" + bytes(7) + LINKS["pppoe"][1]),
    "geneve": _in_udp(6081, b"\1\0\x65\x58" + bytes(4) + b"\0\1\0\0" + FRAME),
    "geneve, ip": _in_udp(6081, b"\0\0\x08\0" + bytes(4) + PACKET),
    "gtp": _in_udp(2152, b"\x30\xff" + struct.pack("!HI", len(PACKET), 7) + PACKET),
    "gtp, extended": _in_udp(2152, b"\x34\xff\0\0\0\0\0\7\0\0\0\x85\1\0\0\0" + PACKET),
}
TEREDO = _in_udp(3544, ipv6(6, PACKET[20:], prefix=_TEREDO))
TEREDO_FULL = _in_udp(
    3544, b"\0\1\0\0" + bytes(9) + bytes(8) + ipv6(6, PACKET[20:], prefix=_TEREDO)
)
AH = _in_ip(51, b"\6\4\0\0" + bytes(20) + PACKET[20:])
CORPUS = [*LINKS.values(), *TUNNELS.values(), TEREDO, TEREDO_FULL, AH]
"""All of them, for mutation."""
