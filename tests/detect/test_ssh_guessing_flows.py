"""Guessing seen in flows: who, how often, on which port."""

from __future__ import annotations

from tests.fixtures import parameters_policy
from tocsin.detect.ssh_guessing_flows import SshGuessingFlows
from tocsin.kernels import layouts
from tocsin.testing.conformance import packet_trip


def test_only_guessing_trips_are_explained() -> None:
    trips = packet_trip(layouts.SYN_FLOOD)

    assert list(SshGuessingFlows(parameters_policy()).judge(trips, source="a.pcap")) == []


def test_the_reason_counts_connections_and_names_the_port() -> None:
    trip = packet_trip(layouts.GUESS_FLOWS)
    trip["port"], trip["observed"], trip["threshold"] = 902, 67, 8
    trip["first_ns"], trip["last_ns"] = 0, 9 * 10**9

    (found,) = SshGuessingFlows(parameters_policy()).judge(trip, source="a.pcap")

    assert (found.kind, found.service) == ("brute_force", "ssh")
    assert found.reason == (
        "67 short SSH connections of about the same size to port 902 in 9 s; "
        "8 within 10 min is the bound"
    )
