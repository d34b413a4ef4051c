"""Lasting changes: the old level and the new one."""

from __future__ import annotations

from tests.fixtures import parameters_policy
from tocsin.detect.traffic_level_shift import TrafficLevelShift
from tocsin.kernels import layouts
from tocsin.testing.conformance import packet_trip


def test_a_spike_is_no_change_of_level() -> None:
    trips = packet_trip(layouts.SPIKE)

    assert list(TrafficLevelShift(parameters_policy()).judge(trips, source="a.pcap")) == []


def test_the_reason_says_both_levels() -> None:
    trip = packet_trip(layouts.LEVEL_SHIFT)
    trip["measure"], trip["expected"], trip["observed"] = layouts.PACKETS_S, 20.0, 400.0

    (found,) = TrafficLevelShift(parameters_policy()).judge(trip, source="a.pcap")

    assert found.kind == "baseline_shift"
    assert found.reason == (
        "the usual rate changed from 20.0 to 400.0 packets/s and stayed; "
        "the new level is now the usual one"
    )
