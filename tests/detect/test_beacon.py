"""Calls like a clock, and calls of people and programs."""

from __future__ import annotations

import random

from tests.detect.messages import attacked, judged
from tocsin.core.messages import HttpRequest, Message
from tocsin.detect.beacon import Beacon, rhythm
from tocsin.testing.neighbour_messages import MS, greeted
from tocsin.testing.scenes import START_NS

INSIDE, OUTSIDE = "192.0.2.7", "8.8.8.8"


def test_a_rhythm_with_a_little_jitter_is_told_by_its_thirty_eighth_call() -> None:
    (found,) = attacked(Beacon)

    assert (found.kind, found.attackers, found.victims) == (
        "c2_beacon", ("8.0.0.8",), (INSIDE,),
    )  # fmt: skip
    assert (found.facts["calls"], found.records_to_detect) == (38, 38)
    assert found.figure.startswith("38 calls, one every 0.9")


def calls(total: int, *, jitter: float) -> list[Message]:
    dice = random.Random(11)
    at, rows = START_NS, list[Message]()
    for _ in range(total):
        at += int(5_000 * dice.uniform(1 - jitter, 1 + jitter)) * MS
        rows.append(greeted(at, INSIDE, OUTSIDE))
    return rows


def test_a_clock_is_told_by_its_twenty_fourth_call() -> None:
    assert judged(Beacon, calls(23, jitter=0.0)) == []

    (found,) = judged(Beacon, calls(24, jitter=0.0))

    assert found.facts["calls"] == 24
    assert "score 1.00, 0.97 is the bound; people and most programs call" in found.reason


def test_half_the_calls_with_jitter_are_no_proof_yet() -> None:
    assert judged(Beacon, calls(24, jitter=0.3)) == []
    assert len(judged(Beacon, calls(60, jitter=0.3))) == 1


def test_a_person_calls_unevenly() -> None:
    dice = random.Random(7)
    at, rows = START_NS, []
    for _ in range(400):
        at += int(dice.expovariate(1 / 20) * 1000) * MS
        rows.append(greeted(at, INSIDE, OUTSIDE, size=dice.choice([517, 570, 1700])))

    assert judged(Beacon, rows) == []


def test_a_server_inside_is_no_far_end() -> None:
    rows = [greeted(START_NS + n * 1000 * MS, INSIDE, "192.168.1.9") for n in range(200)]

    assert judged(Beacon, rows) == []


def polled(at_ns: int, number: int, method: str, target: str) -> HttpRequest:
    return HttpRequest(
        at_ns=at_ns, offset=number, client=INSIDE, server=OUTSIDE, server_port=80,
        start_ns=at_ns, start_offset=number, method=method, target=target,
        host="cloud.example.org", headers=(("user-agent", "agent/1"),),
    )  # fmt: skip


def test_a_poll_in_clear_http_is_judged_by_what_it_says() -> None:
    rows = [polled(START_NS + n * 2000 * MS, n, "GET", "/state?id=7") for n in range(300)]

    assert judged(Beacon, rows) == []


def test_posts_to_a_bare_script_are_told_by_the_twenty_fourth_call() -> None:
    dice = random.Random(7)
    at, rows = START_NS, []
    for n in range(30):
        at += int(60_000 * dice.uniform(0.7, 1.3)) * MS
        rows.append(polled(at, n, "POST", "/images/in.php"))

    (found,) = judged(Beacon, rows)

    assert (found.attackers, found.facts["calls"]) == ((OUTSIDE,), 24)


def test_jitter_of_a_third_keeps_most_of_the_evenness() -> None:
    dice = random.Random(7)
    at, times = 0, []
    for _ in range(100):
        at += int(10_000_000_000 * dice.uniform(0.7, 1.3))
        times.append(at)

    interval_s, evenness, skew = rhythm(times)

    assert 9.0 < interval_s < 11.0
    assert evenness > 0.8
    assert abs(skew) < 0.2
