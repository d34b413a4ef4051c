"""Inputs are known by their first bytes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.collect.recognise import Recognition, recognise

SYSLOG = b"Nov 11 08:04:51 host sshd[2737]: Failed password for root from 203.0.113.9 port 1 ssh2\n"
LOG = Recognition("log", "log", is_log_like=True)


@pytest.mark.parametrize("magic", [0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34])
@pytest.mark.parametrize("order", ["<", ">"])
def test_all_six_magics_of_a_classic_capture_are_known(magic: int, order: str) -> None:
    head = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 1)

    assert recognise(head) == Recognition("packets", "pcap")


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng_is_known_in_both_byte_orders(order: str) -> None:
    head = struct.pack(order + "IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)

    assert recognise(head) == Recognition("packets", "pcapng")


@pytest.mark.parametrize(
    "line",
    [
        SYSLOG,
        b"<34>1 2026-11-11T22:14:15.003Z host su - ID47 - 'su root' failed\n",
        b"2026-11-11T22:14:15+01:00 host sudo: pam_unix(sudo:auth): failure\n",
        b'203.0.113.9 - - [11/Nov/2026:08:04:51 +0000] "GET / HTTP/1.1" 200 5\n',
        b"type=USER_LOGIN msg=audit(1364481363.243:24287): pid=1\n",
        b'{"@timestamp": "2026-11-11T22:14:15Z", "message": "x"}\n',
        b"__CURSOR=s=abc\n__REALTIME_TIMESTAMP=1731312891000000\n",
    ],
)
def test_common_record_forms_look_like_a_log(line: bytes) -> None:
    assert recognise(line) == LOG


def test_nuls_and_invalid_utf_8_do_not_hide_a_log() -> None:
    head = b"\0" * 5000 + SYSLOG + b"\xff\xfe\x80\x01\x02" * 200 + b"\n" + SYSLOG

    assert recognise(head) == LOG


def test_text_without_a_record_is_a_log_only_for_who_names_it() -> None:
    assert recognise(b"# Samples\n\nRecorded with hping3.\n") == Recognition("log", "log")


def test_a_pretty_printed_truth_file_does_not_look_like_a_log() -> None:
    head = b'{"files": {\n  "a.pcap": {\n    "start": "2026-11-11T22:14:15Z"\n  }\n}}\n'

    assert recognise(head) == Recognition("log", "log")


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "looks like a PNG image"),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 90,
         "is not a capture nor a text log: starts with 7f 45 4c 46"),
        (b"\xd4\xc3\xb2\xa1\x02\x00", "is a capture cut short inside its 24-byte header"),
        (b"\n\r\r\n\x1c\0\0\0\x4d", "is a capture cut short inside its first block"),
        (b"\xd4\xc3\xb2\xa1" + b"\x09" * 30,
         "is a capture of format version 2313; only version 2 is known"),
    ],
)  # fmt: skip
def test_what_is_neither_is_refused_with_its_reason(head: bytes, reason: str) -> None:
    assert recognise(head) == Recognition("", reason=reason)


def test_the_magic_of_a_capture_inside_a_log_changes_nothing() -> None:
    assert recognise(SYSLOG + b"\xd4\xc3\xb2\xa1\n\r\r\n" + SYSLOG) == LOG
    assert recognise(b"\xd4\xc3\xb2\xa1 and more text\n" + SYSLOG * 3) == LOG


@given(st.binary(max_size=300))
def test_any_bytes_are_judged(head: bytes) -> None:
    found = recognise(head)

    assert bool(found.medium) != bool(found.reason)


def test_flow_logs_are_told_by_header_or_keys() -> None:
    heads = {
        b"#separator \\x09\n#path\tconn\n": "zeek",
        b'{"ts":1.5,"id.orig_h":"192.0.2.1"}\n': "zeek",
        b'{"timestamp":"2021-06-06T15:57:37+0200","event_type":"dns","src_ip":"192.0.2.1"}\n': "eve",
        b"StartTime,Dur,Proto,SrcAddr\n": "binetflow",
        b"ts,te,td,sa,da\n": "nfdump",
    }

    for head, form in heads.items():
        assert (recognise(head).medium, recognise(head).format) == ("flows", form)
