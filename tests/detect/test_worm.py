"""Worms: searches for hosts that only something which spreads by itself makes."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.worm import Worm
from tocsin.kernels import layouts
from tocsin.testing import captures
from tocsin.testing.conformance import packet_trip
from tocsin.testing.scenes import EngineRun, capture

POLICY = Policy(rule="rule-worm", parameters=Parameters())
BOTH = pytest.mark.parametrize("is_live", [False, True], ids=["replay", "live"])
DEVICE = "192.0.2.30"
# Hosts in networks far apart, none of them reserved.
ABROAD = [f"{20 + 3 * n}.{7 * n % 200}.{n}.9" for n in range(40)]


def tries(
    hosts: list[str], *, port: int, is_marked: bool = False, every_s: float = 0.1
) -> list[captures.Packet]:
    """Return a SYN to a port of each host, unanswered; ``is_marked`` as Mirai writes it."""
    return [
        captures.Packet(
            5 + n * every_s, DEVICE, 40_000 + n, host, port, captures.SYN,
            seq=int(ip_address(host)) if is_marked else 1,
        )
        for n, host in enumerate(hosts)
    ]  # fmt: skip


@BOTH
def test_addresses_in_sequence_numbers_are_a_worm_at_any_port(is_live: bool) -> None:
    hosts = [f"198.51.100.{n + 1}" for n in range(30)]

    found = EngineRun(is_live=is_live)([capture(tries(hosts, port=9_527, is_marked=True))])

    (incident,) = found.printed()
    assert incident["kind"] == "worm"
    assert incident["sign"] == "probes"
    assert incident["title"].startswith("Worm by 192.0.2.30 against ")
    assert "as Mirai does" in incident["detections"][0]["reason"]


def test_the_same_probes_without_it_are_a_scan() -> None:
    hosts = [f"198.51.100.{n + 1}" for n in range(30)]

    (incident,) = EngineRun()([capture(tries(hosts, port=9_527))]).printed()

    assert incident["kind"] == "port_scan"


@BOTH
def test_a_host_that_was_reached_where_it_then_searches_is_a_worm(is_live: bool) -> None:
    (incident,) = EngineRun(is_live=is_live)([capture(captures.worm(at_s=0, hosts=40))]).printed()

    assert (incident["kind"], incident["sign"]) == ("worm", "entered")
    assert incident["attackers"] == ["198.51.100.10"]
    reason = incident["detections"][0]["reason"]
    assert reason.startswith("port 445 of the source itself was reached before; port 445 of ")


def test_one_that_was_reached_at_another_port_is_a_scanner() -> None:
    entered, searched = captures.worm(at_s=0, hosts=0, port=22), captures.worm(at_s=9, hosts=40)

    (incident,) = EngineRun()([capture([*entered, *searched[3:]])]).printed()

    assert incident["kind"] == "port_scan"


@pytest.mark.parametrize(("port", "kind"), [(23, "worm"), (445, "worm"), (443, "port_scan")])
def test_a_search_all_over_the_internet_is_a_worm_at_a_port_of_worms(port: int, kind: str) -> None:
    (incident,) = EngineRun()([capture(tries(ABROAD, port=port))]).printed()

    assert incident["kind"] == kind


def test_a_search_of_one_network_is_none() -> None:
    hosts = [f"8.8.4.{n}" for n in range(40)]

    (incident,) = EngineRun()([capture(tries(hosts, port=23))]).printed()

    assert incident["kind"] == "port_scan"


def test_slammer_is_told_by_its_one_datagram() -> None:
    packets = [
        captures.UdpPacket(5 + n / 100, DEVICE, 1055, host, 1434, b"\4" + b"\1" * 375)
        for n, host in enumerate(ABROAD)
    ]

    (incident,) = EngineRun()([capture(packets)]).printed()

    assert incident["kind"] == "worm"
    assert "the one datagram of SQL Slammer" in incident["detections"][0]["reason"]


@pytest.mark.parametrize("code", [layouts.SCAN_VERTICAL, layouts.SCAN_HORIZONTAL])
def test_a_scan_without_any_sign_is_left_to_others(code: int) -> None:
    trip = packet_trip(code)
    trip["bytes"] = 0

    assert list(Worm(POLICY).judge(trip, source="capture.pcap")) == []
