"""Slow scans: the same words, another threshold."""

from __future__ import annotations

from tests.fixtures import parameters_policy
from tocsin.detect.port_scan_slow import SlowPortScan
from tocsin.kernels import layouts
from tocsin.testing.conformance import packet_trip


def test_trips_of_the_walk_are_not_its_business() -> None:
    trips = packet_trip(layouts.SCAN_VERTICAL)

    assert list(SlowPortScan(parameters_policy()).judge(trips, source="a.pcap")) == []


def test_a_slow_horizontal_scan_is_said_with_its_span() -> None:
    trip = packet_trip(layouts.SCAN_SLOW_HORIZONTAL)
    trip["port"], trip["distinct"], trip["failures"] = 445, 40, 30
    trip["successes"], trip["pending"] = 10, 0
    trip["first_ns"], trip["last_ns"] = 0, 2 * 3600 * 10**9

    (found,) = SlowPortScan(parameters_policy()).judge(trip, source="a.pcap")

    assert found.detector == "port_scan_slow"
    assert found.reason == (
        "port 445 of 40 hosts tried in 2 h: 30 refused or unanswered, 0 not answered yet, "
        "10 accepted; of a calm host's first contacts about four in five are accepted"
    )
