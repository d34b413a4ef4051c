"""Ports that answer for the first time, told from a host's own past."""

from __future__ import annotations

from tests.detect.messages import attacked, judged
from tocsin.core.messages import Answered
from tocsin.core.times import HOUR_NS
from tocsin.detect.new_service import PORTS_MAX, NewService
from tocsin.testing.neighbour_messages import opened, replied
from tocsin.testing.scenes import START_NS

HOST, CLIENT, STRANGER = "10.0.0.5", "10.0.0.9", "8.8.4.4"


def answer(hour: int, port: int, client: str = CLIENT) -> Answered:
    return replied(START_NS + hour * HOUR_NS, client, HOST, port=port)


WEEK = [answer(hour, port) for hour in range(5 * 24) for port in (22, 443)]


def test_a_port_that_never_answered_is_told_with_the_ones_that_did() -> None:
    (found,) = judged(NewService, [*WEEK, answer(5 * 24, 4444, STRANGER)])

    assert (found.kind, found.attackers, found.victims) == ("new_service", (), (HOST,))
    assert found.reason == (
        "10.0.0.5 answered 1 client at TCP port 4444, 8.8.4.4 (outside) last; before, on 5 days "
        "that it was seen, it answered at 2 other ports (22, 443) and never there"
    )
    assert found.facts["port"] == 4444


def test_conformance_attack_raises_once() -> None:
    assert [one.victims for one in attacked(NewService)] == [("203.0.113.1",)]


def test_on_the_third_day_it_is_too_early_to_say() -> None:
    rows = [*(answer(hour, 22) for hour in range(50)), answer(50, 4444), answer(99, 4444)]

    assert judged(NewService, rows) == []


def test_time_that_merely_passed_teaches_nothing() -> None:
    days = [answer(24 * day, 22) for day in range(20)]

    assert judged(NewService, [*days, answer(500, 4444)]) == []


def test_its_use_by_more_clients_is_told_as_it_doubles() -> None:
    more = [answer(5 * 24, 4444, f"10.0.1.{n}") for n in range(8)]

    assert [one.observed for one in judged(NewService, [*WEEK, *more])] == [1.0, 2.0, 4.0, 8.0]


def test_questions_that_nobody_answers_are_no_service() -> None:
    asked = opened(START_NS + 5 * 24 * HOUR_NS, CLIENT, HOST, b"GET", port=4444)

    assert judged(NewService, [*WEEK, asked]) == []


def test_clients_ports_and_hosts_of_others_are_not_judged() -> None:
    far = [replied(row.at_ns, CLIENT, STRANGER, port=443) for row in WEEK]
    new = replied(START_NS + 5 * 24 * HOUR_NS, CLIENT, STRANGER, port=25)

    assert judged(NewService, [*WEEK, answer(5 * 24, 50_000)]) == []
    assert judged(NewService, [*far, new]) == []


def test_a_host_of_very_many_services_is_left_alone() -> None:
    many = [answer(hour, 1000 + n) for hour in range(99) for n in range(PORTS_MAX)]

    assert judged(NewService, [*many, answer(5 * 24, 4444)]) == []
