"""Stations that speak for the first time on a link that was watched for days."""

from __future__ import annotations

from tests.detect.messages import attacked, judged
from tocsin.core.times import HOUR_NS
from tocsin.detect.new_device import DEVICES_MAX, NewDevice
from tocsin.testing.attacks.new_device import OLD, spoken, station
from tocsin.testing.neighbour_messages import leased, mac
from tocsin.testing.scenes import START_NS

HOURS = [spoken(START_NS + hour * HOUR_NS, OLD, "192.0.2.9") for hour in range(5 * 24)]
NOW_NS = START_NS + 5 * 24 * HOUR_NS


def test_a_stranger_is_told_with_its_address() -> None:
    (found,) = judged(NewDevice, [*HOURS, spoken(NOW_NS, station(7), "192.0.2.50")])

    assert (found.kind, found.attackers) == ("new_device", ())
    assert found.victims == ("00:16:3e:00:00:07", "192.0.2.50")
    assert found.reason == (
        "00:16:3e:00:00:07 at 192.0.2.50 spoke on this link for the first time; 1 other met on "
        "the 5 days before"
    )


def test_one_that_asks_for_a_lease_is_told() -> None:
    asked = leased(NOW_NS, "", station(8), kind=1)

    assert [one.victims for one in judged(NewDevice, [*HOURS, asked])] == [(station(8),)]


def test_conformance_attack_raises_once() -> None:
    assert len(attacked(NewDevice)) == 1


def test_the_first_three_days_teach() -> None:
    assert judged(NewDevice, [*HOURS[:50], spoken(HOURS[50].at_ns, station(7), "192.0.2.50")]) == []


def test_addresses_that_change_are_new_only_where_none_was_before() -> None:
    phone = spoken(NOW_NS, mac(7), "192.0.2.50")
    guests = [spoken(START_NS, mac(5), "192.0.2.51"), *HOURS]

    assert judged(NewDevice, [*guests, phone]) == []
    assert len(judged(NewDevice, [*HOURS, phone])) == 1


def test_a_flood_of_addresses_is_one_episode_in_bounded_memory() -> None:
    flood = [spoken(NOW_NS + n, station(n + 1), "192.0.2.50") for n in range(2 * DEVICES_MAX)]
    found = judged(NewDevice, [*HOURS, *flood])

    assert len({one.episode for one in found}) == 1
    assert [one.observed for one in found][-1] == 2048.0
    assert len(found) == 12


def test_pieces_of_many_days_are_not_days_of_watching() -> None:
    assert judged(NewDevice, [*HOURS[::24], spoken(NOW_NS, station(7), "192.0.2.50")]) == []
