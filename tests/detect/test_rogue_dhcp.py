"""DHCP servers that disagree, and those that are a pair."""

from __future__ import annotations

from tests.detect.messages import attacked, judged
from tocsin.core.messages import DhcpMessage, RouterAdvertisement
from tocsin.detect.rogue_dhcp import RogueDhcp
from tocsin.testing.neighbour_messages import MS, leased, mac
from tocsin.testing.scenes import START_NS


def test_of_two_that_come_at_once_both_are_named() -> None:
    (found,) = attacked(RogueDhcp)

    assert (found.kind, found.attackers, found.victims) == (
        "rogue_dhcp", ("10.0.0.66", "10.0.0.1"), (mac(0),),
    )  # fmt: skip
    assert found.figure == "2 servers disagree"
    assert found.expected == 1.0


def test_the_newcomer_with_another_router_is_named() -> None:
    rows = [
        leased(START_NS, "192.0.2.1", mac(9), router="192.0.2.1"),
        leased(START_NS + 700_000 * MS, "192.0.2.66", mac(8), router="192.0.2.66"),
        leased(START_NS + 700_001 * MS, "192.0.2.1", mac(8), router="192.0.2.1"),
    ]

    (found, *_) = judged(RogueDhcp, rows)

    assert (found.attackers, found.victims) == (("192.0.2.66",), (mac(8),))
    assert found.reason == (
        "2 DHCP servers offer different ways out of one network: 192.0.2.1 offers router "
        "192.0.2.1 and name server 192.0.2.1; 192.0.2.66 offers router 192.0.2.66 and name server "
        "192.0.2.66; 192.0.2.66 came last, 192.0.2.1 was there before; one way out is usual"
    )


def leased_v6(at_s: float, server: str, net: str) -> DhcpMessage:
    return DhcpMessage(
        at_ns=START_NS + round(at_s * 1000) * MS, offset=round(at_s * 1000), client=server,
        server="fe80::9", proto=17, client_port=547, server_port=546, type=2,
        client_mac=mac(9), server_id=server, offered=f"{net}::77", name_servers=(f"{net}::53",),
    )  # fmt: skip


def test_a_server_of_ipv6_with_another_prefix_is_named() -> None:
    usual = [leased_v6(200.0 * n, "fe80::1", "2001:db8:1") for n in range(5)]

    (found, *_) = judged(RogueDhcp, [*usual, leased_v6(900.0, "fe80::66", "2001:db8:5")])

    assert (found.attackers, found.victims) == (("fe80::66",), (mac(9),))
    assert "fe80::66 offers prefix 2001:db8:5::/64" in found.reason


def test_two_servers_of_ipv6_that_agree_are_a_pair() -> None:
    rows = [leased_v6(float(n), f"fe80::{n % 2 + 1}", "2001:db8:1") for n in range(40)]

    assert judged(RogueDhcp, rows) == []


def advertised(at_s: float, number: int, prefix: str) -> RouterAdvertisement:
    return RouterAdvertisement(
        at_ns=START_NS + round(at_s * 1000) * MS, offset=number, client=f"fe80::{number}",
        server="ff02::1", proto=58, router=f"fe80::{number}", router_mac=mac(number),
        prefixes=(prefix,),
    )  # fmt: skip


def test_a_router_of_ipv6_with_another_prefix_is_named() -> None:
    usual = [advertised(200.0 * n, 1, "2001:db8:1::/64") for n in range(6)]
    other = [advertised(900.0 + 5 * n, 66, "2001:db8:5::/64") for n in range(3)]
    rows = sorted([*usual, *other], key=lambda row: row.at_ns)

    (found, *_) = judged(RogueDhcp, rows)

    assert found.attackers == (mac(66),)


def test_a_flood_of_advertisements_is_not_this_detectors() -> None:
    rows = [advertised(n / 100, n, f"2001:db8:{n:x}::/64") for n in range(200)]

    assert judged(RogueDhcp, rows) == []


def test_two_servers_that_agree_are_a_pair() -> None:
    rows = [
        leased(START_NS + n * MS, f"192.0.2.{n + 1}", mac(9), router="192.0.2.254")
        for n in range(2)
    ]

    assert judged(RogueDhcp, rows) == []


def test_sixty_new_stations_in_a_minute_use_the_pool_up() -> None:
    rows = [leased(START_NS + n * MS, "", mac(n), kind=1) for n in range(70)]

    (found,) = judged(RogueDhcp, rows)

    assert (found.facts["attack"], found.attackers, found.records_to_detect) == (
        "starvation", ("*spoofed",), 60,
    )  # fmt: skip


def test_a_school_that_boots_over_an_hour_does_not() -> None:
    rows = [leased(START_NS + n * 20_000 * MS, "", mac(n), kind=1) for n in range(180)]

    assert judged(RogueDhcp, rows) == []
