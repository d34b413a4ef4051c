"""The packet kernel marks the payloads that somebody can read, and no more than it may."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tocsin.core.inputs import Block
from tocsin.core.messages import Opening
from tocsin.core.parameters import Parameters
from tocsin.features.packet_lane import PacketLane
from tocsin.kernels import marks, panes
from tocsin.parse.protocols.conversations import Conversations
from tocsin.testing.captures import ACK, PSH, Packet, handshake, pcap
from tocsin.testing.talks import talk

CLIENT, SERVER = "192.0.2.10", "198.51.100.10"


def _openings(data: bytes, *, cut: int | None = None) -> list[Opening]:
    lane = PacketLane("capture", parameters=Parameters(), conversations=Conversations())
    edges = [0, cut, len(data)] if cut else [0, len(data)]
    for first, last in pairwise(edges):
        lane.feed(Block("capture", data[first:last], first))
    return [message for message in lane.take().messages if isinstance(message, Opening)]


def _said(port: int, *payloads: bytes) -> bytes:
    ends = (CLIENT, 40_000, SERVER, port)
    return pcap(talk(0.0, ends, [(">", payload) for payload in payloads]))


def _talk() -> bytes:
    packets = []
    for n in range(2):
        packets += handshake(float(n), CLIENT, 40_000 + n, SERVER, 4433)
        packets += [
            Packet(n + 0.1, CLIENT, 40_000 + n, SERVER, 4433, PSH | ACK, b"HELLO|one"),
            Packet(n + 0.2, SERVER, 4433, CLIENT, 40_000 + n, PSH | ACK, b"HELLO|two"),
        ]
    return pcap(packets)


def test_both_sides_of_a_conversation_give_their_first_payload() -> None:
    found = _openings(_talk())

    assert [(one.client, one.server_port, one.from_client) for one in found] == [
        (CLIENT, 4433, True), (CLIENT, 4433, False), (CLIENT, 4433, True), (CLIENT, 4433, False),
    ]  # fmt: skip
    assert [one.data for one in found[:2]] == [b"HELLO|one", b"HELLO|two"]
    assert found[0].start_offset == 24


@pytest.mark.parametrize("cut", [30, 150, 350, 400, 600])
def test_a_cut_changes_nothing(cut: int) -> None:
    data = _talk()

    assert _openings(data, cut=cut) == _openings(data)


@pytest.mark.parametrize(
    ("port", "payload"),
    [(9000, b"MZ\x90\x00"), (4433, b"LOGON|a")],
)
def test_a_conversation_that_nobody_knows_is_looked_at_three_times(
    port: int, payload: bytes
) -> None:
    found = _openings(_said(port, *[payload + b"%d" % n for n in range(5)]))

    assert [(one.number, one.data) for one in found] == [(n, payload + b"%d" % n) for n in range(3)]


def test_what_is_beyond_the_bound_of_a_pane_is_counted_as_unread() -> None:
    packets = [
        Packet(n * 1e-6, f"198.18.{n >> 8}.{n & 255}", 40_000, SERVER, 80, PSH | ACK, b"GET / ")
        for n in range(5000)
    ]
    lane = PacketLane("capture", parameters=Parameters(), conversations=Conversations())
    lane.feed(Block("capture", pcap(packets), 0))
    lane.finish()

    assert len(lane.take().messages) == 4096
    assert lane.stats.unread == 904


def test_what_is_in_the_state_and_in_the_kernel_is_one_slot() -> None:
    assert marks.LOOK_UPS == panes.LOOK_UPS


def _question(name: str, *, kind: int = 1, code: int = 0) -> bytes:
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    head = bytes([0, 7, 1, code, 0, 1, 0, 0, 0, 0, 0, 0])
    return head + labels + b"\0" + bytes([0, kind, 0, 1])


@pytest.mark.parametrize(
    ("message", "is_odd"),
    [
        (_question("www.example.org"), False),
        (_question("www.example.org", kind=28), False),
        (_question("www.example.org", kind=16), True),
        (_question("www.example.org", code=3), True),
        (_question("vaaaakardli2abc3def.example.org"), True),
        (_question("www.example.org")[:14], True),
        (_question("a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.example"), True),
        (bytes(12) + b"\x3f" * 30, True),
    ],
)
def test_odd_look_ups_are_told_from_ordinary_ones(message: bytes, is_odd: bool) -> None:
    data = np.frombuffer(message, dtype=np.uint8)

    assert marks.is_odd_look_up(data, 0, len(data)) is is_odd
