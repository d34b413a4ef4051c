"""Captures made by hand: a few lines give the bytes of a scan, a flood, a calm hour.

For tests of detectors, here and in plugins. Frames are Ethernet, addresses IPv4 or IPv6;
checksums are left zero, as capture with offload leaves them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Protocol

from tocsin.core.times import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterable

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
START_S = 1_767_225_600.0  # 2026-01-01T00:00:00Z
_PCAP_MAGIC_NS = 0xA1B23C4D
_ETHERNET = 1


@dataclass(frozen=True, slots=True)
class Packet:
    """One TCP packet: seconds after `START_S`, ends, flags, payload and sequence number."""

    at_s: float
    src: str
    src_port: int
    dst: str
    dst_port: int
    flags: int
    payload: bytes = b""
    seq: int = 1

    def frame(self) -> bytes:
        """Return the Ethernet frame."""
        src, dst = ip_address(self.src), ip_address(self.dst)
        tcp = struct.pack(
            ">HHIIBBHHH", self.src_port, self.dst_port, self.seq, 1, 0x50, self.flags, 64240, 0, 0
        )
        body = tcp + self.payload
        if src.version == 4:
            ip = struct.pack(
                ">BBHHHBBH4s4s",
                0x45,
                0,
                20 + len(body),
                0,
                0x4000,
                64,
                6,
                0,
                src.packed,
                dst.packed,
            )
            ethertype = 0x0800
        else:
            ip = struct.pack(">IHBB", 0x6000_0000, len(body), 6, 64) + src.packed + dst.packed
            ethertype = 0x86DD
        ethernet = bytes.fromhex("020000000002020000000001") + struct.pack(">H", ethertype)
        return ethernet + ip + body


@dataclass(frozen=True, slots=True)
class UdpPacket:
    """One UDP datagram: seconds after `START_S`, ends and payload."""

    at_s: float
    src: str
    src_port: int
    dst: str
    dst_port: int
    payload: bytes = b""

    def frame(self) -> bytes:
        """Return the Ethernet frame."""
        udp = struct.pack(">HHHH", self.src_port, self.dst_port, 8 + len(self.payload), 0)
        return framed(self.src, self.dst, proto=17, body=udp + self.payload)


@dataclass(frozen=True, slots=True)
class IcmpPacket:
    """One ICMP message (ICMPv6 between IPv6 addresses), behind ``headers`` if IPv6.

    ``headers`` are (number, bytes) of IPv6 extension headers in their order; their first
    byte, the next header, is filled in.
    """

    at_s: float
    src: str
    dst: str
    kind: int
    payload: bytes = b""
    headers: tuple[tuple[int, bytes], ...] = ()

    def frame(self) -> bytes:
        """Return the Ethernet frame."""
        proto = 1 if ip_address(self.src).version == 4 else 58
        body = struct.pack(">BBHHH", self.kind, 0, 0, 1, 1) + self.payload
        for number, header in reversed(self.headers):
            body = bytes([proto]) + header[1:] + body
            proto = number
        return framed(self.src, self.dst, proto=proto, body=body)


@dataclass(frozen=True, slots=True)
class LaterFragment:
    """One IPv4 fragment that is not the first: no ports, only bytes."""

    at_s: float
    src: str
    dst: str
    proto: int = 17
    payload: bytes = b"f" * 64

    def frame(self) -> bytes:
        """Return the Ethernet frame."""
        return framed(self.src, self.dst, proto=self.proto, body=self.payload, fragment=0x2001)


class Framed(Protocol):
    """Anything that has a time and a frame."""

    @property
    def at_s(self) -> float:
        """Seconds after `START_S`."""

    def frame(self) -> bytes:
        """Return the Ethernet frame."""
        ...


def framed(src: str, dst: str, *, proto: int, body: bytes, fragment: int = 0) -> bytes:
    """Return an Ethernet frame with an IP packet; ``fragment`` as in the IPv4 header."""
    source, target = ip_address(src), ip_address(dst)
    ends = source.packed + target.packed
    if source.version == 4:
        size = 20 + len(body)
        ip = struct.pack(">BBHHHBBH", 0x45, 0, size, 0, fragment or 0x4000, 64, proto, 0) + ends
        ethertype = 0x0800
    else:
        ip = struct.pack(">IHBB", 0x6000_0000, len(body), proto, 64) + ends
        ethertype = 0x86DD
    return bytes.fromhex("020000000002020000000001") + struct.pack(">H", ethertype) + ip + body


def pcap(packets: Iterable[Framed]) -> bytes:
    """Return a classic nanosecond capture of the packets, in the order given."""
    parts = [struct.pack("<IHHiIII", _PCAP_MAGIC_NS, 2, 4, 0, 0, 65535, _ETHERNET)]
    for packet in packets:
        frame = packet.frame()
        at_ns = round((START_S + packet.at_s) * 1_000_000) * 1000
        seconds, rest_ns = divmod(at_ns, NS_PER_S)
        wire_bytes = getattr(packet, "wire_bytes", len(frame))  # more if the frame is cut
        parts.append(struct.pack("<IIII", seconds, rest_ns, len(frame), wire_bytes))
        parts.append(frame)
    return b"".join(parts)


def handshake(at_s: float, src: str, src_port: int, dst: str, dst_port: int) -> list[Packet]:
    """Return a completed handshake of about 3 ms."""
    return [
        Packet(at_s, src, src_port, dst, dst_port, SYN),
        Packet(at_s + 0.001, dst, dst_port, src, src_port, SYN | ACK),
        Packet(at_s + 0.003, src, src_port, dst, dst_port, ACK),
    ]


def page_fetch(at_s: float, src: str, src_port: int, dst: str, *, port: int = 80) -> list[Packet]:
    """Return one small web page fetched and the connection closed."""
    end = at_s + 0.05
    return [
        *handshake(at_s, src, src_port, dst, port),
        Packet(at_s + 0.01, src, src_port, dst, port, PSH | ACK, b"GET / HTTP/1.1\r\n\r\n"),
        Packet(
            at_s + 0.02, dst, port, src, src_port, PSH | ACK, b"HTTP/1.1 200 OK\r\n" + b"x" * 900
        ),
        Packet(end, src, src_port, dst, port, FIN | ACK),
        Packet(end + 0.001, dst, port, src, src_port, FIN | ACK),
        Packet(end + 0.002, src, src_port, dst, port, ACK),
    ]


def calm_web(*, seconds: int, src: str = "192.0.2.10", dst: str = "198.51.100.10") -> list[Packet]:
    """Return one page fetched per second."""
    return [p for n in range(seconds) for p in page_fetch(float(n), src, 40_000 + n, dst)]


def port_scan(
    *, at_s: float, ports: int, src: str = "203.0.113.9", dst: str = "198.51.100.10"
) -> list[Packet]:
    """Return a SYN to each of ``ports`` ports from 1 on, refused 1 ms later."""
    packets = []
    for n in range(ports):
        when = at_s + n * 0.005
        packets.append(Packet(when, src, 50_000, dst, 1 + n, SYN))
        packets.append(Packet(when + 0.001, dst, 1 + n, src, 50_000, RST | ACK))
    return packets


def worm(*, at_s: float, hosts: int, src: str = "198.51.100.10", port: int = 445) -> list[Packet]:
    """Return a host reached at a port that then tries its neighbours there, unanswered."""
    entered = handshake(at_s, "203.0.113.9", 50_000, src, port)
    tries = [
        Packet(at_s + 5 + n / 10, src, 40_000 + n, f"192.0.2.{n + 1}", port, SYN)
        for n in range(hosts)
    ]
    return [*entered, *tries]


def syn_flood(
    *, at_s: float, packets: int, rate_s: float, dst: str = "198.51.100.10", port: int = 80
) -> list[Packet]:
    """Return SYN from ever new sources in 198.18.0.0/15 (RFC 2544), never completed."""
    return [
        Packet(
            at_s + n / rate_s,
            f"198.{18 + (n >> 16 & 1)}.{n >> 8 & 255}.{n & 255}",
            1024 + n % 60_000,
            dst,
            port,
            SYN,
        )
        for n in range(packets)
    ]
