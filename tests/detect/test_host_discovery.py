"""Searches for hosts, and what only looks like one."""

from __future__ import annotations

from tests.detect.messages import attacked, judged
from tocsin.detect.host_discovery import HostDiscovery
from tocsin.testing.neighbour_messages import MS, asked, echoed
from tocsin.testing.scenes import START_NS


def test_a_sweep_by_arp_is_told_at_the_sixteenth_host_and_at_the_double() -> None:
    first, second = attacked(HostDiscovery)

    assert (first.kind, first.attackers, first.victims) == (
        "host_discovery", ("192.0.2.9", "02:00:00:00:00:00"), ("192.0.2.0/24",),
    )  # fmt: skip
    assert first.figure == "16 hosts asked for in 60 ms"
    assert (first.records_to_detect, second.observed, second.is_update) == (16, 32.0, True)
    assert first.reason == (
        "16 hosts asked for by ARP in 60 ms, 0 answers; a host asks for the few that it talks to; "
        "16 in 10 s is the bound"
    )


def test_a_ping_sweep_is_one_too() -> None:
    rows = [echoed(START_NS + n * MS, "192.0.2.9", f"198.51.100.{n}", b"x" * 56) for n in range(20)]

    (found,) = judged(HostDiscovery, rows)

    assert (found.attackers, found.facts["proto"]) == (("192.0.2.9",), "icmp")


def test_asking_for_few_again_and_again_is_none() -> None:
    rows = [asked(START_NS + n * MS, "192.0.2.1", f"192.0.2.{n % 12}", by=1) for n in range(500)]

    assert judged(HostDiscovery, rows) == []


def test_a_monitor_whose_hosts_answer_is_none() -> None:
    rows = []
    for n in range(40):
        host = f"198.51.100.{n}"
        rows.append(echoed(START_NS + 2 * n * MS, "192.0.2.9", host, b"x" * 56))
        rows.append(echoed(START_NS + 2 * n * MS + MS, "192.0.2.9", host, b"x", is_reply=True))

    assert judged(HostDiscovery, rows) == []
