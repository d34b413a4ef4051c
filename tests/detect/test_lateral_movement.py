"""Programs started on other Windows hosts."""

from __future__ import annotations

from dataclasses import replace

from tocsin.core.messages import RpcCall
from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.lateral_movement import LateralMovement
from tocsin.testing.attacks.lateral_movement import attack
from tocsin.testing.conformance import check_detector
from tocsin.testing.scenes import START_NS

POLICY = Policy(rule="rule-lateral_movement", parameters=Parameters())


def test_it_keeps_the_promises_of_a_detector() -> None:
    check_detector(lambda: LateralMovement(POLICY), rule="rule-lateral_movement")


def test_a_pipe_of_psexec_is_found_at_once() -> None:
    found = next(LateralMovement(POLICY).judge(attack(0, START_NS), source="a.pcap"))

    assert (found.kind, found.records_to_detect) == ("lateral_movement", 1)


def test_programs_copied_from_shares_and_administrative_ones_alone_are_nothing() -> None:
    shared = [replace(one, name="setup.exe", facts={"share": "SOFTWARE"})
              for one in attack(0, START_NS)]  # fmt: skip
    copied = [replace(one, name="setup.exe", facts={"share": "C$"})
              for one in attack(0, START_NS) * 9]  # fmt: skip

    assert list(LateralMovement(POLICY).judge([*shared, *copied], source="a.pcap")) == []


def test_a_service_created_and_started_is_found() -> None:
    calls = [
        RpcCall(
            at_ns=START_NS, offset=24, client="203.0.113.9", server="198.51.100.5",
            start_ns=START_NS, kind="request", opnum=opnum,
            interface="367abb81-9844-35f1-ad32-98f038001003",
        )
        for opnum in (15, 12, 19)
    ]  # fmt: skip

    (found,) = LateralMovement(POLICY).judge(calls, source="a.pcap")

    assert found.observed == 3.0
    assert found.contributions == {"service created": 1.0, "service started": 1.0}
