"""Spoofed ARP, and stations that change for good reasons."""

from __future__ import annotations

from dataclasses import replace

from tests.detect.messages import attacked, judged
from tocsin.detect.arp_spoof import ArpSpoof
from tocsin.testing.neighbour_messages import MS, answered, asked, mac
from tocsin.testing.scenes import START_NS

GATEWAY, HOST = "192.0.2.1", "192.0.2.7"


def test_a_station_between_two_hosts_is_named() -> None:
    first, *_ = attacked(ArpSpoof)

    assert (first.kind, first.attackers) == ("arp_spoof", (mac(1_000_000),))
    assert first.victims == ("10.0.0.1", "10.0.0.7")
    assert (first.observed, first.records_to_detect) == (7.0, 2)
    assert first.contributions == {"both_sides": 4.0, "unasked": 2.0, "several": 1.0}


def test_who_asks_for_the_address_that_it_claims_gives_itself_away() -> None:
    rows = [
        asked(START_NS, GATEWAY, HOST, by=6, to=mac(7)),
        answered(START_NS + MS, GATEWAY, HOST, by=6, to=7),
        asked(START_NS + 9000 * MS, "192.0.2.66", GATEWAY, by=6),
    ]

    (found,) = judged(ArpSpoof, rows)

    assert found.attackers == (mac(6), "192.0.2.66")
    assert found.contributions["asks_own"] == 4.0


def test_a_quarrel_about_an_address_counts_for_the_newcomer() -> None:
    rows = []
    for n in range(6):
        rows.append(answered(START_NS + 2 * n * 1000 * MS, GATEWAY, HOST, by=1, to=7))
        rows.append(answered(START_NS + (2 * n + 1) * 1000 * MS, GATEWAY, HOST, by=6, to=7))

    assert {found.attackers[0] for found in judged(ArpSpoof, rows)} == {mac(6)}


def test_calm_neighbours_stay_calm() -> None:
    asks = [asked(START_NS + n * 1000 * MS, HOST, GATEWAY, by=7) for n in range(50)]
    replies = [
        answered(START_NS + n * 1000 * MS + MS, GATEWAY, HOST, by=1, to=7) for n in range(50)
    ]
    taken_over = [answered(START_NS + 60_000 * MS + n, GATEWAY, HOST, by=2, to=7) for n in range(2)]
    rows = sorted([*asks, *replies], key=lambda row: row.at_ns)

    assert judged(ArpSpoof, [*rows, *taken_over]) == []


def test_the_same_claim_told_to_one_host_again_and_again_is_spoofing() -> None:
    rows = [answered(START_NS + n * 2000 * MS, GATEWAY, HOST, by=6, to=7) for n in range(8)]

    (found, *_) = judged(ArpSpoof, rows)

    assert (found.attackers, found.victims) == ((mac(6),), (GATEWAY, HOST))
    assert found.contributions == {"insists": 4.0, "unasked": 3.0}
    assert found.records_to_detect == 4


def test_an_answer_that_a_mirror_port_gives_twice_is_no_claim() -> None:
    rows = []
    for n in range(30):
        at_ns = START_NS + n * 5000 * MS
        rows += [asked(at_ns, HOST, GATEWAY, by=7)] * 2
        rows += [answered(at_ns + MS, GATEWAY, HOST, by=1, to=7)] * 2

    assert judged(ArpSpoof, rows) == []


def test_what_is_told_to_all_is_an_announcement() -> None:
    rows = [
        replace(answered(START_NS + n * 1000 * MS, GATEWAY, HOST, by=6, to=7), target=to)
        for n in range(8)
        for to in (GATEWAY, "ff02::1")
    ]

    assert judged(ArpSpoof, rows) == []


def test_a_station_of_ipv6_that_answers_for_another_is_named() -> None:
    router, host = "fe80::1", "fe80::7"
    rows = [asked(START_NS, host, router, by=7)]
    rows += [
        replace(answered(START_NS + n * 5000 * MS + MS, router, host, by=6, to=7), target_mac="")
        for n in range(6)
    ]

    (found, *_) = judged(ArpSpoof, rows)

    assert (found.attackers, found.facts["proto"]) == ((mac(6),), "ndp")
