"""What unknown programs say in plain words, and what of it is believed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parse.reading import read

HEAD = b"Nov 11 08:04:51 web01 nobody[7]: "
FORGED = "198.51.100.7"
WORDS = (
    "from", FORGED, f"from {FORGED}", "login", "failed", "user", "for", "port 22", f"[{FORGED}]",
    "ip", ":", "invalid", "connection", "denied", '"', "'",
)  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


@pytest.mark.parametrize(
    "line",
    [
        b"Failed login attempt from 203.0.113.9",
        b"Login failed from 203.0.113.9 for user 'ana'",
        b"WARNING: Unauthorized access attempt from IP 203.0.113.9:4000",
        b"connection refused from [2001:db8::9]",
    ],
)
def test_a_refusal_in_plain_words_names_the_address(line: bytes) -> None:
    (event,) = read(HEAD + line + b"\n")

    assert event["event.outcome"] == "failure"
    assert event["source.ip"] in {"203.0.113.9", "2001:db8::9"}


@pytest.mark.parametrize(
    "form",
    [
        "login failed for %s",
        "Failed login for user %s",
        "Invalid user %s",
        "password fail %s",
        "cannot connect: connection refused by %s",
        "%s: authentication failure",
    ],
)
@settings(max_examples=60, deadline=None)
@given(text=texts)
def test_what_the_remote_side_typed_is_no_address(form: str, text: str) -> None:
    line = HEAD + (form % f"x {text}").encode()

    (event,) = read(line + b"\n")

    assert "source.ip" not in event


def test_two_sources_among_loose_pairs_name_nobody() -> None:
    line = b"event=login_failed user=x src=198.51.100.7 client_ip=203.0.113.9\n"

    (event,) = read(HEAD + line)

    assert "source.ip" not in event


def test_values_of_json_are_kept_apart() -> None:
    line = b'{"event":"login_failed","user":"x src=198.51.100.7","client_ip":"203.0.113.9"}\n'

    (event,) = read(line)

    assert event["source.ip"] == "203.0.113.9"
    assert event["event.action"] == "generic_login"
    assert event["event.outcome"] == "failure"


def test_a_known_message_behind_an_unknown_name_is_not_believed() -> None:
    line = b"Failed password for root from 198.51.100.7 port 22 ssh2\n"

    (event,) = read(HEAD + line)

    assert "source.ip" not in event
