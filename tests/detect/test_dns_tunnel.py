"""Names that carry data, and names that are just long."""

from __future__ import annotations

from tests.detect.messages import attacked, judged
from tocsin.detect.dns_tunnel import DnsTunnel
from tocsin.testing.neighbour_messages import MS, looked_up
from tocsin.testing.scenes import START_NS

CLIENT = "192.0.2.7"


def test_a_tunnel_is_told_with_its_domain_and_what_it_said() -> None:
    first, second = attacked(DnsTunnel)

    assert (first.kind, first.attackers, first.victims) == (
        "dns_tunnel", ("203.0.113.1",), ("198.51.100.53",),
    )  # fmt: skip
    assert first.facts == {"domain": "example.org", "names": 11}
    assert first.observed == 524.0
    assert (first.records_to_detect, second.is_update) == (11, True)


def test_a_busy_client_of_a_content_network_is_calm() -> None:
    rows = [
        looked_up(START_NS + n * 300 * MS, CLIENT, f"e{n:05}.dscb.edge-{n % 9}.example.net")
        for n in range(300)
    ]

    assert judged(DnsTunnel, rows) == []


def test_one_long_name_again_and_again_says_nothing() -> None:
    name = "a-very-long-name-of-a-service-in-region-eu-west-1.elb.example.com"
    rows = [looked_up(START_NS + n * MS, CLIENT, name) for n in range(500)]

    assert judged(DnsTunnel, rows) == []


def test_reverse_look_ups_say_nothing() -> None:
    rows = [
        looked_up(START_NS + n * MS, CLIENT, f"{n & 255}.{n >> 8}.0.10.in-addr.arpa", kind=12)
        for n in range(2000)
    ]

    assert judged(DnsTunnel, rows) == []


def test_large_answers_of_a_rare_type_count() -> None:
    rows = []
    for n in range(30):
        name = f"q{n:04}.t.example.org"
        rows.append(looked_up(START_NS + n * 20 * MS, CLIENT, name, kind=16))
        rows.append(looked_up(START_NS + n * 20 * MS + MS, CLIENT, name, kind=16, code=0, size=220))

    (first, *_) = judged(DnsTunnel, rows)

    assert first.facts["domain"] == "example.org"
