"""Calm hosts with odd habits: clocks, peers, pushes, big copies; see `calm_networks`."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from tocsin.testing.calm_networks import name, question, tls
from tocsin.testing.captures import ACK, RST, SYN, Packet, UdpPacket, handshake
from tocsin.testing.floods import many
from tocsin.testing.talks import talk
from tocsin.testing.uploads import hello

if TYPE_CHECKING:
    from tocsin.testing.captures import Framed

_BIG_BYTES = 60_000
_HEAD_BYTES = 64


@dataclass(frozen=True, slots=True)
class Big(Packet):
    """A segment of 60,000 bytes as capture with offload shows it, cut at 64 bytes of payload."""

    def frame(self) -> bytes:
        """Return the beginning of the Ethernet frame."""
        made = Packet.frame(self)
        return made[:16] + struct.pack(">H", 40 + _BIG_BYTES) + made[18:]

    @property
    def wire_bytes(self) -> int:
        """How long the frame was."""
        return 54 + _BIG_BYTES


def bulk(
    at_s: float, ends: tuple[str, int, str, int], *, size_bytes: int, rate_s: float, is_up: bool
) -> list[Framed]:
    """Return that many bytes in one direction, acknowledged, behind what was said before."""
    there, back = ends, (*ends[2:], *ends[:2])
    data, quiet = (there, back) if is_up else (back, there)
    found: list[Framed] = []
    for n in range(size_bytes // _BIG_BYTES):
        when = at_s + n * _BIG_BYTES / rate_s
        sequence = (10_000 + n * _BIG_BYTES) & 0xFFFF_FFFF
        found.append(Big(when, *data, ACK, b"\x17\x03\x03" + bytes(_HEAD_BYTES - 3), sequence))
        if n % 4 == 0:
            found.append(Packet(when + 0.0001, *quiet, ACK))
    return found


def night_backup() -> list[Framed]:
    """Return 2 GB written to a storage box of the same network at 02:00."""
    ends, at_s = ("192.0.2.30", 50_445, "192.0.2.9", 445), 7200.0
    opening = b"\0\0\0\x40\xfeSMB" + bytes(60)
    found: list[Framed] = list(handshake(at_s, *ends))
    found.append(Packet(at_s + 0.01, *ends, ACK, opening))
    found.append(Packet(at_s + 0.02, *ends[2:], *ends[:2], ACK, opening))
    found += bulk(at_s + 0.1, ends, size_bytes=2_000_000_000, rate_s=80e6, is_up=True)
    return found


def speed_test() -> list[Framed]:
    """Return eight streams down, then eight up, ten seconds each, 200 Mbit/s."""
    found: list[Framed] = []
    for lane in range(16):
        is_up, at_s = lane >= 8, 0.05 * lane + (12.0 if lane >= 8 else 1.0)
        ends = ("192.0.2.31", 51_000 + lane, "198.18.7.7", 443)
        found += tls(at_s, ends, "speed.provider.example")[:-2]
        found += bulk(at_s + 0.5, ends, size_bytes=31_000_000, rate_s=3.1e6, is_up=is_up)
    return found


def streaming() -> list[Framed]:
    """Return a film in pieces of four seconds, from twelve servers over TLS and QUIC, ten min."""
    found: list[Framed] = []
    for n in range(150):
        at_s, server = 4.0 * n, many(5000 + n % 12)
        ends = ("192.0.2.32", 52_000 + n, server, 443)
        found += tls(at_s, ends, f"cdn{n % 12}.video.example")[:-2]
        found += bulk(at_s + 0.3, ends, size_bytes=1_500_000, rate_s=3e6, is_up=False)
        for k in range(300):
            when = at_s + k / 300
            found.append(UdpPacket(when, server, 443, "192.0.2.32", 60_000, bytes(1200)))
            if k % 5 == 0:
                found.append(UdpPacket(when, "192.0.2.32", 60_000, server, 443, bytes(40)))
    return found


def peers(*, minutes: int = 10) -> list[Framed]:
    """Return a file sharing client: DHT, uTP and TCP to strangers, most of whom are gone."""
    found: list[Framed] = []
    dice, me = Random(4), "192.0.2.33"  # noqa: S311 - repeatable
    for n in range(minutes * 120):
        at_s, peer = n / 2 + dice.random(), many(dice.randrange(60_000))
        port = 1024 + dice.randrange(60_000) if n % 3 else 6881
        ask = b"d1:ad2:id20:" + dice.randbytes(20) + b"e1:q4:ping1:t2:aa1:y1:qe"
        found.append(UdpPacket(at_s, me, 51_413, peer, port, ask))
        if dice.random() < 0.4:  # the rest are gone
            told = b"d1:rd2:id20:" + dice.randbytes(20) + b"e1:t2:aa1:y1:re"
            found.append(UdpPacket(at_s + 0.08, peer, port, me, 51_413, told))
            found.append(UdpPacket(at_s + 0.2, me, 51_413, peer, port, b"\x41\0" + bytes(18)))
            found.append(UdpPacket(at_s + 0.3, peer, port, me, 51_413, b"\x21\0" + bytes(18)))
        if n % 4 == 0:
            ends = (me, 40_000 + n // 4, peer, port)
            if n % 12 == 0:
                said = b"\x13BitTorrent protocol" + bytes(48)
                found += talk(at_s + 0.4, ends, [(">", said), ("<", said)])
            elif n % 8 == 0:
                found.append(Packet(at_s + 0.4, *ends, SYN))
                found.append(Packet(at_s + 0.5, peer, port, me, ends[1], RST | ACK))
            else:
                found += [Packet(at_s + 0.4 + s, *ends, SYN) for s in (0.0, 1.0, 3.0)]
    return found


def chatter(*, hosts: int = 30, minutes: int = 10) -> list[Framed]:
    """Return the multicast of a home: mDNS, SSDP, LLMNR, NetBIOS names, DHCP, discovery."""
    found: list[Framed] = []
    search = b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\n\r\n'
    for n in range(hosts * minutes * 2):
        turn, host = divmod(n, hosts)
        me, at_s = f"192.0.2.{100 + host}", 30.0 * turn + host * 0.9
        for k in range(3):
            asked = question(f"_service{k}._tcp.local", number=0, kind=12)
            found.append(UdpPacket(at_s + k / 10, me, 5353, "224.0.0.251", 5353, asked))
            when = at_s + 0.3 + k / 10
            found.append(UdpPacket(when, me, 50_000 + host, "239.255.255.250", 1900, search))
        for k in range(2):
            asked = question("printer", number=n)
            found.append(UdpPacket(at_s + k / 10, me, 50_100 + n % 999, "224.0.0.252", 5355, asked))
        found.append(UdpPacket(at_s + 0.7, me, 137, "192.0.2.255", 137, b"\0\1\1\x10" + bytes(46)))
        found.append(UdpPacket(at_s + 0.8, me, 138, "192.0.2.255", 138, b"\x11\x02" + bytes(180)))
        found.append(
            UdpPacket(at_s + 0.8, me, 3702, "239.255.255.250", 3702, b"<?xml" + bytes(400))
        )
    return found


def things(*, hours: int = 3) -> list[Framed]:
    """Return a sensor: MQTT kept open by a ping a minute, and its vendor asked each minute."""
    me = "192.0.2.34"
    found: list[Framed] = []
    ends = (me, 49_000, "198.18.9.9", 8883)
    lines = [(">", hello("mqtt.vendor.example")), ("<", b"\x16\x03\x03\0\x50\x02" + bytes(79))]
    found += talk(0.0, ends, lines)[:-2]
    for n in range(hours * 60):
        at_s = 60.0 * n + 5.0
        ping = b"\x17\x03\x03\0\x16" + bytes(22)
        found.append(Packet(at_s, *ends, ACK | 8, ping, 1000 + 27 * n))
        found.append(Packet(at_s + 0.03, *ends[2:], *ends[:2], ACK | 8, ping, 1000 + 27 * n))
        found += tls(at_s + 1, (me, 20_000 + n, "198.18.9.10", 443), "api.vendor.example")
    return found


def clocks(*, hours: int = 2) -> list[Framed]:
    """Return ten hosts that ask four time servers every 64 s."""
    found: list[Framed] = []
    for n in range(hours * 56 * 10):
        turn, host = divmod(n, 10)
        me, at_s = f"192.0.2.{40 + host}", 64.0 * turn + host
        for one in range(4):
            server = f"198.18.123.{one + 1}"
            found.append(UdpPacket(at_s, me, 123, server, 123, b"\x23" + bytes(47)))
            found.append(UdpPacket(at_s + 0.02, server, 123, me, 123, b"\x24" + bytes(47)))
    return found


def polling(*, hours: int = 4) -> list[Framed]:
    """Return a job that asks a named service over TLS every 30 s."""
    found: list[Framed] = []
    for n in range(hours * 120):
        ends = ("192.0.2.35", 20_000 + n, many(77), 443)
        found += tls(30.0 * n, ends, name(42), answers=2)
    return found
