"""Floods and reflections made by hand, and the calm traffic that looks most like them.

Each takes a time and a rate and gives packets for `tocsin.testing.captures.pcap`. Sources
that are many come from 198.18.0.0/15 (RFC 2544).
"""

from __future__ import annotations

from tocsin.testing.captures import ACK, FIN, SYN, IcmpPacket, Packet, UdpPacket

VICTIM, ATTACKER = "198.51.100.10", "203.0.113.9"
LINK = "2001:db8:1::1"
_MANY = 60_000


def many(n: int) -> str:
    """Return source number ``n`` of 131,072."""
    return f"198.{18 + (n >> 16 & 1)}.{n >> 8 & 255}.{n & 255}"


def udp_flood(
    *, at_s: float, packets: int, rate_s: float, port: int = 80, size: int = 32
) -> list[UdpPacket]:
    """Return UDP of one source, each from another port."""
    data = b"x" * size
    return [
        UdpPacket(at_s + n / rate_s, ATTACKER, 1024 + n % _MANY, VICTIM, port, data)
        for n in range(packets)
    ]


def icmp_flood(*, at_s: float, packets: int, rate_s: float) -> list[IcmpPacket]:
    """Return echo requests of one source."""
    return [IcmpPacket(at_s + n / rate_s, ATTACKER, VICTIM, 8, b"p" * 56) for n in range(packets)]


def tcp_flood(*, at_s: float, packets: int, rate_s: float, flags: int = ACK) -> list[Packet]:
    """Return TCP packets of ever new sources with the flags."""
    return [
        Packet(at_s + n / rate_s, many(n), 1024 + n % _MANY, VICTIM, 80, flags)
        for n in range(packets)
    ]


def ipv6_flood(*, at_s: float, packets: int, rate_s: float) -> list[IcmpPacket]:
    """Return echo requests behind a destination-options header."""
    header = ((60, bytes([0, 0, 1, 4, 0, 0, 0, 0])),)
    return [
        IcmpPacket(at_s + n / rate_s, "2001:db8:1::2", LINK, 128, b"p" * 8, header)
        for n in range(packets)
    ]


def amplification(
    *, at_s: float, packets: int, rate_s: float, port: int = 161, hosts: int = 2000
) -> list[UdpPacket]:
    """Return answers of 400 bytes by ``hosts`` services."""
    data = b"\x80\x80\x80" + b"a" * 397
    return [
        UdpPacket(at_s + n / rate_s, many(n % hosts), port, VICTIM, 40_000 + n % 7, data)
        for n in range(packets)
    ]


def reflector(*, at_s: float, packets: int, rate_s: float) -> list[UdpPacket]:
    """Return DNS questions of 40 bytes in the victim's name, each answered with 1,200."""
    given: list[UdpPacket] = []
    for n in range(packets):
        when, port = at_s + n / rate_s, 1024 + n % _MANY
        asked, told = b"\0\7\1\0" + b"q" * 36, b"\0\7\x81\x80" + b"a" * 1196
        given.append(UdpPacket(when, VICTIM, port, "192.0.2.53", 53, asked))
        given.append(UdpPacket(when + 0.0002, "192.0.2.53", 53, VICTIM, port, told))
    return given


def tcp_reflection(*, at_s: float, packets: int, rate_s: float) -> list[Packet]:
    """Return SYN-ACK of web servers that nobody asked."""
    return [
        Packet(at_s + n / rate_s, many(n % 500), 443, VICTIM, 1024 + n % _MANY, SYN | ACK)
        for n in range(packets)
    ]


def download(*, at_s: float, packets: int, rate_s: float, src_port: int = 443) -> list[UdpPacket]:
    """Return a QUIC-like download that the victim asked for, one answer to ten packets."""
    given = [UdpPacket(at_s, VICTIM, 50_000, "192.0.2.20", src_port, b"h" * 1200)]
    for n in range(packets):
        when = at_s + 0.02 + n / rate_s
        given.append(UdpPacket(when, "192.0.2.20", src_port, VICTIM, 50_000, b"d" * 1200))
        if n % 10 == 9:
            given.append(
                UdpPacket(when + 0.0001, VICTIM, 50_000, "192.0.2.20", src_port, b"k" * 30)
            )
    return given


def answered_questions(*, at_s: float, questions: int, rate_s: float) -> list[UdpPacket]:
    """Return DNS questions of many clients to the victim, each answered 1 ms later."""
    given: list[UdpPacket] = []
    for n in range(questions):
        when, port = at_s + n / rate_s, 1024 + n % _MANY
        given.append(UdpPacket(when, many(n), port, VICTIM, 53, b"\0\7\1\0" + b"q" * 30))
        given.append(
            UdpPacket(when + 0.001, VICTIM, 53, many(n), port, b"\0\7\x81\x80" + b"a" * 60)
        )
    return given


def calm_datagrams() -> list[UdpPacket | IcmpPacket | Packet]:
    """Return ten busy calm seconds: a download, a name server, pings, an upload begun before."""
    upload = [
        Packet(2.0 + n / 4000, "192.0.2.30", 51_000, VICTIM, 443, ACK, b"u" * 1400)
        for n in range(8000)
    ]
    pings = [
        IcmpPacket(0.5 * n + 0.001 * turn, *ends, kind)
        for n in range(20)
        for turn, (ends, kind) in enumerate(
            [(("192.0.2.40", VICTIM), 8), ((VICTIM, "192.0.2.40"), 0)]
        )
    ]
    ends = [Packet(9.0, "192.0.2.30", 51_000, VICTIM, 443, FIN | ACK)]
    return sorted(
        [
            *download(at_s=0.0, packets=20_000, rate_s=10_000.0),
            *answered_questions(at_s=1.0, questions=6000, rate_s=2000.0),
            *upload,
            *pings,
            *ends,
        ],
        key=lambda packet: packet.at_s,
    )
