"""SYN floods: their figures from a trip, and from a capture."""

from __future__ import annotations

import pytest

from tocsin.core.addresses import address_halves
from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.syn_flood import SynFlood
from tocsin.kernels import layouts
from tocsin.testing import captures
from tocsin.testing.conformance import packet_trip
from tocsin.testing.scenes import START_NS, EngineRun, capture, wiring

POLICY = Policy(rule="rule-flood", parameters=Parameters())
BOTH = pytest.mark.parametrize("is_live", [False, True], ids=["replay", "live"])


def test_a_spoofed_flood_says_how_many_and_from_whom() -> None:
    row = packet_trip(layouts.SYN_FLOOD)
    row["src_hi"] = row["src_lo"] = 0
    row["observed"], row["flows"], row["sources"], row["threshold"] = 1234, 5678, 4321, 100
    row["samples_lo"][0, :1] = address_halves("198.18.0.1")[1]

    (found,) = SynFlood(POLICY).judge(row, source="capture.pcap")

    assert found.reason == (
        "1,234 half-open connections in one second (5,678 SYN in 10 s) from about 4,321 sources, "
        "most seen once; 2 handshakes completed; a calm service completes nearly all, "
        "and 100 a second is the bound"
    )
    assert found.figure == "1,234 half-open connections a second"
    assert (found.attackers, found.victims) == (("*spoofed",), ("198.51.100.10",))
    assert (found.selector.near, found.selector.far) == (("198.51.100.10",), ())
    assert (found.observed, found.threshold, found.window_s) == (1234.0, 100.0, 1.0)
    assert found.facts == {"proto": "tcp", "port": 22, "sources_sampled": "198.18.0.1"}


def test_a_flood_by_one_source_names_it() -> None:
    (found,) = SynFlood(POLICY).judge(packet_trip(layouts.SYN_FLOOD), source="capture.pcap")

    assert "from one source, 203.0.113.9; 2 handshakes completed" in found.reason
    assert found.attackers == ("203.0.113.9",)
    assert found.selector.far == ("203.0.113.9",)


def test_a_flood_of_several_ports_names_none() -> None:
    row = packet_trip(layouts.SYN_FLOOD)
    row["port"] = 0

    (found,) = SynFlood(POLICY).judge(row, source="capture.pcap")

    assert found.selector.port is None
    assert "port" not in found.facts


@BOTH
def test_a_flood_is_raised_in_its_first_second(is_live: bool) -> None:
    flood = capture(captures.syn_flood(at_s=20.0, packets=1500, rate_s=1000.0))

    run = EngineRun(wiring(detectors=["syn_flood"]), is_live=is_live)
    found = run([flood]).detections

    assert [d.is_update for d in found][:2] == [False, True]
    assert found[0].detected_ns == START_NS + 20_400_000_000
    assert (found[0].observed, found[0].records_to_detect) == (400.0, 400)
    assert found[-1].counts.packets == 1500
    assert found[-1].first_ns == START_NS + 20_000_000_000


@BOTH
def test_a_rush_of_completed_handshakes_is_no_flood(is_live: bool) -> None:
    rush = [
        packet
        for n in range(500)
        for packet in captures.handshake(20.0 + n / 1000, f"198.18.{n >> 8}.{n & 255}", 40_000,
                                         "198.51.100.10", 80)
    ]  # fmt: skip

    found = EngineRun(wiring(detectors=["syn_flood"]), is_live=is_live)([capture(rush)])

    assert found.printed() == []


@BOTH
def test_calm_connections_before_a_flood_are_no_part_of_it(is_live: bool) -> None:
    packets = [
        *captures.calm_web(seconds=69),
        *captures.syn_flood(at_s=70.0, packets=600, rate_s=1000.0),
    ]

    run = EngineRun(wiring(detectors=["syn_flood"]), is_live=is_live)
    (incident,) = run([capture(packets)]).printed()

    assert incident["first_seen"] == "2026-01-01T00:01:10.000000Z"
    assert incident["counts"]["packets"] == 600


@BOTH
def test_a_flood_cut_after_a_tenth_of_a_second_is_named_by_its_rate(is_live: bool) -> None:
    flood = capture(captures.syn_flood(at_s=20.0, packets=300, rate_s=4000.0))

    (found, *_) = EngineRun(wiring(detectors=["syn_flood"]), is_live=is_live)([flood]).detections

    assert (found.observed, found.records_to_detect) == (300.0, 300)


def test_one_connection_request_repeated_in_numbers_is_a_flood() -> None:
    knocks = [
        captures.Packet(20 + n / 1000, "203.0.113.9", 4444, "198.51.100.10", 80, captures.SYN)
        for n in range(900)
    ]

    (found, *_) = EngineRun(wiring(detectors=["syn_flood"]))([capture(knocks)]).detections

    assert found.attackers == ("203.0.113.9",)
