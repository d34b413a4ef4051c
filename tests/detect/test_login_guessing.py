"""Password guessing at log-ins in the clear."""

from __future__ import annotations

from dataclasses import replace

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.login_guessing import LoginGuessing
from tocsin.testing.attacks.login_guessing import attack
from tocsin.testing.conformance import check_detector
from tocsin.testing.scenes import START_NS

POLICY = Policy(rule="rule-login_guessing", parameters=Parameters())


def test_it_keeps_the_promises_of_a_detector() -> None:
    check_detector(lambda: LoginGuessing(POLICY), rule="rule-login_guessing")


def test_five_different_passwords_within_seconds_are_guessing() -> None:
    found = list(LoginGuessing(POLICY).judge(attack(0, START_NS), source="a.pcap"))

    assert [(one.kind, one.observed, one.threshold) for one in found] == [
        ("brute_force", 5.0, 5.0),
        ("brute_force", 10.0, 5.0),
    ]
    assert found[0].reason == (
        "5 refused log-ins to ftp in 4 s for 1 user; 5 within 10 min is the bound"
    )
    assert (found[0].attackers, found[0].victims) == (("203.0.113.1",), ("198.51.100.21",))


def test_a_program_that_repeats_one_outdated_password_guesses_nothing() -> None:
    same = [replace(one, secret="aa") for one in attack(0, START_NS) * 3]

    assert list(LoginGuessing(POLICY).judge(same, source="a.pcap")) == []


def test_a_success_after_guessing_is_a_compromise() -> None:
    tries = attack(0, START_NS)
    last = replace(tries[-1], at_ns=START_NS + 20_000_000_000, outcome="success", secret="")

    found = list(LoginGuessing(POLICY).judge([*tries, last], source="a.pcap"))

    assert found[-1].kind == "account_compromise"
    assert found[-1].users == ("bob",)


def test_a_success_without_guessing_is_nothing() -> None:
    tries = attack(0, START_NS)[:3]
    last = replace(tries[-1], at_ns=START_NS + 20_000_000_000, outcome="success", secret="")

    assert list(LoginGuessing(POLICY).judge([*tries, last], source="a.pcap")) == []
