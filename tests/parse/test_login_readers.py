"""Readers of log-ins, SMB, RPC and Kerberos: what they understand, and that nothing breaks them."""

from __future__ import annotations

import random
import struct
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tocsin.core.messages import KerberosMessage, Login, RpcCall, SmbCall
from tocsin.core.segments import Segment
from tocsin.parse.protocols.conversations import Conversations
from tocsin.parse.protocols.readers import READERS
from tocsin.testing import talks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tocsin.core.messages import Message
    from tocsin.parse.protocols.segments import Reader

Talk = list[tuple[str, bytes]]


def _segments(talk: Iterable[tuple[str, bytes]], port: int) -> list[tuple[int, Segment]]:
    numbers, found = {">": 1, "<": 1}, []
    for n, (side, data) in enumerate(talk):
        segment = Segment(
            at_ns=n + 1, offset=24 + n, client="203.0.113.9", server="198.51.100.5",
            client_port=40_000, server_port=port, proto=6, start_ns=1, start_offset=24,
            from_client=side == ">", size_bytes=len(data), data=data,
        )  # fmt: skip
        found.append((numbers[side], segment))
        numbers[side] += len(data)
    return found


def _read(talk: Talk, port: int, *, bytewise: bool = False) -> list[Message]:
    if bytewise:
        talk = [(side, data[n : n + 1]) for side, data in talk for n in range(len(data))]
    found = Conversations().read(_segments(talk, port))
    return [one for one in found if isinstance(one, (Login, SmbCall, RpcCall, KerberosMessage))]


def _outcomes(found: list[Message]) -> list[tuple[str, str, str]]:
    return [
        (one.service, one.outcome, one.user)
        for one in found
        if isinstance(one, Login) and one.outcome != "tried"
    ]


FTP: Talk = [
    ("<", b"220 FTP ready\r\n"), (">", b"USER bob\r\n"), ("<", b"331 Password\r\n"),
    (">", b"PASS a\r\n"), ("<", b"530 Login incorrect.\r\n"), (">", b"PASS b\r\n"),
    ("<", b"230 In.\r\n"),
]  # fmt: skip
SMTP: Talk = [
    ("<", b"220 mail ESMTP\r\n"), (">", b"AUTH LOGIN\r\n"), ("<", b"334 VXNlcm5hbWU6\r\n"),
    (">", b"Ym9i\r\n"), ("<", b"334 UGFzc3dvcmQ6\r\n"), (">", b"YQ==\r\n"),
    ("<", b"535 5.7.8 no\r\n"), (">", b"AUTH PLAIN AGFubmEAeA==\r\n"), ("<", b"235 ok\r\n"),
]  # fmt: skip
POP3: Talk = [
    ("<", b"+OK ready\r\n"), (">", b"USER bob\r\n"), ("<", b"+OK\r\n"), (">", b"PASS a\r\n"),
    ("<", b"-ERR no\r\n"),
]  # fmt: skip
IMAP: Talk = [
    ("<", b"* OK ready\r\n"), (">", b"a1 LOGIN bob x\r\n"), ("<", b"a1 NO failed\r\n"),
    (">", b"a2 LOGIN bob y\r\n"), ("<", b"a2 OK in\r\n"),
]  # fmt: skip
TELNET: Talk = [
    ("<", b"\xff\xfd\x18\xff\xfd\x20"), (">", b"\xff\xfb\x18"), ("<", b"host login: "),
    (">", b"root\r\n"), ("<", b"root\r\nPassword: "), (">", b"admin\r\n"),
    ("<", b"\r\nLogin incorrect\r\nhost login: "), (">", b"root\r\n"), ("<", b"Password: "),
    (">", b"1234\r\n"), ("<", b"\r\nLast login: Mon\r\n# "),
]  # fmt: skip


@pytest.mark.parametrize(
    ("talk", "port", "wanted"),
    [
        (FTP, 21, [("ftp", "failure", "bob"), ("ftp", "success", "bob")]),
        (FTP, 2121, [("ftp", "failure", "bob"), ("ftp", "success", "bob")]),
        (SMTP, 587, [("smtp", "failure", "bob"), ("smtp", "success", "anna")]),
        (POP3, 110, [("pop3", "failure", "bob")]),
        (IMAP, 143, [("imap", "failure", "bob"), ("imap", "success", "bob")]),
        (TELNET, 23, [("telnet", "failure", "root"), ("telnet", "success", "root")]),
    ],
    ids=["ftp", "ftp elsewhere", "smtp", "pop3", "imap", "telnet"],
)
def test_log_ins_and_their_outcomes_are_read(
    talk: Talk, port: int, wanted: list[tuple[str, str, str]]
) -> None:
    assert _outcomes(_read(talk, port)) == wanted


