"""Logs cleared, loggers stopped, records missing."""

from __future__ import annotations

import pytest

from tests.detect.messages import attacked, judged
from tocsin.core.log_messages import LogEvent, LogPause
from tocsin.core.messages import Message
from tocsin.core.times import HOUR_NS, NS_PER_S
from tocsin.detect.log_tampering import LogTampering
from tocsin.testing.log_messages import told
from tocsin.testing.scenes import START_NS


def ran(command: str) -> LogEvent:
    facts = {"user.name": "ana", "process.command_line": command}
    return told(START_NS, "", "sudo_command", category="iam", outcome="success", facts=facts)


def at(seconds: float, action: str) -> LogEvent:
    at_ns = START_NS + int(seconds * NS_PER_S)
    return told(at_ns, "", action, category="host", outcome="unknown")


def signs(rows: list[Message]) -> list[str]:
    return [str(d.facts["sign"]) for d in judged(LogTampering, rows)]


@pytest.mark.parametrize(
    ("command", "sign"),
    [
        ("/usr/bin/truncate -s 0 /var/log/auth.log", "log_cleared"),
        ("/usr/bin/rm -rf /var/log/", "log_cleared"),
        ("/usr/bin/rm -f /var/log/wtmp /var/log/btmp", "log_cleared"),
        ("/bin/sh -c > /var/log/syslog", "log_cleared"),
        ("/usr/bin/shred -u /var/log/audit/audit.log", "log_cleared"),
        ("/usr/bin/ln -sf /dev/null /var/log/lastlog", "log_cleared"),
        ("/usr/bin/rm /root/.bash_history", "history_cleared"),
        ("/usr/bin/systemctl stop rsyslog", "logger_stopped"),
        ("/usr/bin/systemctl disable --now auditd.service", "logger_stopped"),
        ("/usr/sbin/service rsyslog stop", "logger_stopped"),
        ("/usr/bin/pkill -9 auditd", "logger_stopped"),
        ("/usr/sbin/auditctl -e 0", "audit_rules_removed"),
        ("/usr/sbin/setenforce 0", "audit_rules_removed"),
        ("/usr/bin/journalctl --rotate --vacuum-time=1s", "journal_vacuumed"),
        ("/usr/bin/date -s 2020-01-01", "clock_set"),
    ],
)
def test_a_command_that_hides_is_told(command: str, sign: str) -> None:
    assert signs([ran(command)]) == [sign]


@pytest.mark.parametrize(
    "command",
    ["/usr/bin/rm /var/log/nginx/access.log.14.gz", "/usr/bin/rm /var/log/syslog.3.gz",
     "/usr/bin/systemctl restart rsyslog", "/usr/bin/tail -f /var/log/auth.log",
     "/usr/bin/journalctl --vacuum-time=30d", "/usr/bin/auditctl -l", "/usr/bin/date",
     "/usr/bin/truncate -s 0 /srv/app/app.log", "/usr/bin/journalctl --vacuum-size=500M"],
)  # fmt: skip
def test_an_ordinary_command_is_nothing(command: str) -> None:
    assert signs([ran(command)]) == []


def test_a_logger_that_comes_back_at_once_is_nothing_one_that_stays_away_is() -> None:
    assert signs([at(0, "log_stopped"), at(5, "log_started"), at(9000, "x")]) == []
    assert signs([at(0, "log_stopped"), at(1200, "log_started")]) == ["logger_silent"]
    assert signs([at(0, "audit_stopped"), at(1200, "cron_command")]) == ["logger_silent"]


def test_a_reboot_excuses_a_logger() -> None:
    assert signs([at(0, "log_stopped"), at(1200, "host_started"), at(1201, "log_started")]) == []


def test_an_event_log_that_was_cleared_is_grave() -> None:
    (found,) = judged(LogTampering, [at(0, "log_cleared")])

    assert found.facts["level"] == "high"


def pause(seconds: float, *, usual_s: int = 120) -> LogPause:
    at_ns = START_NS + int(seconds * NS_PER_S)
    return LogPause(
        at_ns=at_ns, offset=9, client="", server="web01", start_ns=at_ns, start_offset=9,
        gap_ns=3 * HOUR_NS, usual_ns=usual_s * NS_PER_S, days=9, is_over=True,
    )  # fmt: skip


def test_a_pause_of_a_log_that_never_pauses_is_missing_records() -> None:
    assert signs([pause(0), at(1, "x"), at(400, "x")]) == ["records_missing"]
    assert signs([pause(0), at(1, "host_started"), at(400, "x")]) == []
    assert signs([pause(0, usual_s=7200), at(1, "x"), at(400, "x")]) == []


def test_conformance_attack_raises_once() -> None:
    assert len(attacked(LogTampering)) == 1
