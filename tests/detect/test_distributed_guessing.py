"""Many sources that try one account of a host, below every bound of their own."""

from __future__ import annotations

import pytest

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.distributed_guessing import DistributedGuessing
from tocsin.kernels import layouts
from tocsin.testing import intruders, logs
from tocsin.testing.conformance import auth_trip
from tocsin.testing.scenes import EngineRun, log, wiring

POLICY = Policy(rule="rule-a", parameters=Parameters())


def titles(lines: list[bytes], **how: bool) -> list[str]:
    return [one["title"] for one in EngineRun(wiring(), **how)([log(lines)]).printed()]


def test_a_trip_says_how_many_sources_tried_the_account() -> None:
    (found,) = DistributedGuessing(POLICY).judge(
        auth_trip(layouts.ACCOUNT_FOCUS), source="auth.log"
    )

    assert (found.kind, found.users, found.attackers) == (
        "brute_force",
        ("carla",),
        ("203.0.113.9",),
    )


@pytest.mark.parametrize("is_live", [False, True])
def test_one_account_tried_by_many_sources_is_one_incident(is_live: bool) -> None:
    assert titles(intruders.focused_guessing(), is_live=is_live) == [
        "SSH password guessing by 24 sources against web01: 24 tries, distributed"
    ]


def test_names_of_every_host_are_the_background() -> None:
    assert titles(intruders.focused_guessing(user="root")) == [
        "SSH password guessing by 24 sources against web01: 24 tries, background"
    ]


def test_an_account_is_found_among_the_noise() -> None:
    noise = [
        logs.failed(100.0 * n, source=f"192.0.2.{n + 1}", port=50_000 + n, user=name)
        for n, name in enumerate(("root", "admin", "ubuntu", "oracle", "test") * 8)
    ]
    lines = sorted([*noise, *intruders.focused_guessing()])

    assert sorted(titles(lines)) == [
        "SSH password guessing by 20 sources against web01: 20 tries, distributed",
        "SSH password guessing by 64 sources against web01: 64 tries, background",
    ]
