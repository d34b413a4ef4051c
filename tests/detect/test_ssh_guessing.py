"""Password guessing and what it leads to: figures from trips, logs and captures."""

from __future__ import annotations

import pytest

from tocsin.core.parameters import Parameters
from tocsin.detect.account_compromise import AccountCompromise
from tocsin.detect.base import Policy
from tocsin.detect.ssh_guessing import SshGuessing, text_of
from tocsin.detect.ssh_guessing_flows import SshGuessingFlows
from tocsin.kernels import layouts
from tocsin.testing import logs
from tocsin.testing.conformance import auth_trip, packet_trip
from tocsin.testing.scenes import START_NS, EngineRun, guessed_ssh, log

POLICY = Policy(rule="rule-guess", parameters=Parameters())
BOTH = pytest.mark.parametrize("is_live", [False, True], ids=["replay", "live"])


def test_guessing_says_how_many_how_long_and_for_whom() -> None:
    (found,) = SshGuessing(POLICY).judge(auth_trip(layouts.GUESS_EVENTS), source="auth.log")

    assert found.reason == (
        "12 failed log-ins in 10 s for 1 user name; 8 within 10 min is the bound"
    )
    assert found.figure == "12 failures in 10 s"
    assert (found.kind, found.entity, found.host) == ("brute_force", "203.0.113.9", "web01")
    assert (found.attackers, found.users, found.service) == (("203.0.113.9",), ("root",), "ssh")
    assert (found.observed, found.threshold, found.score) == (12.0, 8.0, 1.5)
    assert found.source_ports == (40_000, 40_001)
    assert (found.selector.medium, found.selector.near) == ("log", ("203.0.113.9",))
    assert found.counts.events == 12


def test_guessing_at_a_local_service_is_about_the_user() -> None:
    row = auth_trip(layouts.GUESS_EVENTS)
    row["src_hi"] = row["src_lo"] = 0
    row["service"], row["service_name"] = 2, b"sudo"

    (found,) = SshGuessing(POLICY).judge(row, source="auth.log")

    assert (found.entity, found.attackers, found.service) == ("root", (), "sudo")
    assert (found.selector.near, found.selector.users) == ((), ("root",))


def test_names_that_are_not_text_are_escaped() -> None:
    assert text_of(b"ro\xffot") == r"ro\xffot"


def test_an_entry_after_guessing_names_the_account_that_was_entered() -> None:
    row = auth_trip(layouts.SUCCESS_AFTER_GUESSING)
    row["users"][0, 1], row["user_last"], row["threshold"] = b"ana", b"ana", 4
    row["successes"] = 1

    (found,) = AccountCompromise(POLICY).judge(row, source="auth.log")

    assert found.reason == (
        "password log-in as 'ana' accepted after 12 failed log-ins by the same source in 10 s; "
        "4 failures before a success is the bound"
    )
    assert (found.kind, found.users) == ("account_compromise", ("ana",))
    assert found.counts.events == 13


def test_guessing_seen_by_flows_says_connections_and_port() -> None:
    (found,) = SshGuessingFlows(POLICY).judge(
        packet_trip(layouts.GUESS_FLOWS), source="capture.pcap"
    )

    assert found.reason == (
        "50 short SSH connections of about the same size to port 22 in 10 s; "
        "8 within 10 min is the bound"
    )
    assert found.figure == "50 connections in 10 s"
    assert (found.kind, found.service) == ("brute_force", "ssh")
    assert (found.attackers, found.victims) == (("203.0.113.9",), ("198.51.100.10",))
    assert found.facts == {"port": 22, "proto": "tcp"}


@BOTH
def test_the_fourth_failure_in_a_burst_raises_and_the_entry_is_critical(is_live: bool) -> None:
    lines = [
        *logs.guessing(at_s=3.0, failures=40),
        logs.accepted(50.0, source="203.0.113.9", port=40_100),
    ]

    found = EngineRun(is_live=is_live)([log(lines)])

    assert found.detections[0].detected_ns == START_NS + 6_000_000_000
    (incident,) = found.printed()
    assert incident["title"] == (
        "Account 'root' entered after password guessing by 203.0.113.9 against web01: "
        "40 failures in 47 s"
    )
    assert (incident["kind"], incident["severity"]) == ("account_compromise", "critical")
    assert incident["users"] == ["root"]
    assert [stage["kind"] for stage in incident["kinds"]] == ["brute_force", "account_compromise"]


@BOTH
def test_seven_failures_in_ten_minutes_and_an_ordinary_day_raise_nothing(is_live: bool) -> None:
    run = EngineRun(is_live=is_live)

    assert run([log(logs.guessing(at_s=3.0, failures=7, every_s=75.0))]).detections == []
    assert run([log(logs.ordinary_day())]).detections == []


@BOTH
def test_eight_short_connections_of_one_size_are_guessing(is_live: bool) -> None:
    stream, _ = guessed_ssh(tries=9)

    (incident,) = EngineRun(is_live=is_live)([stream]).printed()

    assert (incident["kind"], incident["victims"]) == ("brute_force", ["198.51.100.10"])
    assert incident["reasons"] == [
        (
            "9 short SSH connections of about the same size to port 22 in 9 s; "
            "8 within 10 min is the bound"
        )
    ]


@BOTH
def test_seven_short_connections_are_not_guessing(is_live: bool) -> None:
    stream, _ = guessed_ssh(tries=7)

    assert EngineRun(is_live=is_live)([stream]).detections == []


@BOTH
def test_one_attack_in_log_and_capture_is_one_incident_with_both_counts(is_live: bool) -> None:
    (incident,) = EngineRun(is_live=is_live)(guessed_ssh()).printed()

    assert incident["counts"] == {"events": 40, "packets": 320, "flows": 40, "bytes": 94_600}
    assert incident["sources"] == [
        {"path": "auth.log", "records": 40},
        {"path": "capture.pcap", "records": 320},
    ]
    assert incident["victims"] == ["198.51.100.10"]


def told_of(source: str, *, many: int) -> list[str]:
    """Return who says what of ``source``, which fails five times after ``many`` others failed."""
    lines = [
        logs.failed(60.0 * n, source=f"198.51.100.{n + 1}", port=4000 + n) for n in range(many)
    ]
    lines += [logs.failed(60.0 * many + n, source=source, port=5000 + n) for n in range(5)]
    found = EngineRun()([log(lines)]).detections
    return [one.detector for one in found if one.attackers == (source,)]


def test_a_few_failures_of_one_source_are_told_and_of_one_of_many_are_background() -> None:
    assert "ssh_guessing" in told_of("203.0.113.9", many=0)
    assert told_of("203.0.113.9", many=20) == []
