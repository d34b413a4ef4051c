"""TCP floods of packets outside any connection, and transfers that are none."""

from __future__ import annotations

import pytest

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.tcp_flood import TcpFlood
from tocsin.kernels import layouts
from tocsin.testing import captures, floods
from tocsin.testing.conformance import packet_trip
from tocsin.testing.scenes import START_NS, EngineRun, capture, wiring

POLICY = Policy(rule="rule-flood", parameters=Parameters())
BOTH = pytest.mark.parametrize("is_live", [False, True], ids=["replay", "live"])


def test_the_flags_are_named() -> None:
    row = packet_trip(layouts.TCP_FLOOD)
    row["sample_ports"][0, 1] = 0x29

    (found,) = TcpFlood(POLICY).judge(row, source="capture.pcap")

    assert found.figure == "50 FIN-PSH-URG packets outside any connection a second"


@BOTH
@pytest.mark.parametrize("flags", [0x10, 0x18, 0x01, 0x04, 0x00, 0x29, 0x12])
def test_a_flood_is_raised_in_its_first_pane(flags: int, is_live: bool) -> None:
    flood = floods.tcp_flood(at_s=20.0, packets=1500, rate_s=3000.0, flags=flags)

    run = EngineRun(wiring(detectors=["tcp_flood"]), is_live=is_live)
    (incident,) = run([capture(flood)]).printed()

    assert incident["detected_at"] == "2026-01-01T00:00:20.100000Z"
    assert incident["attackers"] == ["*spoofed"]


def test_one_stream_of_impossible_flags_is_a_flood() -> None:
    flood = [
        captures.Packet(20 + n / 1000, "203.0.113.9", 4444, "198.51.100.10", 80, captures.FIN)
        for n in range(500)
    ]

    (found, *_) = EngineRun(wiring(detectors=["tcp_flood"]))([capture(flood)]).detections

    assert found.detected_ns == START_NS + 20_200_000_000
    assert found.facts["attack"] == "odd_flags"


@pytest.mark.parametrize("is_answered", [False, True])
def test_transfers_that_began_before_the_capture_are_none(is_answered: bool) -> None:
    packets = []
    for n in range(9000):
        client, port = f"192.0.2.{n % 30}", 40_000 + n % 30
        there = captures.Packet(n / 3000, client, port, "198.51.100.10", 443, 0x10, b"u" * 1400)
        packets.append(there)
        if is_answered and n % 2:
            packets.append(captures.Packet(n / 3000, "198.51.100.10", 443, client, port, 0x10))

    assert EngineRun(wiring())([capture(packets)]).printed() == []


@pytest.mark.parametrize("flags", [0x10, 0x01, 0x29, 0x00])
def test_a_scan_of_many_ports_is_none(flags: int) -> None:
    scan = [
        captures.Packet(n / 3000, "203.0.113.9", 50_000, "198.51.100.10", 1 + n, flags)
        for n in range(3000)
    ]

    assert EngineRun(wiring(detectors=["tcp_flood"]))([capture(scan)]).printed() == []
