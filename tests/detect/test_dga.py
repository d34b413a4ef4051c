"""Generated names, and other names that do not exist."""

from __future__ import annotations

import pytest

from tests.detect.messages import attacked, judged
from tocsin.detect.dga import Dga
from tocsin.detect.domains import is_random, registered
from tocsin.testing.neighbour_messages import MS, looked_up
from tocsin.testing.scenes import START_NS

CLIENT = "192.0.2.7"


def test_a_bot_in_search_of_its_master_is_named() -> None:
    (found,) = attacked(Dga)

    assert (found.kind, found.attackers, found.observed) == ("dga", ("203.0.113.1",), 12.0)
    assert found.figure == "12 names that do not exist in 11 s"


def test_typing_errors_and_search_lists_are_calm() -> None:
    words = ["exmaple", "wikipedai", "gogle", "faecbook", "youtub", "amazno", "tiwtter", "githbu"]
    rows = [
        looked_up(START_NS + n * 1000 * MS, CLIENT, f"{word}.{top}", code=3)
        for n, (word, top) in enumerate((w, t) for w in words for t in ("com", "org", "net"))
    ]
    probes = [
        looked_up(START_NS + n * MS, CLIENT, f"xkqjvzwpt{n}.corp.example", code=3)
        for n in range(50)
    ]

    assert judged(Dga, [*rows, *probes]) == []


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("a.b.example.org", "example.org"),
        ("x.example.co.uk", "example.co.uk"),
        ("example.org", "example.org"),
        ("host", "host"),
    ],
)
def test_the_registered_domain_is_told_by_shape(name: str, domain: str) -> None:
    assert registered(name) == domain


@pytest.mark.parametrize("label", ["wikipedia", "stackoverflow", "example", "my-long-shop", "bbc"])
def test_names_that_people_made_up_are_not_random(label: str) -> None:
    assert not is_random(label)
