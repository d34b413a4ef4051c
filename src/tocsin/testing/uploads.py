"""Captures of data that is carried out, and of uploads that are nobody's business."""

from __future__ import annotations

import struct
from hashlib import shake_128
from typing import TYPE_CHECKING

from tocsin.testing.captures import UdpPacket
from tocsin.testing.talks import talk

if TYPE_CHECKING:
    from tocsin.testing.captures import Framed, Packet

INSIDE, OUTSIDE = "192.0.2.7", "203.0.113.9"
_SEGMENT_BYTES = 1400
THIEF_TEXT = (
    b"Time: 03/09/2026 10:12:34<br>User Name: anna<br>Computer Name: DESK-4<br>"
    b"OSFullName: Microsoft Windows 11 Pro<br>CPU: Example(R) CPU<br>RAM: 8191 MB<br>"
)


def pieces(size_bytes: int, *, side: str = ">") -> list[tuple[str, bytes]]:
    """Return that many bytes without meaning, in segments, as `talks.talk` takes them."""
    data = shake_128(b"upload").digest(size_bytes)
    return [(side, data[at : at + _SEGMENT_BYTES]) for at in range(0, size_bytes, _SEGMENT_BYTES)]


def segments(data: bytes) -> list[tuple[str, bytes]]:
    """Return what a client says, in segments."""
    return [(">", data[at : at + _SEGMENT_BYTES]) for at in range(0, len(data), _SEGMENT_BYTES)]


def raw_upload(
    *,
    size_bytes: int = 1 << 21,
    client: str = INSIDE,
    server: str = OUTSIDE,
    port: int = 4444,
    at_s: float = 1.0,
) -> list[Packet]:
    """Return a stream of bytes to somebody who never says a word."""
    ends = (client, 50_000, server, port)
    return talk(at_s, ends, pieces(size_bytes), pace_s=0.0005)


def mail(
    subject: bytes,
    text: bytes,
    *,
    greeting: bytes = b"DESK-4",
    files: tuple[bytes, ...] = (),
    headers: bytes = b"",
    recipient: bytes = b"log@example.org",
    at_s: float = 1.0,
) -> list[Packet]:
    """Return a mail handed to a server in the clear, after a log-in."""
    body = b"From: log@example.org\r\nTo: " + recipient + b"\r\n" + headers
    body += b"Subject: " + subject + b"\r\nMIME-Version: 1.0\r\n"
    if files:
        body += b"Content-Type: multipart/mixed; boundary=part\r\n\r\n--part-1\r\n"
    body += b"Content-Type: text/html\r\n\r\n" + text + b"\r\n"
    for name in files:
        body += b'--part-1\r\nContent-Type: application/octet-stream; name="%s"\r\n' % name
        body += b"Content-Transfer-Encoding: base64\r\n\r\nUEsDBBQAAAAIAAAA\r\n"
    lines = [
        ("<", b"220 mail.example.org ESMTP\r\n"),
        (">", b"EHLO " + greeting + b"\r\n"),
        ("<", b"250 AUTH LOGIN\r\n"),
        (">", b"AUTH LOGIN bG9n\r\n"),
        ("<", b"334 UGFzc3dvcmQ6\r\n"),
        (">", b"cHc=\r\n"),
        ("<", b"235 ok\r\n"),
        (">", b"MAIL FROM:<log@example.org>\r\n"),
        ("<", b"250 ok\r\n"),
        (">", b"RCPT TO:<" + recipient + b">\r\n"),
        ("<", b"250 ok\r\n"),
        (">", b"DATA\r\n"),
        ("<", b"354 go ahead\r\n"),
        *segments(body + b".\r\n"),
        ("<", b"250 queued\r\n"),
    ]
    return talk(at_s, (INSIDE, 51_000, OUTSIDE, 587), lines)


def thief_mail() -> list[Packet]:
    """Return the mail of a password thief: the host, its user, and what it found."""
    return mail(b"PW_anna/DESK-4", THIEF_TEXT)


