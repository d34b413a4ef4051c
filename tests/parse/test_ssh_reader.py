"""SSH: banners in the clear, and refused passwords by the sizes of what is hidden."""

from __future__ import annotations

import pytest

from tocsin.core.messages import Login, Message, SshBanner
from tocsin.core.segments import Segment
from tocsin.parse.protocols.conversations import Conversations
from tocsin.testing.ssh_talks import (
    KEY,
    KEY_KNOWN,
    NONE,
    PADDED,
    PASSWORD,
    REFUSED,
    SIGNED,
    SUCCESS,
    Lines,
    key_exchange,
    turns,
)


def read(lines: Lines, *, port: int = 22, cut: int = 1 << 16, lost: int = -1) -> list[Message]:
    numbers, segments = {">": 1, "<": 1}, []
    for n, (side, data) in enumerate(lines):
        segment = Segment(
            at_ns=n + 1, offset=24 + n, client="203.0.113.9", server="198.51.100.22",
            client_port=40_000, server_port=port, proto=6, start_ns=1, start_offset=24,
            from_client=side == ">", size_bytes=len(data), data=data[:cut],
        )  # fmt: skip
        if n != lost:
            segments.append((numbers[side], segment))
        numbers[side] += len(data)
    return list(Conversations().read(segments))


def outcomes(lines: Lines, **how: int) -> list[str]:
    return [one.outcome for one in read(lines, **how) if isinstance(one, Login)]


def test_both_ends_say_what_they_are_on_any_port() -> None:
    found = read(key_exchange()[:2], port=2222)

    assert [(one.from_client, one.text) for one in found if isinstance(one, SshBanner)] == [
        (True, "SSH-2.0-OpenSSH_9.6"),
        (False, "SSH-2.0-OpenSSH_9.6"),
    ]


def test_six_refused_passwords_of_a_tool_are_six_failures() -> None:
    lines = key_exchange() + turns([(NONE, REFUSED), *[(PASSWORD, REFUSED)] * 6])

    assert outcomes(lines) == ["failure"] * 6


def test_a_success_after_refusals_is_told_and_ends_the_reading() -> None:
    tries = [(NONE, REFUSED), (PASSWORD, REFUSED), (PASSWORD, REFUSED), (PASSWORD, SUCCESS)]
    lines = key_exchange() + turns([*tries, *[(PASSWORD, REFUSED)] * 5])

    assert outcomes(lines) == ["failure", "failure", "success"]


@pytest.mark.parametrize(
    "tries",
    [
        pytest.param([(NONE, REFUSED), (PASSWORD, SUCCESS)], id="a password that is right"),
        pytest.param([(NONE, REFUSED), (PADDED, REFUSED), (PADDED, SUCCESS)], id="a mistyped one"),
        pytest.param([(NONE, REFUSED), *[(KEY, REFUSED)] * 5], id="an agent with five keys"),
        pytest.param(
            [(NONE, REFUSED), (KEY, REFUSED), (KEY, KEY_KNOWN), (SIGNED, SUCCESS)], id="a key"
        ),
        pytest.param(
            [(PASSWORD, SUCCESS), (52, 44), *[(36, 36)] * 40], id="keystrokes of a session"
        ),
    ],
)
def test_ordinary_log_ins_are_no_failures(tries: list[tuple[int, int]]) -> None:
    assert outcomes(key_exchange() + turns(tries)) == []


@pytest.mark.parametrize(
    ("cipher", "mac", "success"),
    [
        ("aes128-gcm@openssh.com", "hmac-sha2-256", 36),
        ("aes128-ctr", "hmac-sha2-256-etm@openssh.com", 52),
        ("aes256-ctr", "hmac-sha1", 36),
        ("aes256-cbc", "umac-64@openssh.com", 24),
    ],
)
def test_the_size_of_a_success_follows_from_what_was_agreed(
    cipher: str, mac: str, success: int
) -> None:
    refused = [(success + 32, success + 16)] * 3
    lines = key_exchange(cipher=cipher, mac=mac) + turns([*refused, (success + 32, success)])

    assert outcomes(lines) == ["failure", "failure", "success"]


def test_an_unknown_cipher_says_nothing() -> None:
    lines = key_exchange(cipher="rot13", mac="none") + turns([(PASSWORD, REFUSED)] * 9)

    assert outcomes(lines) == []


def test_what_is_hidden_may_be_cut_and_what_is_clear_may_not() -> None:
    lines = key_exchange() + turns([(PASSWORD, REFUSED)] * 4)

    assert outcomes(lines, cut=2048) == ["failure"] * 3
    assert outcomes(lines, cut=64) == []


def test_a_lost_packet_ends_the_reading() -> None:
    lines = key_exchange() + turns([(PASSWORD, REFUSED)] * 6)

    assert outcomes(lines, lost=14) == ["failure"]
