"""Abuse of privileges: what sudo, su, polkit and the account files say of somebody who wants more.

Told at once: an account that is not in sudoers asks for root (medium from three on), a command that
sudoers refuses, an account that joins a group with root's powers, changes of sudoers, an account
with the identity of root (high), pkexec called as its known exploits do (high), polkit's refusals
(three). Against the past: the first sudo or su of an account that never used it. Guessing at sudo
and su is counted in the log kernel (`tocsin.detect.ssh_guessing`).

Source: ATT&CK T1548.001, T1548.003, T1098, T1136; sudoers(5), polkit(8). Misses kernel exploits
and whatever its log does not tell. May raise all with no history but the first sudo or su, which
needs the log watched in 24 hours of 3 days. Memory: episodes, `USERS_MAX` accounts.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.detect.accounts import POWERFUL_GROUPS, is_service
from tocsin.detect.command_signs import PRIVILEGED, signs_in
from tocsin.detect.presence import Presence
from tocsin.detect.signs import Sign, SignDetector, command_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.log_messages import LogEvent
    from tocsin.detect.base import Policy

USERS_MAX = 1024
REFUSED_GRAVE, POLKIT_MIN = 3, 3
_USES = frozenset({"sudo_command", "su_password", "pkexec_command"})
_FIXED = {
    "sudo_not_allowed": Sign(
        "not_in_sudoers", "an account asked for root that sudoers does not name",
        grave_from=REFUSED_GRAVE,
    ),
    "sudo_command_not_allowed": Sign(
        "command_refused", "sudo refused a command", grave_from=REFUSED_GRAVE
    ),
    "pkexec_refused": Sign(
        "pkexec_exploit", "pkexec was called as its exploits do (CVE-2021-4034)", "high"
    ),
    "user_created_root": Sign("made_root", "an account with the identity of root was made", "high"),
    "user_made_root": Sign("made_root", "an account was given the identity of root", "high"),
}  # fmt: skip


class PrivilegeAbuse(SignDetector):
    """Tell signs of it, and remember who uses sudo and su."""

    name: ClassVar[str] = "privilege_abuse"
    kind: ClassVar[str] = "privilege_abuse"

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self._watch = Presence()
        self._users: OrderedDict[str, None] = OrderedDict()

    def signs(self, m: LogEvent) -> Iterator[Sign]:
        """Yield what a record is a sign of."""
        event = m.event
        action = str(event.get("event.action", ""))
        outcome = event.get("event.outcome")
        if action in _FIXED:
            yield _FIXED[action]
        elif action == "group_joined" and outcome == "success":
            group, user = str(event.get("group.name", "")), _target(event)
            if group.lower() in POWERFUL_GROUPS and not is_service(user):
                yield Sign("group_joined", f"{user!r} joined the group {group!r}", thing=user)
        elif action == "polkit_login" and outcome == "failure":
            yield Sign("polkit_refused", "polkit refused an account", "medium", POLKIT_MIN)
        yield from signs_in(command_of(m), PRIVILEGED)
        if action in _USES and outcome == "success":
            yield from self._use(m, action)
        self._watch.see(m.at_ns)

    def _use(self, m: LogEvent, action: str) -> Iterator[Sign]:
        """Compare a use of privileges with who used them before."""
        user = str(m.event.get("user.name", ""))
        key = f"{m.server}|{user}"
        if not user or user == "root":
            return
        if key not in self._users and self._watch.is_long:
            way = action.partition("_")[0]
            level = "medium" if is_service(user) else "low"
            days = self._watch.days - 1
            yield Sign("first_use", f"the first {way} of {user!r} in {days} days watched", level)
        self._users[key] = None
        self._users.move_to_end(key)
        if len(self._users) > USERS_MAX:
            self._users.popitem(last=False)

    def state(self) -> dict[str, Any]:
        """Return accounts and episodes as plain values."""
        return {**super().state(), "watch": asdict(self._watch), "users": list(self._users)}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self._watch = Presence(**state["watch"])
        self._users = OrderedDict.fromkeys(state["users"])


def _target(event: Any) -> str:
    return str(event.get("user.target.name") or event.get("user.name") or "")
