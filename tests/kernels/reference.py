"""What a frame says, by a second decoder: plain Python over slices, one function per header.

Written from the standards and from what `tocsin.kernels` states, not from its code: no
positions are carried along, a cut shows as a slice that is too short.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

V4, MAC = 0xFFFF << 32, 0x0100_0000_0000_0001 << 64
_TINY, _NESTED, _MANY = 1, 8, 16


class MalformedError(Exception):
    """The reason why a frame is weird."""


@dataclass(frozen=True)
class Facts:
    """What a decoded row holds; addresses as 128-bit numbers."""

    src: int = 0
    dst: int = 0
    ethertype: int = 0
    vlan: int = 0
    proto: int = 0
    src_port: int = 0
    dst_port: int = 0
    flags: int = 0
    seq: int = 0
    window: int = 0
    ttl: int = 0
    icmp_type: int = 0
    payload: int = 0
    captured: int = 0
    is_fragment: int = 0
    extensions: int = 0
    layers: int = 0
    odd: int = 0


@dataclass
class Carried:
    """A network packet and what the headers before it told."""

    ethertype: int
    data: bytes
    facts: Facts = field(default_factory=Facts)


def number(data: bytes, at: int, size: int = 2) -> int:
    return int.from_bytes(data[at : at + size], "big")


def need(data: bytes, size: int, reason: str = "cut inside the link header") -> None:
    if len(data) < size:
        raise MalformedError(reason)


def reference(frame: bytes, link: int) -> Facts:
    """Return what the frame says; raises `MalformedError`."""
    carried = unwrapped(link_header(frame, link), is_ethernet=link == 1)
    if carried.ethertype in (0x0800, 0x86DD):
        return packet(carried, depth=0)
    if carried.ethertype == 0x0806:
        need(carried.data, 28, "cut inside ARP")
    size = len(carried.data)
    return replace(carried.facts, ethertype=carried.ethertype, payload=size, captured=size)


def bare_ip(data: bytes) -> Carried:
    need(data, 1)
    if data[0] >> 4 not in (4, 6):
        raise MalformedError("IP version contradicts the link header")
    return Carried(0x0800 if data[0] >> 4 == 4 else 0x86DD, data)


def link_header(frame: bytes, link: int) -> Carried:
    if link in (12, 14, 101, 228, 229):
        return bare_ip(frame)
    if link in (113, 276):
        return cooked(frame, link)
    if link in (119, 127, 163, 192, 258):
        return radio(frame, link)
    if link not in LINK_HEADERS:
        raise MalformedError("link type not supported")
    return LINK_HEADERS[link](frame)


def null(frame: bytes) -> Carried:
    need(frame, 4)
    return bare_ip(frame[4:])


def hdlc(frame: bytes) -> Carried:
    need(frame, 4)
    if frame[0] in (0x0F, 0x8F):
        return Carried(number(frame, 2), frame[4:])
    return ppp(frame)


def pflog(frame: bytes) -> Carried:
    need(frame, 1, "link type not supported")
    return bare_ip(frame[(frame[0] + 3) // 4 * 4 :])


def ethernet(data: bytes, facts: Facts) -> Carried:
    need(data, 14)
    facts = replace(facts, src=MAC | number(data, 6, 6), dst=MAC | number(data, 0, 6))
    kind, data = number(data, 12), data[14:]
    for _ in range(4):
        if kind not in (0x8100, 0x88A8, 0x9100):
            break
        need(data, 4)
        facts = replace(facts, vlan=number(data, 0) & 0xFFF)
        kind, data = number(data, 2), data[4:]
    return Carried(kind, data, facts)


def cooked(frame: bytes, link: int) -> Carried:
    need(frame, 16 if link == 113 else 20)
    kind, at, rest = (14, 6, 16) if link == 113 else (0, 12, 20)
    kind, data = number(frame, kind), frame[rest:]
    facts = Facts(src=MAC | number(frame, at, 6), dst=MAC)
    if kind == 0x8100 and len(data) >= 4:
        facts = replace(facts, vlan=number(data, 0) & 0xFFF)
        kind, data = number(data, 2), data[4:]
    return llc(data, facts) if kind == 4 else Carried(kind, data, facts)


def llc(data: bytes, facts: Facts) -> Carried:
    need(data, 3)
    if data[:2] == b"\xaa\xaa":
        need(data, 8)
        return Carried(number(data, 6), data[8:], facts)
    if data[:2] == b"\6\6":
        return Carried(0x0800, data[3:], facts)
    return Carried(data[0], data, facts)


def ppp(data: bytes, facts: Facts | None = None) -> Carried:
    if data[:2] == b"\xff\3":
        data = data[2:]
    need(data, 1)
    size = 1 if data[0] & 1 else 2
    need(data, size)
    protocol = number(data, 0, size)
    kind = {0x21: 0x0800, 0x57: 0x86DD, 0x281: 0x8847}.get(protocol, protocol)
    return Carried(kind, data[size:], facts or Facts())


def pppoe(data: bytes, facts: Facts, *, is_trimmed: bool = True) -> Carried:
    need(data, 6)
    if data[:2] != b"\x11\0":
        return Carried(0x8863, data, facts)
    return ppp(data[6 : 6 + number(data, 4)] if is_trimmed else data[6:], facts)


def wireless(frame: bytes) -> Carried:
    need(frame, 10)
    kind, flags = frame[0], frame[1]
    macs = [MAC | number(frame, at, 6) for at in (4, 10, 16, 24)]
    facts = Facts(src=macs[1] if len(frame) >= 16 else MAC, dst=macs[0])
    code = 0x100 + (kind >> 2 & 3) * 16 + (kind >> 4)
    if kind >> 2 & 3 != 2:
        return Carried(code, frame, facts)
    need(frame, 24)
    to, from_ = flags & 1, flags >> 1 & 1
    size = 30 if to and from_ else 24
    is_aggregate = False
    if kind & 0x80:
        need(frame, size + 2)
        is_aggregate = bool(frame[size] & 0x80)
        size += 6 if flags & 0x80 else 2
    need(frame, size)
    src = macs[3] if to and from_ else macs[2] if from_ else macs[1]
    facts = Facts(src=src, dst=macs[2] if to else macs[0])
    if kind & 0x40 or flags & 0x40:
        return Carried(code, frame, facts)
    data = frame[size:]
    if is_aggregate:
        need(data, 14)
        facts = Facts(src=MAC | number(data, 6, 6), dst=MAC | number(data, 0, 6))
        data = data[14:]
    return llc(data, facts)


def radio(frame: bytes, link: int) -> Carried:
    need(frame, 8)
    inner = 105
    if link == 258:
        need(frame, 12)
        size = int.from_bytes(frame[:4], "little")
        inner = int.from_bytes(frame[8:12], "little")
    elif link in (127, 192):
        size = int.from_bytes(frame[2:4], "little")
        inner = int.from_bytes(frame[4:6], "little") if link == 192 else 105
    elif link == 163 or number(frame, 0, 4) >> 12 == 0x80211:
        size = number(frame, 4, 4)
    else:
        size = 144
    if size < 8:
        raise MalformedError("cut inside the link header")
    need(frame, size)
    if inner not in (1, 105) and not (link == 258 and inner in (0, 12)):
        raise MalformedError("link type not supported")
    return link_header(frame[size:], inner)


def nflog(frame: bytes) -> Carried:
    data = frame[4:]
    for _ in range(64):
        need(data, 4)
        size, kind = int.from_bytes(data[:2], "little"), int.from_bytes(data[2:4], "little")
        if size < 4:
            break
        if kind & 0x7FFF == 9:
            return bare_ip(data[4:])
        data = data[(size + 3) // 4 * 4 :]
    raise MalformedError("cut inside the link header")


def relay(frame: bytes) -> Carried:
    need(frame, 4)
    if frame[2] != 3:
        return Carried(number(frame, 2), frame[4:])
    if frame[3] == 0 and len(frame) >= 10 and frame[4] == 0x80:
        return Carried(number(frame, 8), frame[10:])
    return Carried({0xCC: 0x0800, 0x8E: 0x86DD}.get(frame[3], frame[3]), frame[4:])


def unwrapped(carried: Carried, *, is_ethernet: bool) -> Carried:
    for _ in range(8):
        kind, data, facts = carried.ethertype, carried.data, carried.facts
        if kind == 0x8864:
            carried, is_ethernet = pppoe(data, facts), False
        elif kind in (0x8847, 0x8848):
            inner = labels(data, facts)
            if inner is None:
                return Carried(0x8847, data, facts)
            carried = inner
        elif kind == 0x88E7:
            carried, is_ethernet = ethernet(data[4:], facts), True
        elif kind <= 1500 and is_ethernet:
            carried, is_ethernet = llc(data[:kind], facts), False
        else:
            break
    return carried


def labels(data: bytes, facts: Facts) -> Carried | None:
    seen = 0
    while True:
        need(data, 4)
        is_last, data, seen = data[2] & 1, data[4:], seen + 1
        if seen == 16:
            return None
        if is_last:
            break
    if not data:
        return None
    if len(data) >= 20 and data[0] >> 4 == 4 and data[0] & 15 > 4 and number(data, 2) >= 20:
        return Carried(0x0800, data, facts)
    if len(data) >= 40 and data[0] >> 4 == 6:
        return Carried(0x86DD, data, facts)
    for word in (0, 4) if data[0] >> 4 == 0 else (0,):
        at = data[word:]
        if len(at) >= 14 and number(at, 12) in (0x0800, 0x86DD, 0x0806, 0x8100):
            return ethernet(at, facts)
    return None


def packet(carried: Carried, *, depth: int) -> Facts:
    """Return the facts of the innermost packet that is whole."""
    facts = replace(Facts(), vlan=carried.facts.vlan, ethertype=carried.ethertype, layers=depth)
    data, length, facts, later = (ipv4 if carried.ethertype == 0x0800 else ipv6)(
        carried.data, facts
    )
    if later:
        return replace(facts, payload=length)
    if facts.odd & _MANY:
        return facts
    facts = transport(data[:length], length, facts)
    is_tunnel = facts.proto in (4, 41, 47, 97, 137) or (
        facts.proto == 17
        and (facts.dst_port in (4789, 8472, 6081, 2152, 3544) or facts.src_port == 3544)
    )
    if not is_tunnel:
        return facts
    if depth == 4:
        return replace(facts, odd=facts.odd | _NESTED)
    try:
        inner = inside(data[:length], facts)
        if inner is None:
            return facts
        inner = unwrapped(inner, is_ethernet=inner.ethertype <= 1500)
        if inner.ethertype == 0x0806 and len(inner.data) >= 28:
            size = len(inner.data)
            bare = Facts(src=inner.facts.src, dst=inner.facts.dst, vlan=inner.facts.vlan)
            return replace(bare, ethertype=0x0806, layers=depth + 1, payload=size, captured=size)
        if inner.ethertype in (0x0800, 0x86DD):
            return packet(inner, depth=depth + 1)
    except MalformedError:
        pass
    return facts


def ipv4(data: bytes, facts: Facts) -> tuple[bytes, int, Facts, bool]:
    need(data, 20, "cut inside the IP header")
    if data[0] >> 4 != 4:
        raise MalformedError("IP version contradicts the link header")
    head = (data[0] & 15) * 4
    if head < 20:
        raise MalformedError("IPv4 header length under 20")
    total = number(data, 2) or len(data)
    if total < head:
        raise MalformedError("IPv4 total length under its header")
    fragment, proto = number(data, 6) & 0x3FFF, data[9]
    facts = replace(
        facts, src=V4 | number(data, 12, 4), dst=V4 | number(data, 16, 4), ttl=data[8],
        proto=proto, is_fragment=int(fragment > 0),
    )  # fmt: skip
    if proto == 51 and not fragment & 0x1FFF:
        return extensions(data[head:], total - head, facts)
    return data[head:], total - head, facts, fragment & 0x1FFF > 0


def ipv6(data: bytes, facts: Facts) -> tuple[bytes, int, Facts, bool]:
    need(data, 40, "cut inside the IP header")
    if data[0] >> 4 != 6:
        raise MalformedError("IP version contradicts the link header")
    facts = replace(
        facts, src=number(data, 8, 16), dst=number(data, 24, 16), ttl=data[7], proto=data[6]
    )
    return extensions(data[40:], number(data, 4) or len(data) - 40, facts)


def extensions(data: bytes, length: int, facts: Facts) -> tuple[bytes, int, Facts, bool]:
    seen, walked, later, reason = 0, 0, False, "cut inside an IPv6 extension header"
    while facts.proto in (0, 43, 44, 51, 60, 135, 139, 140) and not later:
        if seen == 8:
            facts = replace(facts, odd=facts.odd | _MANY)
            break
        need(data, 8, reason)
        if length < 8:
            raise MalformedError(reason)
        size = 8 * (data[1] + 1)
        if facts.proto == 44:
            size, later = 8, number(data, 2) & 0xFFF8 > 0
            facts = replace(facts, is_fragment=1)
        elif facts.proto == 51:
            size = 4 * (data[1] + 2)
        walked += facts.proto != 44
        facts = replace(facts, proto=data[0])
        data, length, seen = data[size:], length - size, seen + 1
    if length < 0:
        raise MalformedError(reason)
    return data, length, replace(facts, extensions=walked), later


def transport(data: bytes, length: int, facts: Facts) -> Facts:
    sizes = {6: 14, 17: 8, 1: 4, 58: 4, 132: 8, 33: 8, 136: 8}
    if len(data) < sizes.get(facts.proto, 0):
        if not facts.is_fragment:
            raise MalformedError("cut inside the transport header")
        has_ports = facts.proto not in (1, 58) and len(data) >= 4
        src_port, dst_port = (number(data, 0), number(data, 2)) if has_ports else (0, 0)
        return replace(facts, src_port=src_port, dst_port=dst_port, odd=facts.odd | _TINY)
    head = {17: 8, 1: 8, 58: 8, 132: 12, 33: 12, 136: 8}.get(facts.proto, 0)
    if facts.proto == 6:
        head = (data[12] >> 4) * 4
        facts = replace(facts, seq=number(data, 4, 4), flags=data[13])
        facts = replace(facts, window=number(data, 14) if len(data) >= 16 else 0)
        if head < 20:
            raise MalformedError("TCP header length under 20")
    if facts.proto in (6, 17, 132, 33, 136):
        facts = replace(facts, src_port=number(data, 0), dst_port=number(data, 2))
    if facts.proto in (1, 58):
        facts = replace(facts, icmp_type=data[0])
    return replace(facts, payload=max(length - head, 0), captured=max(len(data) - head, 0))


def inside(data: bytes, facts: Facts) -> Carried | None:
    """Return what a tunnel's packet carries, None if it is none."""
    match facts.proto:
        case 4:
            return Carried(0x0800, data, facts)
        case 41:
            return Carried(0x86DD, data, facts)
        case 47:
            return gre(data, facts)
        case 97:
            return ethernet(data[2:], facts) if data[:1] == b"\x30" else None
        case 137:
            return Carried(0x8847, data, facts)
    data = data[8:]
    if facts.dst_port in (4789, 8472):
        if len(data) < 8 or data[0] & 0x7F != 8 or data[7] != 0:
            return None
        return ethernet(data[8:], facts)
    if facts.dst_port == 6081:
        if len(data) < 8 or data[0] >> 6:
            return None
        rest = data[8 + (data[0] & 0x3F) * 4 :]
        kind = number(data, 2)
        return ethernet(rest, facts) if kind == 0x6558 else Carried(kind, rest, facts)
    if facts.dst_port == 2152:
        return gtp(data, facts)
    return teredo(data, facts)