@pytest.mark.parametrize(("talk", "port"), [(FTP, 21), (SMTP, 587), (POP3, 110), (IMAP, 143)])
def test_a_byte_at_a_time_says_the_same(talk: Talk, port: int) -> None:
    assert _outcomes(_read(talk, port, bytewise=True)) == _outcomes(_read(talk, port))


def test_an_smb_log_in_that_is_refused_names_its_user() -> None:
    user = "bob".encode("utf-16-le")
    ntlm = bytearray(b"NTLMSSP\x00" + struct.pack("<I", 3) + bytes(60))
    struct.pack_into("<HHI", ntlm, 36, len(user), len(user), len(ntlm))
    ntlm[60] = 1
    ask = talks.smb2(1, bytes(24) + bytes(ntlm) + user)
    answer = bytearray(talks.smb2(1, bytes(9), status=0xC000006D))
    answer[20] = 1  # a response

    found = _read([(">", ask), ("<", bytes(answer))], 445)

    assert _outcomes(found) == [("smb", "failure", "bob")]


def test_a_long_write_is_skipped_and_the_file_after_it_is_read() -> None:
    name = "a.exe".encode("utf-16-le")
    body = bytes(44) + struct.pack("<HH", 120, len(name)) + bytes(8) + name
    write = talks.smb2(9, bytes(60_000))
    stream = write + talks.smb2(5, body)
    cut = [(">", stream[n : n + 1460]) for n in range(0, len(stream), 1460)]

    names = [one.name for one in _read(cut, 445) if isinstance(one, SmbCall) and one.command == 5]

    assert names == ["a.exe"]


def test_an_rpc_request_names_its_interface() -> None:
    uuid = "367abb81-9844-35f1-ad32-98f038001003"
    context = struct.pack("<HBB", 0, 1, 0) + UUID(uuid).bytes_le + bytes(4) + bytes(20)
    body = bytes(8) + b"\x01\x00\x00\x00" + context
    bind = struct.pack("<BBBBIHHI", 5, 0, 11, 3, 0x10, 16 + len(body), 0, 1) + body
    ask = struct.pack("<BBBBIHHIIHH", 5, 0, 0, 3, 0x10, 28, 0, 2, 4, 0, 12) + b"stub"

    found = [one for one in _read([(">", bind), (">", ask)], 49_200) if isinstance(one, RpcCall)]

    assert [(one.kind, one.interface, one.opnum) for one in found] == [
        ("bind", uuid, -1),
        ("request", uuid, 12),
    ]


def test_a_kerberos_error_names_its_user_and_code() -> None:
    (found,) = _read([("<", talks.kerberos_error("bob", 24))], 88)

    assert isinstance(found, KerberosMessage)
    assert (found.type, found.error, found.user) == (30, 24, "bob")


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_no_bytes_break_a_reader(reader: type[Reader]) -> None:
    made = random.Random(7)
    seeds = [data for talk in (FTP, SMTP, POP3, IMAP, TELNET) for _, data in talk]
    seeds += [talks.smb2(n, bytes(90)) for n in range(20)] + [talks.kerberos_error("bob", 24)]
    seeds += [b"\x05\x00\x0b\x03\x10\x00\x00\x00" + bytes(60), b"\x00\x00\x00\x50\xffSMB\x73" * 9]
    one = reader()
    for n in range(3000):
        data = bytearray(made.choice(seeds))
        for _ in range(made.randrange(4)):
            data[made.randrange(len(data))] = made.randrange(256)
        data = data[: made.randrange(1, len(data) + 1)]
        side = made.choice("<>")
        ((_, segment),) = _segments([(side, bytes(data))], made.choice((21, 25, 88, 389, 445)))

        if n % 50 == 0:
            one = reader()
        assert isinstance(list(one.read(segment)), list)
        assert isinstance(reader.claims(segment), bool)
