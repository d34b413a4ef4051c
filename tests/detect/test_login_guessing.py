"""Password guessing at log-ins in the clear."""

from __future__ import annotations

from dataclasses import replace

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.login_guessing import LoginGuessing
from tocsin.testing import ssh_talks
from tocsin.testing.attacks.login_guessing import attack
from tocsin.testing.conformance import check_detector
from tocsin.testing.scenes import START_NS, EngineRun, capture
from tocsin.testing.talks import talk

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


def ssh(*connections: ssh_talks.Lines) -> list[tuple[str, str]]:
    packets = [
        packet
        for n, lines in enumerate(connections)
        for packet in talk(
            5.0 * n,
            ("203.0.113.9", 41_000 + n, "198.51.100.22", 2222),
            ssh_talks.key_exchange() + lines,
        )
    ]
    return [(one["kind"], one["title"]) for one in EngineRun()([capture(packets)]).printed()]


def tried(*tries: tuple[int, int]) -> ssh_talks.Lines:
    return ssh_talks.turns([(ssh_talks.NONE, ssh_talks.REFUSED), *tries])


WRONG = (ssh_talks.PASSWORD, ssh_talks.REFUSED)
KEY = (ssh_talks.KEY, ssh_talks.REFUSED)


def test_many_passwords_in_few_ssh_connections_are_guessing() -> None:
    assert ssh(*[tried(*[WRONG] * 6)] * 5) == [
        (
            "brute_force",
            "SSH password guessing by 203.0.113.9 against 198.51.100.22: 30 tries",
        )
    ]


def test_the_password_that_was_right_after_guessing_is_a_compromise() -> None:
    right = (ssh_talks.PASSWORD, ssh_talks.SUCCESS)

    ((kind, _),) = ssh(*[tried(*[WRONG] * 6)] * 5, tried(WRONG, right))

    assert kind == "account_compromise"


def test_an_agent_that_offers_its_keys_again_and_again_is_calm() -> None:
    signed = (ssh_talks.SIGNED, ssh_talks.SUCCESS)

    session = [(52, 44), *[(36, 1400)] * 20]

    assert ssh(*[tried(*[KEY] * 5, signed, *session)] * 12) == []
