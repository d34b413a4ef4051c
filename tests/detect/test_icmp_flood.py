"""ICMP floods: ping floods, smurf, errors, and the pings that are none."""

from __future__ import annotations

import pytest

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.icmp_flood import IcmpFlood
from tocsin.kernels import layouts
from tocsin.testing import captures, floods
from tocsin.testing.conformance import packet_trip
from tocsin.testing.scenes import START_NS, EngineRun, capture, wiring

POLICY = Policy(rule="rule-flood", parameters=Parameters())
BOTH = pytest.mark.parametrize("is_live", [False, True], ids=["replay", "live"])


def test_a_smurf_says_what_it_is() -> None:
    row = packet_trip(layouts.ICMP_FLOOD)
    row["measure"], row["proto"], row["port"], row["src_lo"] = layouts.SMURF, 1, 0, 0
    row["src_hi"], row["sources"], row["contacts"] = 0, 60, 90

    (found,) = IcmpFlood(POLICY).judge(row, source="capture.pcap")

    assert found.figure == "50 unasked ICMP echo replies a second"
    assert (found.facts["attack"], found.attackers) == ("smurf", ("*spoofed",))


@BOTH
def test_a_ping_flood_is_raised_within_a_second(is_live: bool) -> None:
    flood = floods.icmp_flood(at_s=20.0, packets=900, rate_s=900.0)

    run = EngineRun(wiring(detectors=["icmp_flood"]), is_live=is_live)
    (found, *_) = run([capture(flood)]).detections

    assert found.detected_ns == START_NS + 20_200_000_000
    assert found.attackers == ("203.0.113.9",)


def test_replies_that_nobody_asked_for_are_a_smurf() -> None:
    replies = [
        captures.IcmpPacket(20 + n / 1000, f"192.0.2.{n % 200}", "198.51.100.10", 0, b"p" * 56)
        for n in range(600)
    ]

    (found, *_) = EngineRun(wiring(detectors=["icmp_flood"]))([capture(replies)]).detections

    assert found.facts["attack"] == "smurf"


def test_errors_are_a_flood_in_thousands_only() -> None:
    def errors(rate_s: float) -> list[captures.IcmpPacket]:
        return [
            captures.IcmpPacket(20 + n / rate_s, floods.many(n), "198.51.100.10", 3, b"q" * 28)
            for n in range(2000)
        ]

    (found, *_) = EngineRun(wiring())([capture(errors(8000.0))]).detections
    calm = EngineRun(wiring())([capture(errors(500.0))])

    assert found.facts["attack"] == "errors"
    assert calm.printed() == []


def test_monitoring_and_a_tunnel_of_echoes_are_none() -> None:
    monitor = [
        captures.IcmpPacket(n / 20, f"192.0.2.{n % 9}", "198.51.100.10", 8) for n in range(400)
    ]
    tunnel = [
        captures.IcmpPacket(30 + n / 900, "192.0.2.99", "198.51.100.20", 8, b"t" * (n * 13 % 900))
        for n in range(1800)
    ]

    found = EngineRun(wiring(detectors=["icmp_flood"]))([capture([*monitor, *tunnel])])

    assert found.printed() == []
