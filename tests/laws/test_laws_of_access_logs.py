"""The laws over the log of a web server: scans, attacks and floods among ordinary visitors."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.testing import laws
from tocsin.testing.scenes import EngineRun, Stream, log

REPLAY, LIVE = EngineRun(), EngineRun(is_live=True)
FEW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
pytestmark = pytest.mark.timeout(300)
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
SCANNER, INJECTOR, FLOODER = "203.0.113.9", "203.0.113.20", "203.0.113.30"


def line(at_s: int, client: str, target: str, status: int, agent: str = AGENT) -> bytes:
    """Return an access line ``at_s`` seconds after ten o'clock."""
    stamp = f"24/Nov/2026:10:{at_s // 60:02}:{at_s % 60:02} +0000"
    return f'{client} - - [{stamp}] "GET {target} HTTP/1.1" {status} 99 "-" "{agent}"\n'.encode()


def web_log() -> Stream:
    """Return ten minutes of ordinary requests, a scan, an injection and a flood among them."""
    numbers = random.Random(7)
    rows = [
        (at_s, line(at_s, f"192.0.2.{numbers.randrange(200)}", f"/page{numbers.randrange(9)}", 200))
        for at_s in range(600)
        for _ in range(2)
    ]
    rows += [(60 + n, line(60 + n, SCANNER, f"/backup{n}.sql", 404)) for n in range(30)]
    rows += [(200, line(200, INJECTOR, "/item?id=1%27%20union%20select%201,2--", 200))]
    rows += [(300 + n // 150, line(300 + n // 150, FLOODER, "/", 200)) for n in range(900)]
    return log([text for _, text in sorted(rows, key=lambda row: row[0])])


def test_each_attacker_is_named_once_and_no_visitor() -> None:
    found = REPLAY([web_log()]).printed()

    assert sorted((one["kind"], *one["attackers"]) for one in found) == [
        ("http_flood", FLOODER), ("web_attack", INJECTOR), ("web_scan", SCANNER),
    ]  # fmt: skip


@FEW
@given(st.lists(st.integers(1, 130_000), max_size=8))
def test_any_cut_gives_the_same_incidents(cuts: list[int]) -> None:
    laws.check_cut(REPLAY, [web_log()], cuts=sorted(cuts))


def test_replay_and_live_give_the_same_incidents() -> None:
    laws.check_drivers_agree(REPLAY, LIVE, [web_log()])


@pytest.mark.parametrize("restart", [2, 6, 9])
def test_a_restart_anywhere_gives_the_same_incidents(restart: int) -> None:
    again = replace(REPLAY, restarts=frozenset({restart}))

    laws.check_restart(REPLAY, again, [web_log()], cuts=list(range(10_000, 130_000, 10_000)))


def test_every_line_is_accounted_for() -> None:
    found = REPLAY([web_log()])

    laws.check_records(found.stats["auth.log"])
    assert found.stats["auth.log"].records == 2131