def ftp_upload(name: bytes, *, size_bytes: int, verb: bytes = b"STOR") -> list[Packet]:
    """Return a file sent (or fetched, by RETR) by FTP, with its data connection."""
    lines = [
        ("<", b"220 FTP\r\n"),
        (">", b"USER bob\r\n"),
        ("<", b"331 password\r\n"),
        (">", b"PASS x\r\n"),
        ("<", b"230 ok\r\n"),
        (">", b"PASV\r\n"),
        ("<", b"227 Entering Passive Mode (203,0,113,9,200,0)\r\n"),
        (">", verb + b" " + name + b"\r\n"),
        ("<", b"150 ok\r\n"),
        ("<", b"226 done\r\n"),
    ]
    side = "<" if verb == b"RETR" else ">"
    data = talk(
        1.1, (INSIDE, 52_001, OUTSIDE, 51_200), pieces(size_bytes, side=side), pace_s=0.0005
    )
    return [*talk(1.0, (INSIDE, 52_000, OUTSIDE, 21), lines), *data]


def hello(name: str) -> bytes:
    """Return a TLS ClientHello with a server's name."""
    raw = name.encode()
    entry = b"\0" + struct.pack(">H", len(raw)) + raw
    inner = struct.pack(">H", len(entry)) + entry
    extension = struct.pack(">HH", 0, len(inner)) + inner
    body = b"\x03\x03" + bytes(32) + b"\0\0\x02\x13\x01\x01\0"
    body += struct.pack(">H", len(extension)) + extension
    return b"\x16\x03\x01" + struct.pack(">H", len(body) + 4) + struct.pack(
        ">I", 1 << 24 | len(body)
    ) + body  # fmt: skip


def encrypted_upload(
    name: str,
    *,
    size_bytes: int,
    server: str = OUTSIDE,
    at_s: float = 1.0,
    client_port: int = 53_000,
) -> list[Packet]:
    """Return an upload to a named server over TLS."""
    answer = b"\x16\x03\x03\0\x50" + bytes(80)
    data = [(side, b"\x17\x03\x03\x05\x78" + part) for side, part in pieces(size_bytes)]
    ends = (INSIDE, client_port, server, 443)
    return talk(at_s, ends, [(">", hello(name)), ("<", answer), *data], pace_s=0.0005)


def looked_up(name: str, address: str, *, at_s: float = 0.0, client: str = INSIDE) -> list[Framed]:
    """Return a name asked for and answered."""
    asked = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"
    asked += struct.pack(">HH", 1, 1)
    value = bytes(map(int, address.split(".")))
    answer = struct.pack(">6H", 7, 0x8180, 1, 1, 0, 0) + asked
    answer += b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + value
    question = struct.pack(">6H", 7, 0x0100, 1, 0, 0, 0) + asked
    port, resolver = 40_000 + round(at_s * 100), "192.0.2.1"
    return [
        UdpPacket(at_s, client, port, resolver, 53, question),
        UdpPacket(at_s + 0.01, resolver, 53, client, port, answer),
    ]


def dump_fetched() -> list[Packet]:
    """Return a dump of a database fetched from a web server."""
    body = b"-- MySQL dump 10.13\n" + b"INSERT INTO users VALUES (1);\n" * 20
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n"
    lines = [
        (">", b"GET /backup/shop.sql HTTP/1.1\r\nHost: www.example.org\r\n\r\n"),
        ("<", head % len(body) + body),
    ]
    return talk(1.0, (OUTSIDE, 54_000, "198.51.100.10", 80), lines)


def calm_uploads() -> list[Framed]:
    """Return a mail of a person, a push by SSH, a print, a backup and a named TLS upload."""
    message_id = b"Message-ID: <1@example.org>\r\n"
    ssh = [(">", b"SSH-2.0-OpenSSH_9.6\r\n"), ("<", b"SSH-2.0-OpenSSH_9.6\r\n")]
    packets: list[Framed] = [
        *looked_up("git.example.org", "203.0.113.10"),
        *mail(b"Photos", b"Hello Bob, see what I send.", files=(b"photos.zip",),
              greeting=b"[192.0.2.7]", headers=message_id, recipient=b"bob@example.net"),
        *talk(3.0, (INSIDE, 55_000, "203.0.113.10", 22), [*ssh, *pieces(3 << 20)], pace_s=0.0005),
        *talk(6.0, (INSIDE, 55_001, "192.0.2.40", 873), [(">", b"@RSYNCD: 31.0\n"),
              ("<", b"@RSYNCD: 31.0\n"), *pieces(3 << 20)], pace_s=0.0005),
        *raw_upload(server="192.0.2.41", port=9100, at_s=9.0),
        *encrypted_upload("drive.example.org", size_bytes=3 << 20, server="203.0.113.11",
                          at_s=12.0),
    ]  # fmt: skip
    return sorted(packets, key=lambda packet: packet.at_s)
