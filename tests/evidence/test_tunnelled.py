"""What travels in a tunnel is found, named and kept by its inner addresses."""

from __future__ import annotations

import pytest

from tests.evidence.made import ATTACKER, VICTIM, capture, chosen, packet_source, syn
from tests.features.captures import lane_of
from tests.kernels.wrapped import LABELS, datagram, ethernet, ipv4
from tocsin.core.addresses import address_text
from tocsin.core.detection import Selector
from tocsin.core.times import NS_PER_S
from tocsin.kernels import layouts
from tocsin.kernels.address_filter import may_hold

OUTER = "192.0.2.1"


def vxlan(frame: bytes) -> bytes:
    return ethernet(0x0800, ipv4(17, datagram(4789, b"\x08" + bytes(7) + frame)))


def gre(frame: bytes) -> bytes:
    return ethernet(0x0800, ipv4(47, b"\0\0\x08\0" + frame[14:]))


def mpls(frame: bytes) -> bytes:
    return ethernet(0x8847, LABELS + frame[14:])


@pytest.mark.parametrize("wrap", [vxlan, gre, mpls])
def test_a_scan_in_a_tunnel_is_found_between_the_inner_addresses(wrap: object) -> None:
    probes = [(1e9 + i / 100, wrap(syn(ATTACKER, VICTIM, dport=20 + i))) for i in range(12)]  # type: ignore[operator]

    trips = lane_of(capture(probes)).take().trips

    (scan,) = (trip for trip in trips if trip["phase"] == layouts.RAISED)
    assert scan["code"] == layouts.SCAN_VERTICAL
    assert address_text(scan["src_hi"], scan["src_lo"]) == ATTACKER
    assert address_text(scan["dst_hi"], scan["dst_lo"]) == VICTIM


def test_evidence_of_an_inner_address_holds_its_tunnelled_packets() -> None:
    packets = [(10.0 + i, vxlan(syn(ATTACKER, VICTIM, dport=20 + i))) for i in range(3)]
    source = packet_source(capture(packets), records=3, span_s=(10.0, 12.0))
    span = (10 * NS_PER_S, 12 * NS_PER_S)

    inner = chosen(source, Selector("capture.pcap", "packets", *span, near=(ATTACKER,)))
    port = chosen(source, Selector("capture.pcap", "packets", *span, port=21))
    outer = chosen(source, Selector("capture.pcap", "packets", *span, near=(OUTER,)))

    assert (inner.matched, port.matched, outer.matched) == (3, 1, 0)
    assert inner.data[0] == packets[0][1]


def test_the_index_of_a_capture_knows_the_inner_addresses() -> None:
    (row,) = lane_of(capture([(10.0, vxlan(syn(ATTACKER, VICTIM)))])).index

    assert row.addresses is not None
    assert may_hold(row.addresses, 0, 0xFFFF_CB00_7109)


def test_evidence_by_port_holds_later_fragments() -> None:
    whole = datagram(53, bytes(64))
    parts = [
        ipv4(17, whole[:24], fragment=0x2000, identification=7),
        ipv4(17, whole[24:], fragment=3, identification=7),
    ]
    packets = [(10.0 + i, ethernet(0x0800, part)) for i, part in enumerate(parts)]
    source = packet_source(capture(packets), records=2, span_s=(10.0, 11.0))

    found = chosen(
        source, Selector("capture.pcap", "packets", 10 * NS_PER_S, 11 * NS_PER_S, port=53)
    )

    assert found.matched == 2
