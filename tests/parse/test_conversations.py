"""Conversations hand each side's stream to a reader in order, without repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tocsin.core.messages import Message, Opening
from tocsin.core.segments import Segment
from tocsin.parse.protocols import conversations
from tocsin.parse.protocols.conversations import CONVERSATIONS_MAX, Conversations
from tocsin.parse.protocols.segments import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Echo(Reader):
    """Gives every payload back as an opening, a gap as a ``!`` before it."""

    name = "echo"

    def __init__(self) -> None:
        self.seen = 0

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        return segment.data.startswith(b"echo")

    def read(self, segment: Segment) -> Iterator[Message]:
        self.seen += 1
        sign = b"!" if segment.is_gap else b""
        yield Opening(**segment.common(), data=b"%d " % self.seen + sign + segment.data)


@pytest.fixture(autouse=True)
def _only_echo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversations, "READERS", (_Echo,))
    monkeypatch.setattr(conversations, "_BY_NAME", {"echo": _Echo})


def _segment(data: bytes, *, start: int = 24, from_client: bool = True) -> Segment:
    return Segment(
        at_ns=1, offset=start, client="192.0.2.1", server="192.0.2.2", client_port=40_000,
        server_port=7, proto=6, start_ns=1, start_offset=start, from_client=from_client,
        size_bytes=len(data), data=data,
    )  # fmt: skip


def _read(talk: Conversations, *pairs: tuple[int, bytes]) -> list[bytes]:
    found = talk.read((sequence, _segment(data)) for sequence, data in pairs)
    return [message.data for message in found if isinstance(message, Opening)]


def test_a_repeat_is_left_out_and_what_is_new_behind_it_is_kept() -> None:
    found = _read(Conversations(), (10, b"echo"), (10, b"echo"), (12, b"hoabc"))

    assert found == [b"1 echo", b"2 abc"]


def test_missing_bytes_are_told() -> None:
    found = _read(Conversations(), (10, b"echo"), (20, b"later"))

    assert found == [b"1 echo", b"2 !later"]


def test_numbers_wrap_round() -> None:
    found = _read(Conversations(), (2**32 - 2, b"echo"), (2, b"on"))

    assert found == [b"1 echo", b"2 on"]


def test_a_restart_goes_on_where_it_was() -> None:
    first, second = Conversations(), Conversations()
    _read(first, (10, b"echo"))
    second.restore(first.state())

    assert _read(second, (10, b"echo"), (14, b"on")) == _read(first, (10, b"echo"), (14, b"on"))


def test_the_longest_silent_conversation_gives_way() -> None:
    talk = Conversations()
    for start in range(CONVERSATIONS_MAX + 10):
        list(talk.read([(1, _segment(b"echo", start=start))]))

    assert len(talk.state()) == CONVERSATIONS_MAX
