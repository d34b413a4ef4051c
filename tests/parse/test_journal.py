"""The journal: who wrote an entry is told by what no sender can write."""

from __future__ import annotations

import json

import pytest

from tests.parse.reading import read

FORGED = "Failed password for root from 198.51.100.7 port 22 ssh2"
TRUE = "Failed password for root from 203.0.113.9 port 22 ssh2"


def entry(message: object, **fields: object) -> bytes:
    """Return an entry as ``journalctl -o json`` writes it."""
    known = {"__REALTIME_TIMESTAMP": "1795412460000000", "_HOSTNAME": "web01", "MESSAGE": message}
    return json.dumps(known | fields).encode() + b"\n"


@pytest.mark.parametrize(
    "fields",
    [
        {"_COMM": "sshd", "_UID": "0"},
        {"_COMM": "sshd-session", "_UID": "0", "SYSLOG_IDENTIFIER": "sshd-session"},
        {"_COMM": "sshd", "_UID": "1000", "_EXE": "/usr/sbin/sshd"},
        {"_COMM": "sshd", "_UID": "0", "SYSLOG_IDENTIFIER": "anything"},
        {"_COMM": "sshd"},
    ],
)
def test_what_the_journal_vouches_for_is_read(fields: dict[str, str]) -> None:
    (event,) = read(entry(TRUE, **fields))

    assert (event["source.ip"], event["event.outcome"]) == ("203.0.113.9", "failure")
    assert event["@timestamp"] == "2026-11-23T05:41:00.000000Z"
    assert event["host.name"] == "web01"


@pytest.mark.parametrize(
    "fields",
    [
        {"_COMM": "logger", "_UID": "1000", "SYSLOG_IDENTIFIER": "sshd"},
        {"_COMM": "logger", "_UID": "0", "SYSLOG_IDENTIFIER": "sshd"},
        {"_COMM": "sshd", "_UID": "1000", "_EXE": "/usr/bin/python3.11"},
        {"_COMM": "sshd", "_UID": "1000", "_EXE": "/home/eve/sshd"},
        {"_COMM": "sshd", "_UID": "1000"},
        {
            "_COMM": "sshd",
            "_UID": "33",
            "_EXE": "/usr/bin/perl",
            "_SYSTEMD_UNIT": "apache2.service",
        },
        {"_COMM": "evil", "_UID": "0", "SYSLOG_IDENTIFIER": "sshd"},
        {"SYSLOG_IDENTIFIER": "sshd"},
    ],
)
def test_a_sender_that_calls_itself_sshd_frames_nobody(fields: dict[str, str]) -> None:
    (event,) = read(entry(FORGED, **fields))

    assert "source.ip" not in event
    assert "event.action" not in event


def test_a_name_that_stands_twice_is_no_name() -> None:
    line = entry(FORGED, _UID="0").replace(b'"_UID"', b'"_COMM": "evil", "_COMM": "sshd", "_UID"')

    (event,) = read(line)

    assert "source.ip" not in event


def test_daemons_that_speak_through_children_are_known_by_their_unit() -> None:
    message = "imap-login: Disconnected: auth failed (auth failed, 1 attempts in 2 secs): user=<bob>, method=PLAIN, rip=203.0.113.9, lip=192.0.2.1, TLS"
    (event,) = read(entry(message, _COMM="imap-login", _UID="97", SYSLOG_IDENTIFIER="dovecot", _SYSTEMD_UNIT="dovecot.service"))  # fmt: skip

    assert (event["process.name"], event["source.ip"]) == ("dovecot", "203.0.113.9")


def test_a_message_in_bytes_is_text_again() -> None:
    (event,) = read(entry(list(TRUE.encode()), _COMM="sshd", _UID="0"))

    assert event["source.ip"] == "203.0.113.9"


def test_the_kernel_is_known_by_its_transport() -> None:
    message = "[UFW BLOCK] IN=eth0 OUT= MAC=0 SRC=203.0.113.9 DST=192.0.2.1 LEN=40 PROTO=TCP SPT=4242 DPT=23"

    (event,) = read(entry(message, _TRANSPORT="kernel", SYSLOG_IDENTIFIER="kernel"))
    (forged,) = read(
        entry(message, _TRANSPORT="syslog", _COMM="x", _UID="1000", SYSLOG_IDENTIFIER="kernel")
    )

    assert event["source.ip"] == "203.0.113.9"
    assert "source.ip" not in forged
