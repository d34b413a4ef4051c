"""One source and many names."""

from __future__ import annotations

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.password_spraying import PasswordSpraying
from tocsin.kernels import layouts
from tocsin.testing import intruders, logs
from tocsin.testing.conformance import auth_trip
from tocsin.testing.scenes import EngineRun, log, wiring

POLICY = Policy(rule="rule-a", parameters=Parameters())


def kinds(lines: list[bytes]) -> list[tuple[str, list[str]]]:
    printed = EngineRun(wiring())([log(lines)]).printed()
    return [(one["kind"], [stage["kind"] for stage in one["kinds"]]) for one in printed]


def test_a_trip_says_how_many_names_and_how_often_each() -> None:
    (found,) = PasswordSpraying(POLICY).judge(auth_trip(layouts.MANY_NAMES), source="auth.log")

    assert found.reason.startswith("12 user names tried 1.0 times each in 10 s")


def test_accounts_that_exist_tried_once_each_are_sprayed() -> None:
    assert kinds(intruders.spraying()) == [("password_spray", ["brute_force", "password_spray"])]


def test_names_that_the_host_does_not_know_are_enumerated() -> None:
    assert kinds(intruders.enumeration()) == [("brute_force", ["brute_force", "user_enumeration"])]


def test_many_passwords_for_one_name_are_no_spray() -> None:
    assert kinds(logs.guessing(at_s=0, failures=40)) == [("brute_force", ["brute_force"])]
