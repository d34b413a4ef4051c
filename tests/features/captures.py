"""Captures made by hand for the packet lane: frames, both capture formats, any byte order."""

from __future__ import annotations

import struct

from tocsin.core.addresses import address_halves
from tocsin.core.inputs import Block
from tocsin.core.parameters import Parameters
from tocsin.features.packet_lane import PacketLane

SYN, ACK, RST, FIN = 2, 16, 4, 1
CLIENT, SERVER, RESOLVER = "203.0.113.9", "198.51.100.5", "198.51.100.53"


def tcp(
    src: str, dst: str, *, sport: int = 40000, dport: int = 80, flags: int = SYN, data: bytes = b""
) -> bytes:
    """Return an Ethernet frame with a TCP segment."""
    segment = struct.pack("!HHIIBBHHH", sport, dport, 0, 0, 0x50, flags, 1024, 0, 0) + data
    return _ip(src, dst, proto=6, data=segment)


def udp(src: str, dst: str, *, sport: int, dport: int, data: bytes = b"") -> bytes:
    """Return an Ethernet frame with a UDP datagram."""
    return _ip(src, dst, proto=17, data=struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data)


def _ip(src: str, dst: str, *, proto: int, data: bytes) -> bytes:
    ends = [address_halves(one)[1] & 0xFFFF_FFFF for one in (src, dst)]
    head = struct.pack("!BBHHHBBHII", 0x45, 0, 20 + len(data), 0, 0, 64, proto, 0, *ends)
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + head + data


def dns_answer(addresses: list[str]) -> bytes:
    """Return a DNS response for one name with A records."""
    out = struct.pack("!HHHHHH", 7, 0x8180, 1, len(addresses), 0, 0)
    out += b"\3www\7example\0" + struct.pack("!HH", 1, 1)
    for address in addresses:
        low = address_halves(address)[1] & 0xFFFF_FFFF
        out += b"\xc0\x0c" + struct.pack("!HHIHI", 1, 1, 60, 4, low)
    return out


def pcap(
    packets: list[tuple[float, bytes]], *, link: int = 1, order: str = "<", is_nano: bool = False
) -> bytes:
    """Return a classic capture of (time in s, frame)."""
    magic, ticks = (0xA1B23C4D, 10**9) if is_nano else (0xA1B2C3D4, 10**6)
    out = struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    for time_s, frame in packets:
        seconds, rest = divmod(round(time_s * 10**6) * (ticks // 10**6), ticks)
        out += struct.pack(f"{order}IIII", seconds, rest, len(frame), len(frame)) + frame
    return out


def pcapng(packets: list[tuple[float, bytes]], *, order: str = "<", resolution: int = 6) -> bytes:
    """Return a pcapng capture: one section, one interface, enhanced packet blocks."""
    out = _block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)
    option = struct.pack(f"{order}HHBxxxI", 9, 1, resolution, 0)
    out += _block(1, struct.pack(f"{order}HHI", 1, 0, 0) + option, order)
    for time_s, frame in packets:
        units = round(time_s * 10**6) * 10**resolution // 10**6
        head = struct.pack(
            f"{order}IIIII", 0, units >> 32, units & 0xFFFFFFFF, len(frame), len(frame)
        )
        out += _block(6, head + frame + bytes(-len(frame) % 4), order)
    return out


def _block(kind: int, body: bytes, order: str) -> bytes:
    length = struct.pack(f"{order}I", len(body) + 12)
    return struct.pack(f"{order}I", kind) + length + body + length


def lane_of(content: bytes, *, cut: int = 0, parameters: Parameters | None = None) -> PacketLane:
    """Return a lane that was fed the content in pieces of ``cut`` bytes and finished."""
    lane = PacketLane("capture.pcap", parameters=parameters or Parameters(), flows_wanted=True)
    step = cut or max(len(content), 1)
    for at in range(0, len(content), step):
        lane.feed(Block("capture.pcap", content[at : at + step], at))
    lane.finish()
    return lane
