"""The attribution law: whatever the remote side writes, the address stays the writer's."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parse.reading import read

HEAD = b"Nov 11 08:04:51 web01 sshd[2737]: "
FORMS = (
    b"Failed password for invalid user %s from 203.0.113.9 port 22 ssh2",
    b"Failed password for %s from 203.0.113.9 port 22 ssh2",
    b"Failed publickey for %s from 203.0.113.9 port 22 ssh2: ED25519 SHA256:abc",
    b"Accepted password for %s from 203.0.113.9 port 22 ssh2",
    b"Invalid user %s from 203.0.113.9 port 22",
    b"Invalid user %s from 203.0.113.9",
    b"Connection closed by invalid user %s 203.0.113.9 port 22 [preauth]",
    b"Disconnected from authenticating user %s 203.0.113.9 port 22 [preauth]",
    b"error: maximum authentication attempts exceeded for invalid user %s"
    b" from 203.0.113.9 port 22 ssh2 [preauth]",
    b"Disconnecting invalid user %s 203.0.113.9 port 22: Too many authentication failures",
    b"User %s from 203.0.113.9 not allowed because not listed in AllowUsers",
    b"Bad protocol version identification '%s' from 203.0.113.9 port 22",
    b"pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser="
    b" rhost=203.0.113.9  user=%s",
)
PIECES = (
    b" from 198.51.100.7", b" port 22", b" ssh2", b":", b" ", b"[preauth]", b" rhost=198.51.100.7",
    b"  user=", b"invalid user ", b"root", b"\x1b[31m", b"\x00", b"\r", b"\xe2\x80\xa8", b"]",
    b"\xef\xbc\x91\xef\xbc\x99\xef\xbc\x98", b"Nov 11 08:04:51 web01 sshd[1]: ", b"198.51.100.7",
    b" 198.51.100.7 port 22", b": Too many authentication failures", b" RSA SHA256:x",
    b" not allowed because not listed in AllowUsers", b"error: ", b" [198.51.100.7] failed",
)  # fmt: skip
texts = st.lists(st.sampled_from(PIECES) | st.binary(max_size=6), max_size=6).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(form=st.sampled_from(FORMS), text=texts)
def test_attackers_text_never_moves_the_address(form: bytes, text: bytes) -> None:
    line = HEAD + form % text.replace(b"\n", b"")

    (event,) = read(line + b"\n")

    assert event.get("source.ip") == "203.0.113.9" or (
        "source.ip" not in event and event["tocsin.weird"] == "source is ambiguous"
    )


@settings(max_examples=200, deadline=None)
@given(text=texts.filter(lambda t: not t.rstrip().endswith(b":")))
def test_a_name_that_ends_in_no_colon_is_never_ambiguous(text: bytes) -> None:
    line = HEAD + FORMS[0] % text.replace(b"\n", b"")

    (event,) = read(line + b"\n")

    assert event["source.ip"] == "203.0.113.9"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_one_event_per_line_and_nothing_else(data: bytes) -> None:
    events = read(data)

    assert len(events) == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
    assert [event["log.line"] for event in events] == list(range(1, len(events) + 1))


@settings(max_examples=60, deadline=None)
@given(st.lists(texts.map(lambda t: HEAD + FORMS[0] % t) | texts, max_size=6))
def test_a_byte_at_a_time_gives_the_events_of_one_block(lines: list[bytes]) -> None:
    data = b"\n".join(lines)

    assert read(data, step=1) == read(data)


STARTS = (
    b"CEF:0|a|b|c|d|e|f|", b"CEF:", b"{", b'{"a":', b"<38>1 2026-11-11T08:04:51Z h a 1 - ", b"a=b c=",
    b"203.0.113.9 - - [11/Nov/2026:08:04:51 +0000] ", b"[", b"2026-11-11 08:04:51 ", HEAD[:-14],
    b"Nov 11 08:04:51 web01 shop[7]: ", b"2026-11-11T08:04:51Z stdout F ", b"@4000000",
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(STARTS), st.lists(st.sampled_from(STARTS) | st.binary(max_size=8)))
def test_what_begins_like_a_record_gives_an_event_however_it_ends(
    start: bytes, rest: list[bytes]
) -> None:
    (event,) = read(start + b"".join(rest).replace(b"\n", b"") + b"\n")

    assert event["log.line"] == 1
