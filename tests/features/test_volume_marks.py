"""A conversation tells how much it has carried, at each step of its volume."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from tocsin.core.inputs import Block
from tocsin.core.messages import Opening, Volume
from tocsin.core.parameters import Parameters
from tocsin.features.packet_lane import PacketLane
from tocsin.parse.protocols.conversations import Conversations
from tocsin.testing.captures import PSH, Packet, UdpPacket, pcap
from tocsin.testing.uploads import INSIDE, OUTSIDE, raw_upload

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tocsin.testing.captures import Framed

KIB, MIB = 1 << 10, 1 << 20


def _volumes(packets: Iterable[Framed], *, cut: int | None = None) -> list[Volume]:
    lane = PacketLane("capture", parameters=Parameters(), conversations=Conversations())
    data = pcap(packets)
    edges = [0, len(data)] if cut is None else [0, cut, len(data)]
    for first, last in itertools.pairwise(edges):
        lane.feed(Block("capture", data[first:last], first))
    lane.finish()
    found = lane.take().messages
    assert all(isinstance(one, Volume | Opening) for one in found)
    return [one for one in found if isinstance(one, Volume)]


def test_steps_double_up_to_a_mib_and_are_a_mib_from_there() -> None:
    found = _volumes(raw_upload(size_bytes=3 * MIB + 5))

    steps = [16, 32, 64, 128, 257, 512, 1024, 2048, 3072]
    assert [one.bytes_out // KIB for one in found] == steps
    assert {one.bytes_in for one in found} == {0}


def test_a_cut_changes_nothing() -> None:
    packets = raw_upload(size_bytes=MIB)

    assert _volumes(packets, cut=400_001) == _volumes(packets)


def test_a_conversation_seen_whole_says_so() -> None:
    packets = raw_upload(size_bytes=20 * KIB)

    (whole,) = _volumes(packets)
    (one_way,) = _volumes(p for p in packets if p.src == INSIDE)
    (begun_before,) = _volumes(p for p in packets if p.payload)

    assert (whole.is_whole, one_way.is_whole, begun_before.is_whole) == (True, False, False)


def test_a_large_frame_that_passes_several_steps_is_told_once() -> None:
    frame = Packet(1.0, INSIDE, 40_000, OUTSIDE, 4444, PSH, b"x" * 60_000)

    (found,) = _volumes([frame])

    assert found.bytes_out == 60_000


@pytest.mark.parametrize(("datagrams", "steps"), [(15, 0), (17, 1), (33, 2)])
def test_datagrams_count_too(datagrams: int, steps: int) -> None:
    packets = [
        UdpPacket(n / 100, INSIDE, 40_000, OUTSIDE, 443, b"x" * 1024) for n in range(datagrams)
    ]

    assert len(_volumes(packets)) == steps
