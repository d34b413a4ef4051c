"""Captures of attacks that hide in names, neighbours, echoes and rhythms, for rules' tests.

Addresses are of the documentation ranges; times are seconds after `captures.START_S`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from hashlib import blake2b, shake_128
from ipaddress import ip_address
from typing import TYPE_CHECKING

from tocsin.testing.calm_networks import question, reply, tls
from tocsin.testing.captures import ACK, RST, SYN, IcmpPacket, Packet, UdpPacket
from tocsin.testing.talks import talk

if TYPE_CHECKING:
    from tocsin.testing.captures import Framed

HOST, GATEWAY, FAR = "192.0.2.7", "192.0.2.1", "203.0.113.9"
RESOLVER = "198.51.100.53"
ABROAD = "192.88.99.9"  # counts as of the internet; its use ended with RFC 7526


@dataclass(frozen=True, slots=True)
class ArpPacket:
    """One ARP packet (RFC 826) of station ``by``, to station ``to`` (0: to all)."""

    at_s: float
    operation: int
    by: int
    sender: str
    to: int
    target: str

    def frame(self) -> bytes:
        """Return the Ethernet frame."""
        own, other = (bytes([2, 0, 0, 0, 0, n]) for n in (self.by, self.to))
        ends = own + ip_address(self.sender).packed + other + ip_address(self.target).packed
        head = struct.pack(">HHBBH", 1, 0x0800, 6, 4, self.operation)
        return (other if self.to else b"\xff" * 6) + own + b"\x08\x06" + head + ends + bytes(18)


def arp_spoofing(*, seconds: int = 20) -> list[Framed]:
    """Return a station between a host and its gateway, which tells both every two seconds."""
    found: list[Framed] = []
    for n in range(seconds // 2):
        found.append(ArpPacket(2.0 * n, 2, 6, GATEWAY, 7, HOST))
        found.append(ArpPacket(2.0 * n + 0.01, 2, 6, HOST, 1, GATEWAY))
    return found


def arp_sweep(*, hosts: int = 120) -> list[Framed]:
    """Return a station that asks for every address of its network, 100 a second."""
    return [ArpPacket(n / 100, 1, 6, "192.0.2.66", 0, f"192.0.2.{n + 100}") for n in range(hosts)]


def _offer(at_s: float, server: str, *, kind: int, leased: str) -> UdpPacket:
    own = ip_address(server).packed
    fixed = struct.pack(">BBBBI", 2, 1, 6, 0, 7) + bytes(8) + ip_address(leased).packed
    fixed += own + bytes(4) + bytes([2, 0, 0, 0, 0, 9]) + bytes(10 + 192) + b"\x63\x82\x53\x63"
    options = bytes([53, 1, kind, 54, 4, *own, 3, 4, *own, 6, 4, *own, 255])
    return UdpPacket(at_s, server, 67, leased, 68, fixed + options)


def rogue_dhcp() -> list[Framed]:
    """Return a server that offers itself as the way out beside the one that was there before."""
    usual = [_offer(300.0 * n, GATEWAY, kind=2, leased="192.0.2.77") for n in range(4)]
    return [*usual, _offer(901.0, "192.0.2.66", kind=2, leased="192.0.2.78")]


def dns_tunnel(*, questions: int = 200) -> list[Framed]:
    """Return data carried out in the labels of one domain, five questions a second."""
    found: list[Framed] = []
    for n in range(questions):
        code = shake_128(n.to_bytes(4)).hexdigest(50)
        asked = question(f"{code[:50]}.{code[50:]}.tunnel.example", number=n, kind=16)
        found.append(UdpPacket(n / 5, HOST, 40_000, RESOLVER, 53, asked))
        found.append(UdpPacket(n / 5 + 0.02, RESOLVER, 53, HOST, 40_000, reply(asked)))
    return found


def generated_names(*, names: int = 120) -> list[Framed]:
    """Return a host that asks for made-up names which don't exist, two a second."""
    found: list[Framed] = []
    for n in range(names):
        made = "".join(chr(97 + c % 26) for c in blake2b(n.to_bytes(4), digest_size=14).digest())
        asked = question(f"{made}.{('com', 'net', 'info')[n % 3]}", number=n)
        found.append(UdpPacket(n / 2, HOST, 40_000 + n, RESOLVER, 53, asked))
        found.append(UdpPacket(n / 2 + 0.02, RESOLVER, 53, HOST, 40_000 + n, reply(asked, code=3)))
    return found


def icmp_tunnel(*, echoes: int = 200) -> list[Framed]:
    """Return a connection in echoes of many sizes, ten a second, both ways."""
    found: list[Framed] = []
    for n in range(echoes):
        out, back = (shake_128(bytes([n % 256, way])).digest(100 + n * 37 % 900) for way in (0, 1))
        found.append(IcmpPacket(n / 10, HOST, FAR, 8, out))
        found.append(IcmpPacket(n / 10 + 0.02, FAR, HOST, 0, back))
    return found


def beacon(*, calls: int = 120) -> list[Framed]:
    """Return a host that calls a nameless TLS server on the internet every five seconds."""
    found: list[Framed] = []
    for n in range(calls):
        found += tls(5.0 * n, (HOST, 20_000 + n, ABROAD, 443), "", answers=1)
    return found


def reverse_shell() -> list[Framed]:
    """Return a shell that came to a listener, and what was typed there."""
    lines = [
        ("<", b"id\n"),
        (">", b"uid=33(www-data) gid=33(www-data) groups=33(www-data)\n"),
        ("<", b"cat /etc/passwd\n"),
        (">", b"root:x:0:0:root:/root:/bin/bash\n"),
    ]
    return list(talk(1.0, (HOST, 50_000, FAR, 4444), lines, pace_s=2.0))


def slow_scan(*, ports: int = 40) -> list[Framed]:
    """Return a scan of one port every four minutes: every other one is open."""
    found: list[Framed] = []
    for n in range(ports):
        there, back = (FAR, 50_000 + n, HOST, 1 + n), (HOST, 1 + n, FAR, 50_000 + n)
        found.append(Packet(240.0 * n, *there, SYN))
        found.append(Packet(240.0 * n + 0.01, *back, (RST if n % 2 else SYN) | ACK))
        if n % 2 == 0:
            found.append(Packet(240.0 * n + 0.02, *there, RST))
    return found