def gre(data: bytes, facts: Facts) -> Carried | None:
    need(data, 4)
    bits, kind, data = number(data, 0), number(data, 2), data[4:]
    if bits & 7 == 1:
        if kind != 0x880B:
            return None
        return ppp(data[4 + 4 * (bits >> 12 & 1) + 4 * (bits >> 7 & 1) :], facts)
    if bits & 7 or bits & 0x4000:
        return None
    data = data[4 * ((bits >> 15) + (bits >> 13 & 1) + (bits >> 12 & 1)) :]
    if kind == 0x6558:
        return ethernet(data, facts)
    if kind == 0x88BE:
        return ethernet(data[8:] if bits & 0x1000 else data, facts)
    if kind == 0x22EB:
        need(data, 12)
        return ethernet(data[20 if data[11] & 1 else 12 :], facts)
    return Carried(kind, data, facts)


def gtp(data: bytes, facts: Facts) -> Carried | None:
    if len(data) < 8 or data[0] >> 3 != 6 or data[1] != 0xFF:
        return None
    at = 8
    if data[0] & 7:
        at = 12
        kind = data[11] if len(data) >= 12 and data[0] & 4 else 0
        for _ in range(8):
            if kind == 0:
                break
            if at >= len(data) or data[at] == 0 or at + 4 * data[at] > len(data):
                return None
            at += 4 * data[at]
            kind = data[at - 1]
    data = data[at:]
    if not data or data[0] >> 4 not in (4, 6):
        return None
    return Carried(0x0800 if data[0] >> 4 == 4 else 0x86DD, data, facts)


def teredo(data: bytes, facts: Facts) -> Carried | None:
    if len(data) >= 4 and number(data, 0) == 1:
        data = data[13 + data[2] + data[3] :]
    if len(data) >= 8 and number(data, 0) == 0:
        data = data[8:]
    if len(data) < 40 or data[0] >> 4 != 6 or number(data, 4) > len(data) - 40:
        return None
    if not any(
        number(data, at, 4) == 0x20010000 or number(data, at) >> 6 == 0x3FA for at in (8, 24)
    ):
        return None
    return Carried(0x86DD, data, facts)


LINK_HEADERS: dict[int, Callable[[bytes], Carried]] = {
    0: null,
    1: lambda frame: ethernet(frame, Facts()),
    9: ppp,
    50: hdlc,
    51: lambda frame: pppoe(frame, Facts(), is_trimmed=False),
    104: hdlc,
    105: wireless,
    107: relay,
    108: null,
    109: lambda frame: bare_ip(frame[12:]),
    117: pflog,
    166: lambda frame: ppp(frame[2:] if frame[1:2] == b"\3" else frame[1:]),
    204: lambda frame: ppp(frame[1:]),
    239: nflog,
}
