"""Persistence: what lets somebody come back, as a host's log tells of it.

Told at once: an account that people can log in to is made (low), an authorised key is changed (low,
as a command or a file that auditd watches), a program is made setuid, a library is preloaded, a job
of cron fetches and runs something or hides in /tmp (medium), a crontab of an account that programs
run under is replaced (medium). Against the past: a command of cron that no day before had. Weak
signs (units, crontabs, start files, passwords) join the incident of an intruder on the host.

Source: ATT&CK TA0003 (T1098.004, T1053.003, T1543.002, T1136.001, T1548.001, T1574.006). Misses
what is written without sudo where auditd watches nothing. May raise all with no history but new
commands of cron, which need the log watched on `CRON_DAYS_MIN` days. Memory: episodes and
`JOBS_MAX` jobs.
"""

from __future__ import annotations

from binascii import crc32
from collections import OrderedDict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.patterns import pattern
from tocsin.detect.accounts import is_for_programs, is_service
from tocsin.detect.command_signs import PERSISTING, SUSPICIOUS, signs_in
from tocsin.detect.presence import Presence
from tocsin.detect.signs import WEAK, Sign, SignDetector, command_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.log_messages import LogEvent
    from tocsin.detect.base import Policy

JOBS_MAX, CRON_DAYS_MIN = 1024, 8
_CRONTABS = frozenset({"crontab_replaced", "crontab_edited"})
_PERIODIC = pattern(r"/etc/cron\.(?:hourly|daily|weekly|monthly|yearly)|anacron|run-parts")
_NUMBERS = pattern(r"[0-9]+")
_FILES = pattern(
    r"/authorized_keys2?$|^/etc/ld\.so\.preload$|^/etc/cron[^/]*/(?!\S*\.dpkg)|^/var/spool/cron/"
    r"|^/etc/systemd/system/[^/]+\.(?:service|timer)$|^/root/\.(?:bashrc|profile|bash_profile)$"
)
_WRITTEN = frozenset({"CREATE", "DELETE"})


class Persistence(SignDetector):
    """Tell signs of it, and remember which jobs cron runs."""

    name: ClassVar[str] = "persistence"
    kind: ClassVar[str] = "persistence"

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self._watch = Presence()
        self._jobs: OrderedDict[int, None] = OrderedDict()

    def signs(self, m: LogEvent) -> Iterator[Sign]:
        """Yield what a record is a sign of."""
        event = m.event
        action = str(event.get("event.action", ""))
        user = str(event.get("user.target.name") or event.get("user.name") or "")
        command = command_of(m)
        if action == "user_created" and event.get("event.outcome") == "success":
            about = str(event.get("tocsin.details") or "")
            if not is_for_programs(about) and not is_service(user) and user != "root":
                yield Sign("user_created", f"the account {user!r} was made", thing=user)
        elif action in _CRONTABS and event.get("event.outcome") == "success":
            level = "medium" if is_service(user) else WEAK
            yield Sign("crontab", f"the crontab of {user!r} was replaced", level, thing=user)
        elif action == "cron_command":
            yield from self._job(m, command)
        elif action == "password_changed":
            yield Sign("password_changed", f"the password of {user!r} was changed", WEAK)
        elif str(event.get("auditd.nametype", "")) in _WRITTEN:
            path = str(event.get("file.path", ""))
            if _FILES.search(path):
                yield Sign("file_written", f"{path[:80]!r} was written", thing=path[:80])
        if action != "cron_command":
            yield from signs_in(command, PERSISTING)
        self._watch.see(m.at_ns)

    def _job(self, m: LogEvent, command: str) -> Iterator[Sign]:
        """Compare a job of cron with those that ran before."""
        user = str(m.event.get("user.name", ""))
        if SUSPICIOUS.search(command[:2048]):
            yield Sign("suspicious_job", "a job of cron fetches, hides or connects", "medium")
        if _PERIODIC.search(command):
            return
        job = crc32(f"{m.server}|{user}|{_NUMBERS.sub('0', command)}".encode("utf-8", "replace"))
        if job not in self._jobs and self._watch.is_long and self._watch.days > CRON_DAYS_MIN:
            days = self._watch.days - 1
            words = f"cron runs a command of {user!r} that it did not run in {days} days before"
            yield Sign("new_job", words, thing=f"{job:08x}")
        self._jobs[job] = None
        self._jobs.move_to_end(job)
        if len(self._jobs) > JOBS_MAX:
            self._jobs.popitem(last=False)

    def state(self) -> dict[str, Any]:
        """Return jobs and episodes as plain values."""
        return {**super().state(), "watch": asdict(self._watch), "jobs": list(self._jobs)}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self._watch = Presence(**state["watch"])
        self._jobs = OrderedDict.fromkeys(state["jobs"])
