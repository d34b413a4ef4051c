"""The laws over what hosts log of their own: any cut, any restart, one attack one incident."""

from __future__ import annotations

import pytest

from tocsin.testing import calm_week, intruders, logs
from tocsin.testing.laws import check_cut, check_drivers_agree, check_restart
from tocsin.testing.scenes import EngineRun, Stream, log, wiring

DAY_S = 86_400.0


def stolen_key() -> list[bytes]:
    """Return twelve ordinary days, then a log-in from elsewhere and what it does."""
    at_s = 12 * DAY_S + 12 * 3600
    entry = "Accepted publickey for ana from 203.0.113.9 port 4000 ssh2: RSA SHA256:z"
    return [
        *calm_week.ordinary_week(days=12),
        logs.line(at_s, entry),
        intruders.sudo(at_s + 60, "/usr/bin/tee /etc/systemd/system/x.service"),
        intruders.new_account(at_s + 90),
    ]


SCENES: dict[str, Stream] = {
    "an intrusion": log(intruders.whole_intrusion()),
    "a stolen key": log(stolen_key()),
    "one account": log(intruders.focused_guessing()),
    "a spray": log(intruders.spraying()),
    "a failing server": log(intruders.failing_server(), source="access.log"),
    "a refused client": log(intruders.refused_client(), source="access.log"),
}


@pytest.mark.parametrize("scene", SCENES)
def test_any_cut_and_any_restart_give_the_same(scene: str) -> None:
    stream = SCENES[scene]
    run = EngineRun(wiring())
    size = len(stream.data)
    cuts = [size // 7, size // 3, size // 2 + 11, size - 40]

    check_cut(run, [stream], cuts=cuts)
    check_restart(run, EngineRun(wiring(), restarts=frozenset({2, 4})), [stream], cuts=cuts)
    check_drivers_agree(run, EngineRun(wiring(), is_live=True), [stream])


@pytest.mark.parametrize("is_live", [False, True])
def test_an_ordinary_week_raises_nothing(is_live: bool) -> None:
    run = EngineRun(wiring(), is_live=is_live)

    assert run([log(calm_week.ordinary_week(days=12))]).printed() == []
    assert run([log(calm_week.calm_access(hours=80), source="access.log")]).printed() == []


def test_guessing_success_root_and_what_is_left_are_one_incident() -> None:
    (found,) = EngineRun(wiring())([SCENES["an intrusion"]]).printed()

    assert [stage["kind"] for stage in found["kinds"]] == [
        "brute_force", "account_compromise", "persistence", "privilege_abuse", "log_tampering",
    ]  # fmt: skip
    assert (found["severity"], found["attackers"]) == ("high", ["203.0.113.9"])


def test_a_stolen_key_and_what_it_does_are_one_incident() -> None:
    (found,) = EngineRun(wiring())([SCENES["a stolen key"]]).printed()

    assert [stage["kind"] for stage in found["kinds"]] == ["unusual_login", "persistence"]
    assert (found["severity"], found["users"]) == ("high", ["ana"])


def test_a_weak_sign_alone_is_only_counted() -> None:
    line = intruders.sudo(0, "/usr/bin/systemctl enable nginx")
    result = EngineRun(wiring())([log([line])])

    assert result.printed() == []
    assert result.accounts is not None
    assert result.accounts.by_rule == {"a weak sign alone": 1}
