"""Kerberos password spraying."""

from __future__ import annotations

from dataclasses import replace

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.kerberos_guessing import KerberosGuessing
from tocsin.testing.attacks.kerberos_guessing import attack
from tocsin.testing.conformance import check_detector
from tocsin.testing.scenes import START_NS

POLICY = Policy(rule="rule-kerberos_guessing", parameters=Parameters())


def test_it_keeps_the_promises_of_a_detector() -> None:
    check_detector(lambda: KerberosGuessing(POLICY), rule="rule-kerberos_guessing")


def test_refusals_for_five_users_are_spraying() -> None:
    found = next(KerberosGuessing(POLICY).judge(attack(0, START_NS), source="a.pcap"))

    assert (found.kind, found.observed) == ("password_spray", 5.0)
    assert found.users == ("user0", "user1", "user2", "user3", "user4")


def test_pre_authentication_that_is_required_is_part_of_every_log_in() -> None:
    calm = [replace(one, error=25) for one in attack(0, START_NS)]

    assert list(KerberosGuessing(POLICY).judge(calm, source="a.pcap")) == []
