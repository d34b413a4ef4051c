"""Conversations in echo messages, and pings."""

from __future__ import annotations

from tests.detect.messages import attacked, judged
from tocsin.detect.icmp_tunnel import IcmpTunnel
from tocsin.testing.neighbour_messages import MS, echoed
from tocsin.testing.scenes import START_NS


def test_answers_that_do_not_repeat_their_question_are_a_tunnel() -> None:
    (found, *_) = attacked(IcmpTunnel)

    assert (found.kind, found.attackers, found.victims) == (
        "icmp_tunnel", ("203.0.113.1",), ("198.51.100.10",),
    )  # fmt: skip
    assert (found.observed, found.records_to_detect) == (12.0, 6)


def test_pings_with_a_time_stamp_before_their_pattern_are_calm() -> None:
    rows = []
    for n in range(300):
        data = n.to_bytes(16) + bytes(range(16, 56)) * 20
        when = START_NS + n * 1000 * MS
        rows.append(echoed(when, "192.0.2.7", "198.51.100.10", data))
        rows.append(echoed(when + MS, "192.0.2.7", "198.51.100.10", data, is_reply=True))

    assert judged(IcmpTunnel, rows) == []
