"""Port scans, fast and by count: their figures from a trip, and from a capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tocsin.core.addresses import address_halves
from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.port_scan import PortScan
from tocsin.detect.port_scan_slow import SlowPortScan
from tocsin.kernels import layouts
from tocsin.testing import captures
from tocsin.testing.conformance import packet_trip
from tocsin.testing.scenes import ATTACKER, START_NS, EngineRun, capture, wiring

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

POLICY = Policy(rule="rule-scan", parameters=Parameters())
BOTH = pytest.mark.parametrize("is_live", [False, True], ids=["replay", "live"])


def trip(code: int) -> NDArray[np.void]:
    """Return a trip of 50 targets, two of them sampled."""
    row = packet_trip(code)
    row["samples_lo"][0, :2] = [address_halves(f"198.51.100.{n}")[1] for n in (10, 11)]
    row["sample_ports"][0, :3] = (22, 23, 80)
    return row


def test_a_vertical_scan_says_how_its_ports_answered() -> None:
    (found,) = PortScan(POLICY).judge(trip(layouts.SCAN_VERTICAL), source="capture.pcap")

    assert found.reason == (
        "50 ports of 198.51.100.10 tried in 10 s: 40 refused or unanswered, 8 not answered yet, "
        "2 accepted; of a calm host's first contacts about four in five are accepted"
    )
    assert found.figure == "50 ports in 10 s"
    assert (found.detector, found.rule, found.kind) == ("port_scan", "rule-scan", "port_scan")
    assert (found.attackers, found.victims) == (("203.0.113.9",), ("198.51.100.10",))
    assert (found.observed, found.threshold, found.score) == (50.0, 8.0, 12.5)
    assert (found.window_s, found.records_to_detect, found.is_update) == (10.0, 9, False)
    assert (found.counts.packets, found.counts.flows, found.counts.bytes) == (90, 50, 0)
    assert found.facts == {
        "scan": "vertical", "technique": "syn", "proto": "tcp", "targets": 50, "outside": 0,
        "ports_sampled": "22, 23, 80",
    }  # fmt: skip
    assert (found.selector.near, found.selector.far) == (("203.0.113.9",), ("198.51.100.10",))
    assert (found.selector.port, found.selector.proto) == (None, 6)


def test_a_horizontal_scan_names_the_hosts_met_first_and_its_port() -> None:
    (found,) = PortScan(POLICY).judge(trip(layouts.SCAN_HORIZONTAL), source="capture.pcap")

    assert found.reason.startswith("port 22 of 50 hosts tried in 10 s: 40 refused or unanswered")
    assert found.figure == "50 hosts in 10 s"
    assert found.victims == ("198.51.100.10", "198.51.100.11")
    assert found.facts["scan"] == "horizontal"
    assert (found.selector.far, found.selector.port) == ((), 22)


def test_later_reports_of_an_episode_carry_its_name() -> None:
    first, later = trip(layouts.SCAN_VERTICAL), trip(layouts.SCAN_VERTICAL)
    later["phase"], later["at_ns"] = layouts.UPDATED, START_NS + 40_000_000_000

    (raised,) = PortScan(POLICY).judge(first, source="capture.pcap")
    (updated,) = PortScan(POLICY).judge(later, source="capture.pcap")

    assert updated.is_update
    assert updated.episode == raised.episode


def test_each_form_judges_its_own_codes() -> None:
    slow = trip(layouts.SCAN_SLOW_VERTICAL)

    assert list(PortScan(POLICY).judge(slow, source="capture.pcap")) == []
    (found,) = SlowPortScan(POLICY).judge(slow, source="capture.pcap")
    assert (found.detector, found.facts["scan"]) == ("port_scan_slow", "vertical")


@BOTH
def test_a_scan_is_named_at_its_fifth_port(is_live: bool) -> None:
    scan = capture(captures.port_scan(at_s=5.0, ports=5))

    found = EngineRun(wiring(detectors=["port_scan"]), is_live=is_live)([scan]).detections

    assert found[0].reason == (
        "5 ports of 198.51.100.10 tried in 20 ms: 4 refused or unanswered, 1 not answered yet, "
        "0 accepted; of a calm host's first contacts about four in five are accepted"
    )
    assert [(d.observed, d.is_update) for d in found] == [(5.0, False), (5.0, True)]
    assert found[0].detected_ns == START_NS + 5_020_000_000
    assert found[-1].counts.packets == 10


@pytest.mark.xfail(reason="two ports that share a bit of the bitmap count as one")
def test_a_scan_of_two_hundred_ports_says_two_hundred() -> None:
    (incident,) = EngineRun()([capture(captures.port_scan(at_s=5.0, ports=200))]).printed()

    assert incident["title"].endswith(": 200 ports in 996 ms")
    assert incident["counts"]["packets"] == 400


@BOTH
def test_a_scan_of_one_port_over_many_hosts_is_horizontal(is_live: bool) -> None:
    packets = [
        captures.Packet(5.0 + n, ATTACKER, 50_000, f"198.51.100.{n + 1}", 445, captures.SYN)
        for n in range(12)
    ]

    found = EngineRun(wiring(detectors=["port_scan"]), is_live=is_live)([capture(packets)])

    (incident,) = found.printed()
    assert (incident["kind"], incident["scan"]) == ("port_scan", "horizontal")
    assert incident["title"] == (
        "Horizontal port scan by 203.0.113.9 against 8 hosts: 12 hosts in 11 s"
    )
    assert incident["victims_total"] == 12


@BOTH
def test_a_browser_that_opens_many_connections_is_no_scan(is_live: bool) -> None:
    calm = capture(captures.calm_web(seconds=100))

    found = EngineRun(is_live=is_live)([calm])

    assert found.printed() == []


@BOTH
def test_a_slow_scan_that_mixes_in_successes_is_found_by_its_count(is_live: bool) -> None:
    packets = []
    for n in range(60):
        at_s, port = n * 60.0, 1000 + n
        if n % 5 < 2:
            packets += captures.handshake(at_s, "203.0.113.9", 50_000, "198.51.100.10", port)
        else:
            packets += [
                captures.Packet(at_s, "203.0.113.9", 50_000, "198.51.100.10", port, captures.SYN),
                captures.Packet(at_s + 0.001, "198.51.100.10", port, "203.0.113.9", 50_000,
                                captures.RST | captures.ACK),
            ]  # fmt: skip

    run = EngineRun(wiring(detectors=["port_scan_slow", "port_scan"]), is_live=is_live)
    (incident,) = run([capture(packets)]).printed()

    assert (incident["kind"], incident["scan"]) == ("port_scan", "vertical")
    assert {d["detector"] for d in incident["detections"]} <= {"port_scan", "port_scan_slow"}


@pytest.mark.parametrize(
    ("flags", "technique", "ports"),
    [
        (0, "null", 10),
        (captures.FIN, "fin", 10),
        (captures.FIN | captures.PSH | 0x20, "xmas", 10),
        (captures.FIN | captures.ACK, "maimon", 20),
        (captures.ACK, "ack", 20),
    ],
)
def test_scans_without_syn_are_told_by_their_flags(flags: int, technique: str, ports: int) -> None:
    packets = []
    for n in range(40):
        at_s = 5.0 + n * 0.01
        packets.append(captures.Packet(at_s, ATTACKER, 50_000, "198.51.100.10", 1 + n, flags))
        packets.append(
            captures.Packet(
                at_s + 0.001, "198.51.100.10", 1 + n, ATTACKER, 50_000, captures.RST | captures.ACK
            )
        )

    (first, *_) = EngineRun(wiring(detectors=["port_scan"]))([capture(packets)]).detections

    assert (first.attackers, first.facts["technique"]) == ((ATTACKER,), technique)
    assert (first.observed, first.threshold) == (float(ports), float(ports))


def test_a_scan_by_udp_is_told_by_what_answers_in_its_stead() -> None:
    packets: list[captures.Framed] = []
    for n in range(20):
        probe = captures.UdpPacket(5.0 + n, ATTACKER, 50_000, "198.51.100.10", 1000 + n, b"\0" * 8)
        packets.append(probe)
        quoted = probe.frame()[14 : 14 + 28]
        error = captures.IcmpPacket(5.01 + n, "198.51.100.10", ATTACKER, 3, quoted)
        packets.append(error)

    (first, *_) = EngineRun(wiring(detectors=["port_scan"]))([capture(packets)]).detections

    assert (first.attackers, first.victims) == ((ATTACKER,), ("198.51.100.10",))
    assert (first.facts["technique"], first.facts["proto"], first.observed) == ("udp", "udp", 16.0)


@pytest.mark.parametrize("flags", [captures.SYN | captures.ACK, captures.RST | captures.ACK])
def test_backscatter_is_no_scan(flags: int) -> None:
    packets = [
        captures.Packet(5.0 + n / 10, "198.51.100.10", 80, f"192.0.2.{n}", 1024 + n, flags)
        for n in range(200)
    ]

    assert EngineRun(wiring(detectors=["port_scan"]))([capture(packets)]).detections == []


def test_conversations_under_way_when_the_capture_begins_are_no_scan() -> None:
    packets = []
    for n in range(60):
        for step in range(3):
            at_s = 5.0 + n * 0.001 + step
            packets.append(
                captures.Packet(at_s, "198.51.100.10", 443, "192.0.2.7", 40_000 + n, captures.ACK)
            )
    packets.sort(key=lambda packet: packet.at_s)

    assert EngineRun(wiring(detectors=["port_scan"]))([capture(packets)]).detections == []


def test_peers_and_traceroute_are_no_udp_scan() -> None:
    peers: list[captures.Framed] = [
        captures.UdpPacket(n / 10, "192.0.2.7", 6881, f"198.51.{n}.9", 6881 + n * 37 % 40_000, b"d")
        for n in range(250)
    ]
    route = [
        captures.UdpPacket(40 + n / 10, "192.0.2.7", 50_000, "198.51.100.10", 33_434 + n, b"x" * 32)
        for n in range(90)
    ]

    assert EngineRun(wiring(detectors=["port_scan"]))([capture([*peers, *route])]).detections == []
