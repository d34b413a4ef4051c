"""Audit records: values decoded, records of one serial merged, Laurel's form the same event."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parse.audit_lines import execution, hexed
from tests.parse.reading import read
from tocsin.kernels.log_scan import Stamps
from tocsin.parse.audit import read_audit
from tocsin.parse.audit_values import audit_part
from tocsin.parse.stamp_text import StampReader

LOGIN = (
    b"type=USER_LOGIN msg=audit(1795412461.000:1003): pid=2001 uid=0 auid=4294967295 ses=4294967295"
    b" msg='op=login acct=%s exe=\"/usr/sbin/sshd\" hostname=? addr=203.0.113.9 terminal=ssh res=failed'\n"
)


def test_an_execution_is_one_event_with_its_command_line() -> None:
    lines = execution(["curl", "-o", "/tmp/a b", "http://198.51.100.7/x"], exe="/usr/bin/curl")

    (event,) = read("".join(lines).encode())

    assert event["event.action"] == "process_started"
    assert event["process.command_line"] == "curl -o /tmp/a b http://198.51.100.7/x"
    assert event["process.executable"] == "/usr/bin/curl"
    assert event["process.working_directory"] == "/home/alice"
    assert event["auditd.a2"] == "/tmp/a b"
    assert event["auditd.syscall"] == "execve"
    assert event["auditd.type"] == ["SYSCALL", "EXECVE", "CWD", "PATH", "PROCTITLE"]
    assert event["@timestamp"] == "2026-11-23T05:41:00.123000Z"
    assert event["log.lines"] == [1, 2, 3, 4, 5]
    assert "source.ip" not in event


def test_records_of_two_events_that_alternate_are_told_apart() -> None:
    one, two = execution(["id"], exe="/usr/bin/id"), execution(["ls"], exe="/usr/bin/ls", serial=7)
    mixed = [line for pair in zip(one, two, strict=True) for line in pair]

    first, second = read("".join(mixed).encode())

    assert (first["process.command_line"], first["log.lines"]) == ("id", [1, 3, 5, 7, 9])
    assert (second["process.command_line"], second["log.lines"]) == ("ls", [2, 4, 6, 8, 10])


@pytest.mark.parametrize("step", [1, 13, 200])
def test_any_cut_gives_the_same_joined_events(step: int) -> None:
    data = "".join(execution(["id"], exe="/usr/bin/id") + execution(["w"], exe="/bin/w", serial=9))
    data += (LOGIN % b'"root"').decode()

    assert read(data.encode(), step=step) == read(data.encode())


def test_a_long_argument_in_parts_is_put_together() -> None:
    head = "msg=audit(1795412460.123:1001):"
    lines = (
        f'type=SYSCALL {head} arch=c000003e syscall=59 success=yes exit=0 pid=9 exe="/bin/sh"\n'
        f'type=EXECVE {head} argc=2 a0="sh" a1_len=8 a1[0]={hexed("ab c")} a1[1]={hexed("d ef")}\n'
    )

    (event,) = read(lines.encode())

    assert event["process.command_line"] == "sh ab cd ef"


def test_a_connection_tells_where_it_went() -> None:
    head = "msg=audit(1795412460.123:1001):"
    lines = (
        f'type=SYSCALL {head} arch=c00000b7 syscall=203 success=yes exit=0 pid=9 exe="/usr/bin/nc"\n'
        f"type=SOCKADDR {head} saddr=02000050C63364070000000000000000\n"
        f"type=EOE {head}\n"
    )

    (event,) = read(lines.encode())

    assert (event["destination.ip"], event["destination.port"]) == ("198.51.100.7", 80)
    assert event["event.action"] == "connection_made"
    assert event["log.lines"] == [1, 2, 3]


@pytest.mark.parametrize(
    ("account", "user"),
    [(b'"root"', "root"), (hexed('x addr=198.51.100.7 "').encode(), 'x addr=198.51.100.7 "'),
     (b"\"a'\"", "a'"), (b'"x\'addr=198.51.100.7"', "x'addr=198.51.100.7")],
)  # fmt: skip
def test_an_account_never_moves_the_address(account: bytes, user: str) -> None:
    (event,) = read(LOGIN % account)

    assert (event["source.ip"], event["user.name"]) == ("203.0.113.9", user)
    assert (event["event.action"], event["event.outcome"]) == ("ssh_login", "failure")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab'=\x1d[]{}:;,198.50710 \"\t", max_size=40))
def test_whatever_account_auditd_writes_the_address_stays(account: str) -> None:
    is_plain = account and all(33 <= ord(sign) < 127 and sign != '"' for sign in account)
    written = f'"{account}"' if is_plain else hexed(account)

    (event,) = read(LOGIN % written.encode())

    assert event["source.ip"] == "203.0.113.9"


def test_an_address_that_stands_twice_names_nobody() -> None:
    (event,) = read((LOGIN % b'"root"').replace(b"hostname=?", b"addr=198.51.100.7"))

    assert "source.ip" not in event
    assert event["tocsin.weird"] == "source is ambiguous"


def test_laurel_says_what_the_records_say() -> None:
    laurel = {
        "ID": "1795412460.123:1001",
        "SYSCALL": {"arch": "0xc000003e", "syscall": 59, "success": "yes", "exit": 0, "ppid": 900, "pid": 901,
                    "auid": 1000, "uid": 33, "comm": "curl", "exe": "/usr/bin/curl", "key": "exec", "SYSCALL": "execve",
                    "UID": "www-data", "ARGV": ["0x1", "0x2"],
                    "PPID": {"comm": "sh", "exe": "/usr/bin/dash"}},
        "EXECVE": {"argc": 2, "ARGV": ["curl", "http://198.51.100.7/x"]},
        "CWD": {"cwd": "/tmp"},
        "PATH": [{"item": 0, "name": "/usr/bin/curl", "nametype": "NORMAL"}, {"item": 1, "name": "/lib/ld.so"}],
    }  # fmt: skip

    (event,) = read(json.dumps(laurel).encode() + b"\n")

    assert event["process.command_line"] == "curl http://198.51.100.7/x"
    assert event["process.parent.executable"] == "/usr/bin/dash"
    assert event["user.name"] == "www-data"
    assert event["auditd.paths"] == ["/usr/bin/curl", "/lib/ld.so"]
    assert event["event.action"] == "process_started"


def test_records_that_a_syslog_daemon_passes_on_are_joined_too() -> None:
    lines = [
        f"Nov 23 05:41:00 web01 audisp-syslog[7]: {line}"
        for line in execution(["id"], exe="/bin/id")
    ]

    (event,) = read("".join(lines).encode())

    assert event["host.name"] == "web01"
    assert event["process.command_line"] == "id"
    assert event["process.name"] == "id"


def test_a_record_in_the_kernels_ring_has_a_number_for_its_type() -> None:
    line = (
        b'Nov 23 05:41:00 web01 kernel: audit: type=1400 audit(1795412460.123:44): apparmor="DENIED"'
        b' operation="open" profile="/usr/sbin/x" name="/etc/shadow" pid=7 comm="x"\n'
    )

    (event,) = read(line)

    assert (event["event.action"], event["event.outcome"]) == ("access_denied", "failure")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_record_or_none(text: str) -> None:
    stamps = StampReader(Stamps(year=2026))
    for candidate in (
        text,
        f"type=EXECVE msg=audit(1.1:2): {text}",
        f'{{"ID":"1.1:2","EXECVE":{text}',
    ):
        read_audit({}, candidate, stamps)
        audit_part(candidate)
