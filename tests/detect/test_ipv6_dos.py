"""IPv6 floods: headers, neighbours, chains too long to read."""

from __future__ import annotations

import pytest

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.ipv6_dos import Ipv6Dos
from tocsin.kernels import layouts
from tocsin.testing import captures, floods
from tocsin.testing.conformance import packet_trip
from tocsin.testing.scenes import START_NS, EngineRun, capture, wiring

POLICY = Policy(rule="rule-flood", parameters=Parameters())
BOTH = pytest.mark.parametrize("is_live", [False, True], ids=["replay", "live"])


def test_extension_headers_are_named() -> None:
    row = packet_trip(layouts.IPV6_DOS)
    row["measure"], row["proto"] = layouts.EXTENSIONS, 58

    (found,) = Ipv6Dos(POLICY).judge(row, source="capture.pcap")

    assert found.figure == "50 IPv6 packets with extension headers a second"
    assert found.facts["attack"] == "extension_headers"


@BOTH
def test_a_flood_of_headers_is_raised_in_its_first_pane(is_live: bool) -> None:
    flood = floods.ipv6_flood(at_s=20.0, packets=2000, rate_s=4000.0)

    run = EngineRun(wiring(detectors=["ipv6_dos"]), is_live=is_live)
    (incident,) = run([capture(flood)]).printed()

    assert incident["detected_at"] == "2026-01-01T00:00:20.100000Z"
    assert incident["attackers"] == ["2001:db8:1::2"]
    assert incident["victims"] == ["2001:db8:1::1"]


def test_a_chain_too_long_to_read_counts_at_its_target() -> None:
    chain = ((60, bytes([0, 0, 1, 4, 0, 0, 0, 0])),) * 20
    flood = [
        captures.IcmpPacket(20 + n / 1000, "2001:db8:1::2", "2001:db8:1::1", 128, b"", chain)
        for n in range(500)
    ]

    result = EngineRun(wiring(detectors=["ipv6_dos"]))([capture(flood)])

    assert result.stats["capture.pcap"].odd == {"more IPv6 extension headers than are read": 500}
    assert result.detections[0].detected_ns == START_NS + 20_200_000_000


@pytest.mark.parametrize("kind", [133, 134, 135, 136, 137, 143, 128])
def test_messages_to_all_nodes_of_the_link_in_numbers_are_one(kind: int) -> None:
    flood = [
        captures.IcmpPacket(20 + n / 1000, f"fe80::{n:x}", "ff02::1", kind, b"r" * 24)
        for n in range(500)
    ]

    (found, *_) = EngineRun(wiring(detectors=["ipv6_dos"]))([capture(flood)]).detections

    assert (found.attackers, found.victims) == (("*spoofed",), ("ff02::1",))


def test_ordinary_neighbour_discovery_is_none() -> None:
    calm = [
        captures.IcmpPacket(n / 10, f"fe80::{n % 40:x}", "ff02::1", 134 + n % 3, b"r" * 24)
        for n in range(600)
    ]

    assert EngineRun(wiring(detectors=["ipv6_dos"]))([capture(calm)]).printed() == []
