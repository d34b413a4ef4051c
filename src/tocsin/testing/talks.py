"""TCP conversations made by hand, with sequence numbers: what each side says, in turn."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from tocsin.testing.captures import ACK, FIN, PSH, SYN, Packet

if TYPE_CHECKING:
    from collections.abc import Iterable


def talk(
    at_s: float,
    ends: tuple[str, int, str, int],
    lines: Iterable[tuple[str, bytes]],
    *,
    pace_s: float = 0.01,
) -> list[Packet]:
    """Return a whole connection between ``ends`` (client, port, server, port; IPv4).

    ``lines`` are (">" of the client or "<" of the server, payload), ``pace_s`` apart.
    """
    client, client_port, server, server_port = ends
    there, back = (client, client_port, server, server_port), (server, server_port, client,
                                                               client_port)  # fmt: skip
    packets: list[Packet] = [
        Packet(at_s, *there, SYN, seq=0),
        Packet(at_s + pace_s / 3, *back, SYN | ACK, seq=0),
        Packet(at_s + pace_s / 2, *there, ACK),
    ]
    numbers, when = {">": 1, "<": 1}, at_s
    for side, payload in lines:
        when += pace_s
        way = there if side == ">" else back
        packets.append(Packet(when, *way, PSH | ACK, payload, numbers[side]))
        numbers[side] += len(payload)
    packets.append(Packet(when + pace_s, *there, FIN | ACK, seq=numbers[">"]))
    packets.append(Packet(when + 2 * pace_s, *back, FIN | ACK, seq=numbers["<"]))
    return packets


def ftp_guessing(*, tries: int, client: str = "203.0.113.9") -> list[Packet]:
    """Return ``tries`` FTP log-ins with different passwords, each refused."""
    found: list[Packet] = []
    for n in range(tries):
        lines = [
            ("<", b"220 FTP server ready.\r\n"),
            (">", b"USER bob\r\n"),
            ("<", b"331 Password required for bob.\r\n"),
            (">", b"PASS guess%d\r\n" % n),
            ("<", b"530 Login incorrect.\r\n"),
            (">", b"QUIT\r\n"),
            ("<", b"221 Goodbye.\r\n"),
        ]
        found += talk(2.0 * n, (client, 40_000 + n, "198.51.100.21", 21), lines)
    return found


def calm_logins() -> list[Packet]:
    """Return people who log in: FTP with one mistake, a program with an old password."""
    found: list[Packet] = []
    for n in range(20):
        lines = [
            ("<", b"220 FTP server ready.\r\n"),
            (">", b"USER anna\r\n"),
            ("<", b"331 Password required.\r\n"),
            (">", b"PASS typo%d\r\n" % n if n == 3 else b"PASS right\r\n"),
            ("<", b"530 Login incorrect.\r\n" if n == 3 else b"230 Logged in.\r\n"),
        ]
        found += talk(4.0 * n, ("192.0.2.10", 41_000 + n, "198.51.100.21", 21), lines)
        lines[1:4] = [(">", b"USER backup\r\n"), lines[2], (">", b"PASS outdated\r\n")]
        lines[4] = ("<", b"530 Login incorrect.\r\n")
        found += talk(4.0 * n + 1, ("192.0.2.11", 42_000 + n, "198.51.100.21", 21), lines)
    return found


def smb2(command: int, body: bytes, *, status: int = 0, mid: int = 0, tree: int = 0) -> bytes:
    """Return one SMB 2 message behind its NetBIOS head; a status makes no response of it."""
    head = b"\xfeSMB" + struct.pack("<HHIHHIIQIIQ", 64, 0, status, command, 1, 0, 0, mid, 0, tree,
                                    0) + bytes(16)  # fmt: skip
    return struct.pack(">I", len(head) + len(body)) + head + body


def remote_execution() -> list[Packet]:
    """Return the pipe of PsExec's service opened on another host."""
    name = "PSEXESVC".encode("utf-16-le")
    body = bytes(44) + struct.pack("<HH", 120, len(name)) + bytes(8) + name
    ends = ("203.0.113.9", 40_000, "198.51.100.45", 445)
    return talk(0.0, ends, [(">", smb2(5, body))])


def smb1_session_setup() -> list[Packet]:
    """Return Trans2 SESSION_SETUP as EternalBlue and DoublePulsar send it."""
    head = b"\xffSMB\x32" + bytes(4) + b"\x18\x07\xc0" + bytes(18) + struct.pack("<H", 65)
    body = head + b"\x0f" + bytes(28) + struct.pack("<H", 0x0E) + bytes(20)
    payload = struct.pack(">I", len(body)) + body
    return talk(0.0, ("203.0.113.9", 40_000, "198.51.100.45", 445), [(">", payload)])


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes((tag, 0x82)) + struct.pack(">H", len(body)) + body


def kerberos_error(user: str, code: int) -> bytes:
    """Return a KRB-ERROR (RFC 4120, section 5.9.1) for a user, with its TCP length."""
    name = _der(0x30, _der(0xA0, _der(2, b"\x01")),
                _der(0xA1, _der(0x30, _der(0x1B, user.encode()))))  # fmt: skip
    body = _der(0x7E, _der(0x30, _der(0xA0, _der(2, b"\x05")), _der(0xA1, _der(2, b"\x1e")),
                           _der(0xA6, _der(2, bytes((code,)))), _der(0xA8, name)))  # fmt: skip
    return struct.pack(">I", len(body)) + body


def kerberos_spraying() -> list[Packet]:
    """Return refused pre-authentication for twelve users, one try each."""
    found: list[Packet] = []
    for n in range(12):
        request = struct.pack(">I", 4) + _der(0x6A)
        lines = [(">", request), ("<", kerberos_error(f"user{n}", 24))]
        found += talk(float(n), ("203.0.113.9", 40_000 + n, "198.51.100.88", 88), lines)
    return found
