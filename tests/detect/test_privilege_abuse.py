"""Who asks for the powers of root, and who gets them."""

from __future__ import annotations

import pytest

from tests.detect.messages import attacked, judged
from tocsin.core.log_messages import LogEvent
from tocsin.core.times import HOUR_NS
from tocsin.detect.privilege_abuse import PrivilegeAbuse
from tocsin.testing.log_messages import told
from tocsin.testing.scenes import START_NS


def said(hours: float, action: str, *, outcome: str = "success", **facts: str) -> LogEvent:
    named = {name.replace("_", "."): value for name, value in facts.items()}
    return told(
        START_NS + int(hours * HOUR_NS), "", action, category="iam", outcome=outcome, facts=named
    )


def levels(rows: list[LogEvent]) -> list[tuple[str, str]]:
    return [(str(d.facts["sign"]), str(d.facts["level"])) for d in judged(PrivilegeAbuse, rows)]


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        (said(0, "sudo_not_allowed", outcome="failure", user_name="eve"), ("not_in_sudoers", "low")),
        (said(0, "sudo_command_not_allowed", outcome="failure"), ("command_refused", "low")),
        (said(0, "group_joined", group_name="sudo", user_target_name="eve"), ("group_joined", "low")),
        (said(0, "group_joined", group_name="docker", user_name="eve"), ("group_joined", "low")),
        (said(0, "user_created_root", user_target_name="toor"), ("made_root", "high")),
        (said(0, "pkexec_refused", outcome="failure"), ("pkexec_exploit", "high")),
        (said(0, "sudo_command", process_command__line="/usr/sbin/visudo"), ("sudoers_written", "low")),
        (said(0, "sudo_command", process_command__line="/usr/sbin/useradd -o -u 0 x"), ("made_root", "high")),
    ],
)  # fmt: skip
def test_a_sign_is_told_with_its_level(row: LogEvent, wanted: tuple[str, str]) -> None:
    event = {name.replace("..", "_"): value for name, value in row.event.items()}
    (found,) = levels([LogEvent(at_ns=row.at_ns, offset=1, client="", server="web01", event=event)])

    assert found == wanted


def test_groups_and_accounts_of_programs_are_nothing() -> None:
    rows = [
        said(0, "group_joined", group_name="users", user_target_name="eve"),
        said(0, "group_joined", group_name="adm", user_target_name="syslog"),
    ]

    assert levels(rows) == []


def test_three_refusals_are_graver() -> None:
    rows = [said(n / 60, "sudo_not_allowed", outcome="failure", user_name="eve") for n in range(4)]

    assert [level for _, level in levels(rows)][-1] == "medium"


def history(days: int = 5) -> list[LogEvent]:
    return [said(n, "sudo_command", user_name="ana") for n in range(24 * days)]


def test_the_first_sudo_of_an_account_is_told_once_there_is_a_past() -> None:
    assert levels([*history(), said(121, "sudo_command", user_name="ben")]) == [
        ("first_use", "low")
    ]
    assert levels([*history(), said(121, "sudo_command", user_name="www-data")]) == [
        ("first_use", "medium")
    ]
    assert levels([*history(2), said(49, "sudo_command", user_name="ben")]) == []


def test_conformance_attack_raises_once() -> None:
    assert len(attacked(PrivilegeAbuse)) == 1
