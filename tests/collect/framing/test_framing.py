"""Inputs whose records are no lines: the same lines in any cut, and nothing lost."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.collect.evtx_files import evtx, logon
from tocsin.collect.framing.told import framings_of, unfolder_of

TRAIL: dict[str, Any] = {
    "Records": [
        {"eventName": "ConsoleLogin", "text": 'a "}],[{" b', "list": [{"x": 1}, []]},
        {"eventName": "ListBuckets", "deep": {"a": {"b": [1, 2]}}},
    ],
    "nextToken": {"a": [{"b": 1}]},
}
XML = (
    '<?xml version="1.0"?>\r\n<Events>\r\n<Event xmlns="x">\r\n <System>\r\n  <EventID>1</EventID>'
    "\r\n </System><EventData><Data Name='S'>a\nb</Data></EventData></Event><Event><System/></Event>"
    "\r\n</Events>\r\n"
)
CSV = 'time,Client IP,user\r\n2026-11-23T05:41:00Z,203.0.113.9,"al,\nice"\r\n1,2,3,4\r\n2026-11-23T05:41:01Z,203.0.113.9,bob'


def exported(**fields: str | bytes) -> bytes:
    """Return a journal entry; bytes go as a binary field."""
    out = b"__CURSOR=s=1\n"
    for name, value in fields.items():
        if isinstance(value, bytes):
            out += name.encode() + b"\n" + struct.pack("<Q", len(value)) + value + b"\n"
        else:
            out += f"{name}={value}\n".encode()
    return out + b"\n"


JOURNAL = exported(_COMM="sshd", MESSAGE="one") + exported(_COMM="cron", MESSAGE=b"a\n\nb\xff")
COUNTED = b"".join(
    b"%d %s" % (len(one), one) for one in (b"<34>1 - h a - - - x", b"<34>1 - h a - - - y\nz")
)
NUL = b'{"version":"1.1","short_message":"a"}\0{"version":"1.1","short_message":"b"}\0'
FORMS: list[tuple[str, bytes, list[Any]]] = [
    ("json", json.dumps(TRAIL).encode(), TRAIL["Records"]),
    ("json", json.dumps(TRAIL, indent=2).encode(), TRAIL["Records"]),
    ("json", json.dumps(TRAIL["Records"]).encode(), TRAIL["Records"]),
    ("json", json.dumps(TRAIL["Records"][1], indent=1).encode(), TRAIL["Records"][1:]),
    ("csv", CSV.encode(), [
        {"time": "2026-11-23T05:41:00Z", "Client IP": "203.0.113.9", "user": "al,\nice"}, "1,2,3,4\r",
        {"time": "2026-11-23T05:41:01Z", "Client IP": "203.0.113.9", "user": "bob"},
    ]),
    ("journal", JOURNAL, [
        {"__CURSOR": "s=1", "_COMM": "sshd", "MESSAGE": "one"},
        {"__CURSOR": "s=1", "_COMM": "cron", "MESSAGE": "a\n\nb\\xff"},
    ]),
    ("counted", COUNTED, ["<34>1 - h a - - - x", "<34>1 - h a - - - y#012z"]),
    ("nul", NUL, [{"version": "1.1", "short_message": "a"}, {"version": "1.1", "short_message": "b"}]),
    ("xml", XML.encode(), [
        '<Event xmlns="x"><System><EventID>1</EventID></System><EventData><Data Name=\'S\'>a&#10;b'
        "</Data></EventData></Event>", "<Event><System/></Event>",
    ]),
    ("utf16+xml", b"\xff\xfe" + XML.encode("utf-16-le"), [
        '<Event xmlns="x"><System><EventID>1</EventID></System><EventData><Data Name=\'S\'>a&#10;b'
        "</Data></EventData></Event>", "<Event><System/></Event>",
    ]),
]  # fmt: skip


def unfolded(name: str, data: bytes, *, step: int) -> tuple[bytes, str]:
    """Return the lines of ``data``, fed in pieces of ``step`` bytes, and what was wrong with it."""
    unfolder = unfolder_of(name.split("+"))
    out = b"".join(unfolder.feed(data[at : at + step]) for at in range(0, len(data), step))
    out += unfolder.finish()
    return out, unfolder.damage


@pytest.mark.parametrize("step", [1, 2, 7, 1 << 20])
@pytest.mark.parametrize(("name", "data", "wanted"), FORMS)
def test_each_record_comes_out_as_a_line_whatever_the_cut(
    name: str, data: bytes, wanted: list[Any], step: int
) -> None:
    lines, damage = unfolded(name, data, step=step)

    found = lines.decode().removesuffix("\n").split("\n")
    assert [json.loads(x) if x[0] == "{" else x for x in found] == wanted
    assert damage == ""
    assert framings_of(data) == tuple(name.split("+"))


@pytest.mark.parametrize(
    "data",
    [
        b'{"time":1,"Records":[1]}\n{"time":2}\n',
        b"Nov 23 05:41:00 web01 sshd[1]: a, b, c\n",
        b"{ not json\nNov 23 05:41:00 web01 sshd[1]: x\n",
        b"time and tide, wait, for no one\nx,y,z\n",
        b"100 bottles of beer\n",
        b'<Event xmlns="x"><System/></Event>\n<Event xmlns="x"><System/></Event>\n',
        b"StartTime,Dur,Proto\n1,2,3\n",
        b"",
    ],
)
def test_lines_are_left_alone(data: bytes) -> None:
    assert framings_of(data) == ()


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(["json", "csv", "journal", "counted", "nul", "xml", "utf16"]),
    data=st.lists(
        st.sampled_from([b"{", b"}", b"[", b"]", b'"', b"\\", b"\n", b",", b'"Records":[{', b"5 <1>",
                         b"MESSAGE\n", b"\x03\0\0\0\0\0\0\0", b"A=b\n", b"\0", b"<Event>", b"</Event>",
                         b"time,a,b\n", b"1,2,3\n"])
        | st.binary(max_size=5),
        max_size=30,
    ).map(b"".join),
    step=st.integers(1, 9),
)  # fmt: skip
def test_any_bytes_give_the_same_lines_in_any_cut(name: str, data: bytes, step: int) -> None:
    assert unfolded(name, data, step=step) == unfolded(name, data, step=max(len(data), 1))


@pytest.mark.parametrize("name", ["json", "csv", "journal", "counted", "xml"])
@pytest.mark.parametrize(
    "begin", [b'{"a":"', b'a,b,time\n1,"', b"MESSAGE=", b"<Event>", b"900000 <1>"]
)
def test_a_record_without_end_takes_no_memory(name: str, begin: bytes) -> None:
    unfolder = unfolder_of([name])
    unfolder.feed(begin)

    for _ in range(64):
        unfolder.feed(b"x" * (1 << 16))

    assert len(unfolder.finish()) < 1 << 18


def test_a_document_that_is_cut_short_says_so() -> None:
    lines, damage = unfolded("json", json.dumps(TRAIL).encode()[:120], step=120)

    assert lines.count(b"\n") == 2
    assert damage == "the JSON document is cut short"


def test_windows_event_logs_are_read_chunk_by_chunk() -> None:
    data = evtx([logon(n) for n in range(1, 46)])

    lines, damage = unfolded("evtx", data, step=10_000)

    assert damage == ""
    assert len(lines.splitlines()) == 45
    event = json.loads(lines.splitlines()[30])["Event"]
    assert event["EventData"]["IpAddress"] == "203.0.113.9"
    assert event["System"]["EventRecordID"] == "31"
    assert framings_of(data) == ("evtx",)


def test_a_damaged_chunk_costs_only_itself() -> None:
    data = bytearray(evtx([logon(n) for n in range(1, 46)]))
    data[4096 + (1 << 16) + 552 : 4096 + (1 << 16) + 572] = b"\xff" * 20

    lines, damage = unfolded("evtx", bytes(data), step=1 << 20)

    assert len(lines.splitlines()) >= 25
    assert damage.startswith("chunk 2 of the event log is damaged")


@settings(max_examples=25, deadline=None)
@given(data=st.binary(max_size=400), at=st.integers(0, 5000))
def test_any_bytes_in_an_event_log_give_lines_or_damage(data: bytes, at: int) -> None:
    whole = bytearray(evtx([logon(1), logon(2)]))
    whole[4096 + at : 4096 + at + len(data)] = data

    lines, _ = unfolded("evtx", bytes(whole), step=1 << 20)

    assert all(line.startswith(b"{") for line in lines.splitlines())
