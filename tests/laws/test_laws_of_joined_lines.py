"""The laws over records of several lines: audit events, traces and split lines among log-ins."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.parse.audit_lines import execution
from tests.parse.test_joining import CRI, JAVA, POSTGRES
from tocsin.testing import laws
from tocsin.testing.scenes import EngineRun, Stream, log

REPLAY, LIVE = EngineRun(), EngineRun(is_live=True)
FEW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
pytestmark = pytest.mark.timeout(300)
GUESSER, SCANNER = "203.0.113.9", "203.0.113.20"


def refused(at_s: int, serial: int) -> str:
    """Return auditd's record of a log-in that sshd refused."""
    return (
        f"type=USER_LOGIN msg=audit({1795412460 + at_s}.000:{serial}): pid={2000 + serial} uid=0"
        f' auid=4294967295 ses=4294967295 msg=\'op=login acct="root" exe="/usr/sbin/sshd" hostname=?'
        f" addr={GUESSER} terminal=ssh res=failed'\n"
    )


def split(at_s: int, number: int) -> list[str]:
    """Return a request that a container's runtime split in two."""
    stamp = f"2026-11-23T05:{41 + at_s // 60:02}:{at_s % 60:02}.5Z"
    return [
        f'{stamp} stdout P {SCANNER} - - [23/Nov/2026:05:{41 + at_s // 60:02}:{at_s % 60:02} +0000] "GET /back\n',
        f'{stamp} stdout F up{number}.sql HTTP/1.1" 404 13 "-" "curl"\n',
    ]


def mixed_log() -> Stream:
    """Return guessing and a scan; between their lines stand those of other records."""
    lines: list[str] = []
    for n in range(30):
        one, two = execution([f"id{n}"], exe="/usr/bin/id", serial=10 * n), split(n, n)
        lines += [*one[:2], two[0], refused(n, 10 * n + 1), *one[2:], two[1]]
    lines += [JAVA, POSTGRES, CRI]
    return log([line.encode() for line in lines])


def test_the_attackers_are_named_and_nobody_else() -> None:
    found = REPLAY([mixed_log()]).printed()

    assert sorted((one["kind"], *one["attackers"]) for one in found) == [
        ("brute_force", GUESSER), ("web_scan", SCANNER),
    ]  # fmt: skip


@FEW
@given(st.lists(st.integers(1, 45_000), max_size=8))
def test_any_cut_gives_the_same_incidents(cuts: list[int]) -> None:
    laws.check_cut(REPLAY, [mixed_log()], cuts=sorted(cuts))


def test_replay_and_live_give_the_same_incidents() -> None:
    laws.check_drivers_agree(REPLAY, LIVE, [mixed_log()])


@pytest.mark.parametrize("restart", [1, 3])
def test_a_restart_anywhere_gives_the_same_incidents(restart: int) -> None:
    again = replace(REPLAY, restarts=frozenset({restart}))

    laws.check_restart(REPLAY, again, [mixed_log()], cuts=list(range(5_000, 40_000, 5_000)))


def test_every_record_is_accounted_for() -> None:
    found = REPLAY([mixed_log()])

    laws.check_records(found.stats["auth.log"])
