"""The background noise of a public service: one quiet incident a day."""

from __future__ import annotations

import pytest

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.guessing_noise import GuessingNoise
from tocsin.kernels import layouts
from tocsin.testing import logs
from tocsin.testing.conformance import auth_trip
from tocsin.testing.scenes import EngineRun, log

POLICY = Policy(rule="rule-noise", parameters=Parameters())
BOTH = pytest.mark.parametrize("is_live", [False, True], ids=["replay", "live"])
DAY_S = 86_400


def drizzle(*, sources: int, tries: int, at_s: float = 0, every_s: float = 300) -> list[bytes]:
    """Return refused log-ins: each source in turn, ``tries`` rounds."""
    return [
        logs.failed(at_s + n * every_s, source=f"203.0.113.{n % sources + 1}", port=40_000 + n)
        for n in range(sources * tries)
    ]


def test_noise_says_how_much_by_how_many() -> None:
    (found,) = GuessingNoise(POLICY).judge(auth_trip(layouts.BACKGROUND_NOISE), source="auth.log")

    assert found.reason == (
        "12 failed log-ins by 1 source in 10 s; 8 sources in a day are the bound"
    )
    assert (found.entity, found.host, found.attackers) == ("web01", "web01", ("203.0.113.9",))
    assert found.facts == {"noise": 1, "sources": 1}


@BOTH
def test_ten_sources_in_a_day_are_one_low_incident(is_live: bool) -> None:
    (incident,) = EngineRun(is_live=is_live)([log(drizzle(sources=12, tries=4))]).printed()

    assert (incident["kind"], incident["severity"], incident["priority"]) == (
        "brute_force", "low", "P4",
    )  # fmt: skip
    assert len(incident["attackers"]) == 12
    assert incident["counts"]["events"] == 48


@BOTH
def test_nine_sources_are_not_worth_a_line(is_live: bool) -> None:
    assert EngineRun(is_live=is_live)([log(drizzle(sources=9, tries=5))]).printed() == []


@BOTH
def test_each_day_has_its_own_incident(is_live: bool) -> None:
    days = [
        line for day in range(3) for line in drizzle(sources=12, tries=4, at_s=day * DAY_S + 3600)
    ]

    incidents = EngineRun(is_live=is_live)([log(days)]).printed()

    assert [(i["severity"], i["counts"]["events"]) for i in incidents] == [("low", 48)] * 3


@BOTH
def test_a_source_that_persists_stands_out_of_the_noise(is_live: bool) -> None:
    noise = drizzle(sources=12, tries=4)
    lines = sorted([*noise, *logs.guessing(at_s=5_000, failures=60, source="198.51.100.77")])

    incidents = EngineRun(is_live=is_live)([log(lines)]).printed()

    assert sorted((i["severity"], len(i["attackers"])) for i in incidents) == [
        ("low", 13), ("medium", 1),
    ]  # fmt: skip


@BOTH
def test_sources_beyond_those_named_are_counted(is_live: bool) -> None:
    lines = [
        logs.failed(n * 10, source=f"198.18.{n // 250}.{n % 250 + 1}", port=40_000)
        for n in range(1_000)
    ]

    (incident,) = EngineRun(is_live=is_live)([log(lines)]).printed()

    assert len(incident["attackers"]) == layouts.NOISE_SOURCES
    assert incident["counts"]["events"] == 1_000
