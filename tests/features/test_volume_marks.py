"""A conversation tells how much it has carried, at each step of its volume."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from tocsin.core.inputs import Block
from tocsin.core.messages import Answered, Opening, Volume
from tocsin.core.parameters import Parameters
from tocsin.features.packet_lane import PacketLane
from tocsin.parse.protocols.conversations import Conversations
from tocsin.testing.captures import PSH, Packet, UdpPacket, pcap
from tocsin.testing.talks import talk
from tocsin.testing.uploads import INSIDE, OUTSIDE, pieces, raw_upload

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
    assert all(isinstance(one, Volume | Opening | Answered) for one in found)
    return [one for one in found if isinstance(one, Volume)]


def test_steps_double_up_to_a_mib_and_are_quarters_from_there() -> None:
    found = _volumes(raw_upload(size_bytes=5 * MIB))

    steps = [32, 64, 128, 257, 512]
    assert [one.bytes_out // KIB for one in found[:5]] == steps
    assert [round(one.bytes_out / MIB, 2) for one in found[5:]] == [
        1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0,
    ]  # fmt: skip
    assert {one.bytes_in for one in found} == {0}


def test_a_download_is_told_of_from_a_mib_on() -> None:
    ends = (INSIDE, 40_000, OUTSIDE, 80)

    found = _volumes(talk(0.0, ends, [(">", b"get it\n"), *pieces(MIB + 9, side="<")]))

    assert [one.bytes_in // KIB for one in found] == [1024]


def test_what_goes_both_ways_is_told_of_from_a_mib_on() -> None:
    lines = [line for part in pieces(900_000) for line in (part, ("<", part[1]))]

    assert _volumes(talk(0.0, (INSIDE, 40_000, OUTSIDE, 4444), lines)) == []


def test_a_cut_changes_nothing() -> None:
    packets = raw_upload(size_bytes=MIB)

    assert _volumes(packets, cut=400_001) == _volumes(packets)


def test_a_conversation_seen_whole_says_so() -> None:
    packets = raw_upload(size_bytes=40 * KIB)

    (whole,) = _volumes(packets)
    (one_way,) = _volumes(p for p in packets if p.src == INSIDE)
    (begun_before,) = _volumes(p for p in packets if p.payload)

    assert (whole.is_whole, one_way.is_whole, begun_before.is_whole) == (True, False, False)


def test_a_large_frame_that_passes_several_steps_is_told_once() -> None:
    frame = Packet(1.0, INSIDE, 40_000, OUTSIDE, 4444, PSH, b"x" * 60_000)

    (found,) = _volumes([frame])

    assert found.bytes_out == 60_000


@pytest.mark.parametrize(("datagrams", "steps"), [(31, 0), (33, 1), (65, 2)])
def test_datagrams_count_too(datagrams: int, steps: int) -> None:
    packets = [
        UdpPacket(n / 100, INSIDE, 40_000, OUTSIDE, 443, b"x" * 1024) for n in range(datagrams)
    ]

    assert len(_volumes(packets)) == steps
