"""Busy calm networks: what a careless detector takes for a scan, a flood or a tunnel.

Home is `HOME`; times are seconds after `captures.START_S`. Each scene is what its name says
and nothing else, so that whatever is raised on it is a false alarm.
"""

from __future__ import annotations

import struct
from random import Random
from typing import TYPE_CHECKING

from tocsin.testing.captures import ACK, PSH, RST, SYN, IcmpPacket, Packet, UdpPacket
from tocsin.testing.floods import many
from tocsin.testing.talks import talk
from tocsin.testing.uploads import hello
from tocsin.testing.web_captures import request, response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.testing.captures import Framed

HOME = "192.0.2.0/24"
_WORDS = ("mail", "shop", "news", "maps", "bank", "radio", "sport", "paper", "travel", "music")
_SERVER_HELLO = b"\x16\x03\x03\0\x50\x02\0\0\x4c\x03\x03" + bytes(74)


def name(number: int) -> str:
    """Return the name of an ordinary site."""
    first, second = _WORDS[number % 10], _WORDS[number // 10 % 10]
    return f"www.{first}{second}.example"


def tls(
    at_s: float, ends: tuple[str, int, str, int], site: str, *, answers: int = 6, asks: int = 1
) -> list[Packet]:
    """Return a TLS conversation with a named site: ``answers`` segments after each question."""
    lines = [(">", hello(site)), ("<", _SERVER_HELLO)]
    for _ in range(asks):
        lines.append((">", b"\x17\x03\x03\x01\x00" + bytes(256)))
        lines += [("<", b"\x17\x03\x03\x05\x00" + bytes(1280))] * answers
    return talk(at_s, ends, lines, pace_s=0.02)


def question(site: str, *, number: int, kind: int = 1) -> bytes:
    """Return a DNS question (RFC 1035)."""
    labels = b"".join(bytes([len(one)]) + one.encode() for one in site.split("."))
    return struct.pack(">HHHHHH", number & 0xFFFF, 0x0100, 1, 0, 0, 0) + labels + struct.pack(
        ">BHH", 0, kind, 1
    )  # fmt: skip


def reply(asked: bytes, *, code: int = 0, records: int = 1) -> bytes:
    """Return the answer to a question, with A records or an error."""
    count = 0 if code else records
    head = asked[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, count, 0, 0)
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + bytes([198, 51, 100, 7])
    return head + asked[12:] + record * count


def _poll(at_s: float, me: str, host: str, port: int, *, is_up: bool) -> Iterator[Framed]:
    yield IcmpPacket(at_s, me, host, 8, b"m" * 56)
    tries = [(22, port), (9100, port + 1)]
    if not is_up:
        for dst_port, src_port in tries:
            for wait_s in (0.0, 1.0, 3.0):
                yield Packet(at_s + wait_s, me, src_port, host, dst_port, SYN)
        return
    yield IcmpPacket(at_s + 0.001, host, me, 0, b"m" * 56)
    yield from talk(at_s + 0.01, (me, tries[0][1], host, 22), [("<", b"SSH-2.0-OpenSSH_9.6\r\n")])
    ends = (me, tries[1][1], host, 9100)
    if int(host.rpartition(".")[2]) % 5:
        yield from talk(at_s + 0.02, ends, [(">", request("/metrics")), ("<", response())])
    else:  # an agent that is not there
        yield Packet(at_s + 0.02, *ends, SYN)
        yield Packet(at_s + 0.021, *ends[2:], *ends[:2], RST | ACK)
    yield UdpPacket(at_s + 0.03, me, port + 2, host, 161, b"\x30\x29\x02\x01\x01" + b"g" * 38)
    yield UdpPacket(at_s + 0.032, host, 161, me, port + 2, b"\x30\x39\x02\x01\x01" + b"r" * 54)
    lines = [(">", request("/health", agent="monitor/1")), ("<", response())]
    yield from talk(at_s + 0.04, (me, port + 3, host, 80), lines)


def monitoring(*, minutes: int = 10, hosts: int = 60) -> list[Framed]:
    """Return a host that polls the others every minute; three of them are down."""
    found: list[Framed] = []
    for n in range(minutes * hosts):
        turn, host = divmod(n, hosts)
        port = 32_768 + (n * 4) % 28_000
        is_up = host not in {7, 23, 41}
        at_s = 60.0 * turn + host * 0.5
        found += _poll(at_s, "192.0.2.5", f"192.0.2.{100 + host}", port, is_up=is_up)
    return found


def gateway(*, clients: int = 300) -> list[Framed]:
    """Return 300 people behind one address: pages, look-ups, sites that are gone, for 5 min."""
    found: list[Framed] = []
    dice = Random(1)  # noqa: S311 - repeatable
    for n in range(clients * 4):
        at_s, site = dice.uniform(0, 300), dice.randrange(400)
        server, port = many(site * 37), 1024 + (n * 41) % 60_000
        asked = question(name(site), number=n)
        found.append(UdpPacket(at_s, "192.0.2.1", port, "198.51.100.53", 53, asked))
        found.append(UdpPacket(at_s + 0.01, "198.51.100.53", 53, "192.0.2.1", port, reply(asked)))
        at_s += 0.02
        if site % 29 == 0:  # gone
            found += [Packet(at_s + s, "192.0.2.1", port, server, 443, SYN) for s in (0, 1, 3)]
        elif site % 31 == 0:
            lines = [(">", request("/")), ("<", response(404 if n % 3 else 200))]
            found += talk(at_s, ("192.0.2.1", port, server, 80), lines)
        else:
            found += tls(at_s, ("192.0.2.1", port, server, 443), name(site))
    return found


def resolver(*, questions: int = 4000) -> list[Framed]:
    """Return a recursive resolver: many servers, names that don't exist, servers that are mute."""
    found: list[Framed] = []
    dice = Random(2)  # noqa: S311 - repeatable
    for n in range(questions):
        at_s, port = n / 40 + dice.random() / 50, 1024 + dice.randrange(60_000)
        server = many(dice.randrange(900))
        kind = dice.choice((1, 1, 28, 2, 15, 48, 65))
        host = f"{dice.choice(_WORDS)}{n % 97}.{name(dice.randrange(100))[4:]}"
        asked = question(host, number=n, kind=kind)
        found.append(UdpPacket(at_s, "192.0.2.53", port, server, 53, asked))
        if dice.random() > 0.06:  # the rest never answers
            told = reply(asked, code=3 if n % 5 == 0 else 0, records=1 + n % 8)
            found.append(UdpPacket(at_s + 0.03, server, 53, "192.0.2.53", port, told))
    return found


def one_way(*, from_server: bool, seconds: int = 30, rate_s: int = 50) -> list[Framed]:
    """Return one direction of a busy web server, as a mirror port with one strand gives it."""
    found: list[Framed] = []
    for n in range(seconds * rate_s):
        ends = (many(n * 7), 1024 + n * 13 % 60_000, "192.0.2.80", 443)
        whole = tls(n / rate_s, ends, name(1), answers=12)
        found += [one for one in whole if (one.src == "192.0.2.80") == from_server]
    return found


def balancer(*, minutes: int = 10) -> list[Framed]:
    """Return two load balancers that ask four web servers for their health every two seconds."""
    found: list[Framed] = []
    for n in range(minutes * 30):
        for one in range(8):
            me, host = f"192.0.2.{2 + one % 2}", f"192.0.2.{80 + one // 2}"
            at_s, port = 2.0 * n + one * 0.01, 20_000 + (n * 8 + one) % 40_000
            lines = [(">", request("/healthz", agent="health-check/2")), ("<", response())]
            if one == 7:  # the last one only connects
                lines = []
            found += talk(at_s, (me, port, host, 80), lines)
    return found


def backscatter(*, packets: int = 3000) -> list[Framed]:
    """Return what a flooded host elsewhere sends to those whose names were taken, 20 a second."""
    found: list[Framed] = []
    dice = Random(3)  # noqa: S311 - repeatable
    for n in range(packets):
        to, port = f"192.0.2.{1 + dice.randrange(250)}", 1024 + dice.randrange(60_000)
        flags = SYN | ACK if n % 3 else RST | ACK
        found.append(Packet(n / 20, f"203.0.113.{9 + n % 2}", 80, to, port, flags))
        if n % 10 == 0:
            quoted = Packet(0, to, port, "203.0.113.9", 80, SYN).frame()[14:42]
            found.append(IcmpPacket(n / 20, "203.0.113.1", to, 3, quoted))
    return found


def greylisting(*, senders: int = 60) -> list[Framed]:
    """Return a mail server that turns each new sender away and lets it in five minutes later."""
    found: list[Framed] = []
    for n in range(senders * 2):
        again, sender = divmod(n, senders)
        last = b"451 4.7.1 Greylisted, try again.\r\n" if not again else b"250 2.1.5 Ok\r\n"
        lines = [
            ("<", b"220 mx.example.org ESMTP\r\n"),
            (">", b"EHLO mail%d.example.net\r\n" % sender),
            ("<", b"250-mx.example.org\r\n250 SIZE 20000000\r\n"),
            (">", b"MAIL FROM:<info@shop%d.example.net>\r\n" % sender),
            ("<", b"250 2.1.0 Ok\r\n"),
            (">", b"RCPT TO:<anna@example.org>\r\n"),
            ("<", last),
            (">", b"QUIT\r\n"),
            ("<", b"221 Bye\r\n"),
        ]
        ends = (many(sender * 911), 30_000 + n, "192.0.2.25", 25)
        found += talk(300.0 * again + sender * 2.0, ends, lines)
    return found


def scanner(*, ports: int = 300) -> list[Framed]:
    """Return a vulnerability scanner at work on two hosts of its own network."""
    found: list[Framed] = []
    for n in range(ports * 2):
        host, at_s = f"192.0.2.{20 + n % 2}", n / 50
        found.append(Packet(at_s, "192.0.2.66", 50_000, host, 1 + n // 2, SYN))
        found.append(Packet(at_s + 0.001, host, 1 + n // 2, "192.0.2.66", 50_000, RST | ACK))
    for n in range(80):
        lines = [(">", request(f"/word{n}/", agent="scanner/1")), ("<", response(404))]
        found += talk(20.0 + n / 10, ("192.0.2.66", 51_000 + n, "192.0.2.20", 80), lines)
    return found


def pushed(at_s: float, ends: tuple[str, int, str, int], data: bytes) -> Packet:
    """Return one segment with data."""
    return Packet(at_s, *ends, PSH | ACK, data)
