"""Fragments: whose conversation they are, and what is odd about them."""

from __future__ import annotations

import struct

from tests.features.captures import lane_of, pcap
from tests.kernels.wrapped import datagram, ethernet, ipv4, ipv6
from tocsin.features.packet_lane import PacketLane
from tocsin.kernels.fragments import FRAGMENTS_MAX

MORE = 0x2000
WHOLE = datagram(53, bytes(64))


def lane(*packets: bytes) -> PacketLane:
    """Return a lane that read IPv4 packets, a millisecond apart."""
    return lane_of(pcap([(1e9 + i / 1000, ethernet(0x0800, one)) for i, one in enumerate(packets)]))


def part(start: int, stop: int, *, more: bool = True, identification: int = 7) -> bytes:
    """Return the bytes [start, stop) of a datagram as a fragment."""
    place = start // 8 | (MORE if more else 0)
    return ipv4(17, WHOLE[start:stop], fragment=place, identification=identification)


def ports(of: PacketLane) -> list[tuple[int, int, int]]:
    """Return (source port, target port, packets) of each flow."""
    flows = of.take().flows
    return sorted(
        (int(f["src_port"]), int(f["dst_port"]), int(f["packets_out"] + f["packets_in"]))
        for f in flows
    )


def test_later_fragments_belong_to_the_flow_of_their_first() -> None:
    found = lane(part(0, 24), part(24, 48), part(48, 72, more=False))

    assert ports(found) == [(5555, 53, 3)]
    assert found.stats.odd == {}


def test_fragments_out_of_order_behind_their_first_are_not_odd() -> None:
    found = lane(part(0, 24), part(48, 72, more=False), part(24, 48))

    assert ports(found) == [(5555, 53, 3)]
    assert found.stats.odd == {}


def test_a_fragment_before_its_first_has_no_ports_and_is_odd() -> None:
    found = lane(part(24, 48), part(0, 24), part(48, 72, more=False))

    assert ports(found) == [(0, 0, 1), (5555, 53, 2)]
    assert found.stats.odd == {"later fragment without its first": 1}


def test_another_datagrams_fragment_is_not_mixed_in() -> None:
    found = lane(part(0, 24), part(24, 48, identification=8))

    assert ports(found) == [(0, 0, 1), (5555, 53, 1)]


def test_an_overlapping_fragment_is_an_event_and_odd() -> None:
    found = lane(part(0, 24), part(16, 48), part(48, 72, more=False))

    assert (found.stats.events, found.stats.weird) == (3, {})
    assert found.stats.odd == {"fragment overlaps an earlier one": 1}


def test_a_tiny_first_fragment_keeps_its_ports() -> None:
    segment = struct.pack("!HHI", 4000, 22, 0)

    found = lane(ipv4(6, segment, fragment=MORE, identification=9))

    assert ports(found) == [(4000, 22, 1)]
    assert found.stats.odd == {"first fragment too small for its transport header": 1}


def test_ipv6_fragments_are_followed_too() -> None:
    heads = [b"\x11\0" + struct.pack("!HI", at | more, 99) for at, more in ((0, 1), (24, 0))]
    bodies = [WHOLE[:24], WHOLE[24:]]
    packets = [ipv6(44, head + body) for head, body in zip(heads, bodies, strict=True)]

    found = lane_of(pcap([(1e9 + i, ethernet(0x86DD, one)) for i, one in enumerate(packets)]))

    assert ports(found) == [(5555, 53, 2)]


def test_a_fragment_a_minute_later_is_another_datagrams() -> None:
    times = [(1e9, part(0, 24)), (1e9 + 61, part(24, 48))]

    found = lane_of(pcap([(at, ethernet(0x0800, one)) for at, one in times]))

    assert found.stats.odd == {"later fragment without its first": 1}


def test_more_datagrams_than_the_table_holds_lose_their_oldest_only() -> None:
    count = 3 * FRAGMENTS_MAX
    firsts = [part(0, 24, identification=i) for i in range(count)]

    found = lane(*firsts, part(24, 48, identification=count - 1))

    assert found.stats.odd == {}
    assert ports(found) == [(5555, 53, count + 1)]
