"""UDP amplification at its victim and at its reflector."""

from __future__ import annotations

import pytest

from tocsin.core.parameters import Parameters
from tocsin.detect.amplification import Amplification
from tocsin.detect.base import Policy
from tocsin.kernels import layouts
from tocsin.testing import captures, floods
from tocsin.testing.conformance import packet_trip
from tocsin.testing.scenes import START_NS, EngineRun, capture, wiring

POLICY = Policy(rule="rule-flood", parameters=Parameters())
BOTH = pytest.mark.parametrize("is_live", [False, True], ids=["replay", "live"])


def test_the_service_is_named_and_the_reflectors_are_a_group() -> None:
    row = packet_trip(layouts.AMPLIFICATION)
    row["proto"], row["port"], row["src_hi"], row["src_lo"] = 17, 0, 0, 0
    row["sources"], row["sample_ports"][0, :2] = 900, (11211, 0)

    (found,) = Amplification(POLICY).judge(row, source="capture.pcap")

    assert found.figure == "50 unasked memcached answers a second"
    assert found.attackers == ("*reflectors",)
    assert (found.selector.port, found.facts["source_port"]) == (11211, 11211)


@BOTH
@pytest.mark.parametrize("port", [17, 19, 53, 123, 137, 161, 389, 1900, 3702, 11211, 37810])
def test_answers_of_many_hosts_are_raised_in_the_first_pane(port: int, is_live: bool) -> None:
    flood = floods.amplification(at_s=20.0, packets=1500, rate_s=3000.0, port=port)

    run = EngineRun(wiring(detectors=["amplification"]), is_live=is_live)
    (incident,) = run([capture(flood)]).printed()

    assert incident["detected_at"] == "2026-01-01T00:00:20.100000Z"
    assert (incident["attackers"], incident["victims"]) == (["*reflectors"], ["198.51.100.10"])


def test_answers_from_a_port_that_nobody_lists_are_one_by_their_number() -> None:
    flood = floods.amplification(at_s=20.0, packets=1500, rate_s=3000.0, port=23_456)

    found = EngineRun(wiring())([capture(flood)]).printed()

    assert [one["kind"] for one in found] == ["amplification"]


def test_a_reflection_that_is_slow_is_raised_in_its_third_second() -> None:
    flood = floods.amplification(at_s=20.0, packets=1000, rate_s=200.0)

    (found, *_) = EngineRun(wiring(detectors=["amplification"]))([capture(flood)]).detections

    assert found.detected_ns == START_NS + 22_600_000_000


def test_a_server_that_is_made_to_overfeed_one_client_is_a_reflector() -> None:
    flood = floods.reflector(at_s=20.0, packets=1000, rate_s=800.0)

    (found, *_) = EngineRun(wiring(detectors=["amplification"]))([capture(flood)]).detections

    assert found.facts["attack"] == "reflector"
    assert (found.attackers, found.victims) == (("192.0.2.53",), ("198.51.100.10",))


def test_a_busy_resolver_is_none() -> None:
    packets = []
    for n in range(6000):
        when, server = n / 1500, floods.many(n % 900)
        asked = captures.UdpPacket(
            when, "198.51.100.10", 2000 + n, server, 53, b"\0\7\1\0" + b"q" * 30
        )
        told = captures.UdpPacket(
            when + 0.01, server, 53, "198.51.100.10", 2000 + n, b"\0\7\x81\x80" + b"a" * 150
        )
        packets += [asked, told]
    one_way = [packet for packet in packets if packet.src_port == 53]

    assert EngineRun(wiring())([capture(packets)]).printed() == []
    assert EngineRun(wiring())([capture(one_way)]).printed() == []


def test_a_time_server_seen_one_way_is_none() -> None:
    asked = [
        captures.UdpPacket(n / 700, floods.many(n), 123, "198.51.100.10", 123, b"\x23" + bytes(47))
        for n in range(4000)
    ]

    assert EngineRun(wiring())([capture(asked)]).printed() == []


def test_one_service_that_sends_the_same_again_and_again_is_one() -> None:
    flood = floods.amplification(at_s=20.0, packets=1500, rate_s=3000.0, port=11211, hosts=1)

    (found, *_) = EngineRun(wiring(detectors=["amplification"]))([capture(flood)]).detections

    assert found.attackers == ("198.18.0.0",)


def test_any_cut_of_the_bytes_gives_the_same_incident() -> None:
    stream = capture(floods.amplification(at_s=20.0, packets=900, rate_s=3000.0))
    run = EngineRun(wiring())

    whole = run([stream]).printed()

    assert run([stream], cuts=[100, 20_011, 20_012, 150_000]).printed() == whole
    assert EngineRun(wiring(), is_live=True, restarts=frozenset({3}))(
        [stream], cuts=[50_000, 90_000]
    ).printed() == whole  # fmt: skip
