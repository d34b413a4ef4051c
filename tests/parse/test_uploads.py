"""Readers of what is handed over: files by FTP, mails by SMTP."""

from __future__ import annotations

import pytest

from tests.parse.test_login_readers import _segments
from tocsin.core.messages import FileTransfer, MailEncrypted, MailSent, Message
from tocsin.parse.protocols.conversations import Conversations

Talk = list[tuple[str, bytes]]
FTP: Talk = [
    ("<", b"220 ready\r\n"), (">", b"STOR refused.zip\r\n"), ("<", b"550 no\r\n"),
    (">", b"STOR PW_anna.html\r\n"), ("<", b"150 go\r\n"), ("<", b"226 done\r\n"),
    (">", b"RETR /pub/x.iso\r\n"), ("<", b"150 go\r\n"),
]  # fmt: skip
ENVELOPE: Talk = [
    ("<", b"220 mail ESMTP\r\n"), (">", b"EHLO DESK-4\r\n"), ("<", b"250 ok\r\n"),
    (">", b"MAIL FROM:<a@example.org> SIZE=9\r\n"), ("<", b"250 ok\r\n"),
    (">", b"RCPT TO:<b@example.net>\r\n"), ("<", b"250 ok\r\n"), (">", b"DATA\r\n"),
]  # fmt: skip
PARTS = (
    b"MIME-Version: 1.0\r\nSubject: =?utf-8?B?UFdfYW5uYQ==?=\r\n"
    b"Content-Type: multipart/mixed;\r\n boundary=x\r\n\r\nignored\r\n--x-1\r\n"
    b"Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    b'User Name=3A anna\r\n--x-1\r\nContent-Disposition: attachment;\r\n filename="pw.txt"\r\n\r\n'
    b"QUJD\r\n--x-1--\r\n.\r\n"
)


def _read(talk: Talk, port: int, *, bytewise: bool = False) -> list[Message]:
    if bytewise:
        talk = [(side, data[n : n + 1]) for side, data in talk for n in range(len(data))]
    return list(Conversations().read(_segments(talk, port)))


def _mails(found: list[Message]) -> list[MailSent]:
    return [one for one in found if isinstance(one, MailSent)]


@pytest.mark.parametrize("bytewise", [False, True])
def test_files_that_the_server_takes_or_gives_are_named(bytewise: bool) -> None:
    found = [one for one in _read(FTP, 21, bytewise=bytewise) if isinstance(one, FileTransfer)]

    assert [(one.verb, one.name, one.is_upload) for one in found] == [
        ("STOR", "PW_anna.html", True),
        ("RETR", "/pub/x.iso", False),
    ]


def test_of_a_one_way_capture_the_names_are_all_there_is() -> None:
    found = _read([one for one in FTP if one[0] == ">"], 21)

    assert [one.name for one in found if isinstance(one, FileTransfer)] == [
        "refused.zip", "PW_anna.html", "/pub/x.iso",
    ]  # fmt: skip


@pytest.mark.parametrize("bytewise", [False, True])
def test_a_mail_is_read_with_its_parts(bytewise: bool) -> None:
    (mail,) = _mails(_read([*ENVELOPE, ("<", b"354 go\r\n"), (">", PARTS)], 587, bytewise=bytewise))

    assert (mail.greeting, mail.sender, mail.recipients) == (
        "DESK-4", "a@example.org", ("b@example.net",),
    )  # fmt: skip
    assert (mail.subject, mail.files, mail.has_id) == ("PW_anna", ("pw.txt",), False)
    assert mail.text.strip() == "User Name: anna"


def test_a_mail_without_parts_is_given_at_its_end() -> None:
    text = b"Message-ID: <1@x>\r\nSubject: hello\r\n\r\nsee you\r\n.\r\nQUIT\r\n"

    (mail,) = _mails(_read([*ENVELOPE, ("<", b"354 go\r\n"), (">", text)], 25))

    assert (mail.subject, mail.text.strip(), mail.has_id) == ("hello", "see you", True)


def test_a_mail_is_read_though_the_server_is_not_captured() -> None:
    talk = [one for one in [*ENVELOPE, (">", b"Subject: x\r\n\r\ntext\r\n.\r\n")] if one[0] == ">"]

    (mail,) = _mails(_read(talk, 587))

    assert mail.subject == "x"


def test_a_refused_mail_is_none() -> None:
    assert _mails(_read([*ENVELOPE, ("<", b"554 no\r\n"), (">", b"QUIT\r\n")], 25)) == []


def test_a_conversation_that_goes_on_encrypted_says_so() -> None:
    found = _read([*ENVELOPE[:3], (">", b"STARTTLS\r\n"), ("<", b"220 go\r\n")], 587)

    assert [one.greeting for one in found if isinstance(one, MailEncrypted)] == ["DESK-4"]


def test_the_state_of_a_mail_survives_a_restart() -> None:
    talk = _segments([*ENVELOPE, ("<", b"354 go\r\n"), (">", PARTS[:150]), (">", PARTS[150:])], 587)
    old, fresh = Conversations(), Conversations()

    list(old.read(talk[:-1]))
    fresh.restore(old.state())

    assert list(fresh.read(talk[-1:])) == list(old.read(talk[-1:])) != []
