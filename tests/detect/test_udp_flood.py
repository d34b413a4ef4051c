"""UDP floods: their words from a trip, and what is one in a capture."""

from __future__ import annotations

import pytest

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.udp_flood import UdpFlood
from tocsin.kernels import layouts
from tocsin.testing import captures, floods
from tocsin.testing.conformance import packet_trip
from tocsin.testing.scenes import START_NS, EngineRun, capture, wiring

POLICY = Policy(rule="rule-flood", parameters=Parameters())
BOTH = pytest.mark.parametrize("is_live", [False, True], ids=["replay", "live"])


def test_a_flood_by_one_source_names_it_and_says_its_figures() -> None:
    row = packet_trip(layouts.UDP_FLOOD)
    row["proto"], row["port"], row["observed"], row["threshold"] = 17, 80, 4321, 800
    row["contacts"], row["pending"], row["successes"], row["failures"] = 2000, 1990, 0, 32
    row["expected"] = 0

    (found,) = UdpFlood(POLICY).judge(row, source="capture.pcap")

    assert found.reason == (
        "4,321 UDP packets a second (90 in 10 s) from one source, 203.0.113.9, of 32 bytes on "
        "average; 1,990 of 2,000 in one second began a conversation, 0 were answered; "
        "800 a second is the bound"
    )
    assert found.figure == "4,321 UDP packets a second"
    assert (found.attackers, found.victims) == (("203.0.113.9",), ("198.51.100.10",))
    assert (found.selector.far, found.selector.port) == (("203.0.113.9",), 80)
    assert found.facts["proto"] == "udp"


def test_many_sources_seen_once_are_spoofed_and_those_that_stay_are_named() -> None:
    row = packet_trip(layouts.UDP_FLOOD)
    row["src_hi"] = row["src_lo"] = 0
    row["samples_lo"][0, 0] = 0xFFFF_C612_0001
    row["sources"], row["contacts"] = 2000, 2500
    often = row.copy()
    often["sources"], often["contacts"] = 20, 2500

    (once,) = UdpFlood(POLICY).judge(row, source="capture.pcap")
    (stays,) = UdpFlood(POLICY).judge(often, source="capture.pcap")

    assert once.attackers == ("*spoofed",)
    assert stays.attackers == ("198.18.0.1",)


@BOTH
def test_a_flood_is_raised_in_its_first_pane(is_live: bool) -> None:
    flood = floods.udp_flood(at_s=20.0, packets=10_000, rate_s=20_000.0)

    run = EngineRun(wiring(detectors=["udp_flood"]), is_live=is_live)
    (incident,) = run([capture([*captures.calm_web(seconds=30), *flood])]).printed()

    assert incident["kind"] == "udp_flood"
    assert incident["detected_at"] == "2026-01-01T00:00:20.100000Z"
    assert (incident["attackers"], incident["victims"]) == (["203.0.113.9"], ["198.51.100.10"])
    assert incident["counts"]["packets"] == 9963


def test_a_flood_cut_after_twenty_milliseconds_is_named() -> None:
    flood = floods.udp_flood(at_s=20.0, packets=300, rate_s=15_000.0)

    (found, *_) = EngineRun(wiring(detectors=["udp_flood"]))([capture(flood)]).detections

    assert found.detected_ns == START_NS + 20_019_933_000
    assert found.observed == 2830.0


@pytest.mark.parametrize("size", [0, 300])
def test_a_stream_of_one_length_that_nobody_answers_is_one(size: int) -> None:
    stream = [
        captures.UdpPacket(20 + n / 8000, "203.0.113.9", 5555, "198.51.100.10", 9999, b"x" * size)
        for n in range(4000)
    ]

    (found, *_) = EngineRun(wiring(detectors=["udp_flood"]))([capture(stream)]).detections

    assert found.facts["attack"] == "stream"


def test_fragments_of_nothing_are_one() -> None:
    pieces = [
        captures.LaterFragment(20 + n / 4000, floods.many(n), "198.51.100.10") for n in range(2000)
    ]

    (found, *_) = EngineRun(wiring(detectors=["udp_flood"]))([capture(pieces)]).detections

    assert (found.kind, found.facts["attack"]) == ("udp_flood", "fragments")
    assert found.attackers == ("*spoofed",)


def test_quic_openings_that_are_answered_and_never_go_on_are_one() -> None:
    packets = []
    for n in range(2000):
        when, port = 20 + n / 2000, 1024 + n
        there = captures.UdpPacket(when, floods.many(n), port, "198.51.100.10", 443, b"i" * 1200)
        back = captures.UdpPacket(when, "198.51.100.10", 443, floods.many(n), port, b"r" * 100)
        packets += [there, back]

    (found, *_) = EngineRun(wiring(detectors=["udp_flood"]))([capture(packets)]).detections

    assert found.facts["attack"] == "quic"


@pytest.mark.parametrize("ports", [1, 3000], ids=["one port", "scan"])
def test_questions_that_are_answered_and_a_scan_are_none(ports: int) -> None:
    if ports == 1:
        packets = floods.answered_questions(at_s=5.0, questions=6000, rate_s=3000.0)
    else:
        packets = [
            captures.UdpPacket(5 + n / 3000, "203.0.113.9", 50_000, "198.51.100.10", 1 + n)
            for n in range(ports)
        ]

    assert EngineRun(wiring())([capture(packets)]).printed() == []


def test_downloads_tunnels_and_streams_are_none() -> None:
    tunnel = [
        captures.UdpPacket(n / 9000, *ends, b"t" * (200 + 37 * n % 1200))
        for n in range(9000)
        for ends in [("192.0.2.9", 51_820, "198.51.100.10", 51_820)]
    ]
    group = [
        captures.UdpPacket(n / 6000, "192.0.2.9", 5004, "239.1.1.1", 5004, b"v" * 1316)
        for n in range(6000)
    ]

    found = EngineRun(wiring())([capture([*floods.calm_datagrams(), *tunnel, *group])])

    assert found.printed() == []


def test_a_carpet_over_a_network_is_one_incident() -> None:
    carpet = [
        captures.UdpPacket(20 + n / 40_000, floods.many(n), 1024 + n, f"198.51.100.{n % 20}", 80)
        for n in range(20_000)
    ]

    (incident,) = EngineRun(wiring())([capture(carpet)]).printed()

    assert incident["kind"] == "udp_flood"
    assert len(incident["victims"]) == 20
