"""TCP reflection: answers to nobody, and backscatter and conversations that are none."""

from __future__ import annotations

import pytest

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.tcp_reflection import TcpReflection
from tocsin.kernels import layouts
from tocsin.testing import captures, floods
from tocsin.testing.conformance import packet_trip
from tocsin.testing.scenes import EngineRun, capture, wiring

POLICY = Policy(rule="rule-flood", parameters=Parameters())
BOTH = pytest.mark.parametrize("is_live", [False, True], ids=["replay", "live"])


def test_the_answers_are_named() -> None:
    row = packet_trip(layouts.TCP_REFLECTION)
    row["src_hi"] = row["src_lo"] = 0
    row["sources"], row["sample_ports"][0, 1] = 400, 0x12

    (found,) = TcpReflection(POLICY).judge(row, source="capture.pcap")

    assert found.figure == "50 unasked SYN-ACK answers a second"
    assert found.attackers == ("*reflectors",)


@BOTH
def test_answers_of_many_hosts_are_raised_in_the_first_pane(is_live: bool) -> None:
    flood = floods.tcp_reflection(at_s=20.0, packets=1500, rate_s=3000.0)

    run = EngineRun(wiring(), is_live=is_live)
    (incident,) = run([capture(flood)]).printed()

    assert incident["kind"] == "tcp_reflection"
    assert incident["detected_at"] == "2026-01-01T00:00:20.100000Z"
    assert (incident["attackers"], incident["victims"]) == (["*reflectors"], ["198.51.100.10"])


def test_backscatter_over_many_hosts_is_none() -> None:
    packets = [
        captures.Packet(n / 3000, "192.0.2.80", 80, floods.many(n), 1024 + n, 0x12)
        for n in range(6000)
    ]

    assert EngineRun(wiring())([capture(packets)]).printed() == []


def test_answers_that_conversations_follow_are_none() -> None:
    packets = [
        captures.Packet(n / 500 + turn / 9999, floods.many(n), 443, "198.51.100.10", 2000 + n,
                        0x10 if turn else 0x12, b"d" * 900 if turn else b"")
        for n in range(1500)
        for turn in range(4)
    ]  # fmt: skip

    assert EngineRun(wiring())([capture(packets)]).printed() == []
