"""DHCP servers that disagree, and those that are a pair."""

from __future__ import annotations

from tests.detect.messages import attacked, judged
from tocsin.detect.rogue_dhcp import RogueDhcp
from tocsin.testing.neighbour_messages import MS, leased, mac
from tocsin.testing.scenes import START_NS


def test_the_newcomer_with_another_router_is_named() -> None:
    (found,) = attacked(RogueDhcp)

    assert (found.kind, found.attackers, found.victims) == (
        "rogue_dhcp", ("10.0.0.66",), (mac(0),),
    )  # fmt: skip
    assert found.figure == "2 servers disagree"
    assert found.expected == 1.0


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
