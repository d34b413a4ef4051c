"""Captures of HTTP/1: connections with what their ends said, in sequence.

As `tocsin.testing.captures`, with sequence numbers that count, so that readers of
conversations see each side's stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.testing.captures import ACK, PSH, SYN, Packet

if TYPE_CHECKING:
    from collections.abc import Iterable

CLIENT, SERVER = "203.0.113.9", "198.51.100.10"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_WINDOW_AT_V4 = 14 + 20 + 14


@dataclass(frozen=True, slots=True)
class Closed(Packet):
    """A TCP packet over IPv4 that takes no more bytes: its window is zero."""

    def frame(self) -> bytes:
        """Return the Ethernet frame."""
        made = Packet.frame(self)
        return made[:_WINDOW_AT_V4] + bytes(2) + made[_WINDOW_AT_V4 + 2 :]


def connection(
    at_s: float,
    says: Iterable[tuple[float, bool, bytes]],
    *,
    port: int,
    src: str = CLIENT,
    dst: str = SERVER,
    dst_port: int = 80,
) -> list[Packet]:
    """Return a connection; ``says`` are seconds after its begin, whether the client, what."""
    ends = ((dst, dst_port, src, port), (src, port, dst, dst_port))
    packets: list[Packet] = [
        Packet(at_s, *ends[1], SYN, b"", 0),
        Packet(at_s + 0.001, *ends[0], SYN | ACK, b"", 0),
        Packet(at_s + 0.002, *ends[1], ACK, b"", 1),
    ]
    sent = [1, 1]
    for after_s, by_client, data in says:
        side = int(by_client)
        packets.append(Packet(at_s + after_s, *ends[side], PSH | ACK, data, sent[side]))
        sent[side] += len(data)
    return packets


def request(
    target: str, *, method: str = "GET", agent: str = BROWSER, more: str = "", body: bytes = b""
) -> bytes:
    """Return a request of a browser; ``more`` are header lines that end with CRLF."""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    head = f"{method} {target} HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: {agent}\r\n"
    return (head + more + length + "\r\n").encode("latin-1") + body


def response(status: int = 200, *, body: bytes = b"ok") -> bytes:
    """Return a response with a length."""
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def fetch(
    at_s: float, asked: bytes, answered: bytes, *, port: int, src: str = CLIENT
) -> list[Packet]:
    """Return one request and its answer on a connection of their own."""
    return connection(at_s, [(0.01, True, asked), (0.02, False, answered)], port=port, src=src)


def web_attack() -> list[Packet]:
    """Return an injection of SQL and a path that climbs, one second apart."""
    target = "/item?id=1%27%20UNION%20SELECT%20user,password%20FROM%20users--%20-"
    climbing = "/view?page=../../../../etc/passwd"
    passwords = response(body=b"root:x:0:0:root:/root:/bin/sh\n")
    return [
        *fetch(1.0, request(target), response(), port=50_001),
        *fetch(2.0, request(climbing), passwords, port=50_002),
    ]


def web_scan() -> list[Packet]:
    """Return 60 paths asked for within six seconds, none of which is there."""
    return [
        packet
        for n in range(60)
        for packet in fetch(1.0 + n / 10, request(f"/word{n}/"), response(404), port=50_000 + n)
    ]


def web_guessing() -> list[Packet]:
    """Return 20 passwords tried for one user at a form, 0.5 s apart."""
    form = "Content-Type: application/x-www-form-urlencoded\r\n"
    return [
        packet
        for n in range(20)
        for packet in fetch(
            1.0 + n / 2,
            request("/login", method="POST", more=form, body=b"user=admin&password=pw%d" % n),
            response(302),
            port=50_000 + n,
        )
    ]


def http_flood() -> list[Packet]:
    """Return 200 requests a second for one path, each on its own connection, for five."""
    return [
        packet
        for n in range(1000)
        for packet in fetch(1.0 + n / 200, request("/"), response(503), port=20_000 + n)
    ]


def slow_http() -> list[Packet]:
    """Return 40 connections with a head that gets one line in five seconds and no end."""
    lines = [(0.01, True, b"GET / HTTP/1.1\r\nHost: www.example.org\r\n")]
    lines += [(0.01 + 5.0 * n, True, b"X-a: %d\r\n" % n) for n in range(1, 4)]
    packets = [packet for n in range(40) for packet in connection(n / 50, lines, port=50_000 + n)]
    return sorted(packets, key=lambda packet: packet.at_s)


def calm_browsing() -> list[Packet]:
    """Return two pages with a hundred objects each, a broken image, a mistyped password."""
    packets: list[Packet] = []
    link = "Referer: http://www.example.org/\r\n"
    for page in range(2):
        for lane in range(6):
            says = []
            for n in range(17):
                at_s, path = 0.02 + n * 0.05, f"/static/{page}-{lane}-{n}.png?v=3"
                status = 404 if n == 3 and lane == 2 else 200
                says += [
                    (at_s, True, request(path, more=link)),
                    (at_s + 0.01, False, response(status, body=b"x" * 400)),
                ]
            at_s = 1.0 + 30.0 * page + lane * 0.003
            packets += connection(at_s, says, port=40_000 + 10 * page + lane, src="192.0.2.10")
    form = "Content-Type: application/x-www-form-urlencoded\r\n"
    for n, word in enumerate((b"winter", b"Winter1", b"Winter12")):
        asked = request("/login", method="POST", more=form, body=b"user=bob&password=" + word)
        packets += fetch(70.0 + 9 * n, asked, response(302), port=41_000 + n, src="192.0.2.10")
    return sorted(packets, key=lambda packet: packet.at_s)


def slow_read(*, connections: int = 30, clients: int = 1) -> list[Packet]:
    """Return answers of which nothing is read: the window closes and stays so for 13 s."""
    packets: list[Packet] = []
    for n in range(connections):
        at_s, port, src = n / 50, 50_000 + n, f"203.0.113.{9 + n % clients}"
        says = [(0.01, True, request("/big")), (0.02, False, response(body=b"x" * 1000))]
        packets += connection(at_s, says, port=port, src=src)
        for after_s in (0.03, 0.23, 0.63, 1.43, 3.03, 6.23, 12.63):
            packets.append(Closed(at_s + after_s, src, port, SERVER, 80, ACK))
    return sorted(packets, key=lambda packet: packet.at_s)


def slow_disks() -> list[Packet]:
    """Return 30 downloads whose client closes its window often, and takes 40 kB a second each."""
    packets: list[Packet] = []
    for n in range(30):
        at_s, port = n / 50, 50_000 + n
        says = [(0.01, True, request("/big")), (0.02, False, response(body=b"x" * 1000))]
        says += [(0.05 + k / 40, False, b"x" * 1000) for k in range(400)]
        packets += connection(at_s, says, port=port)
        packets += [Closed(at_s + 0.06 + k / 4, CLIENT, port, SERVER, 80, ACK) for k in range(40)]
    return sorted(packets, key=lambda packet: packet.at_s)
