"""Linux audit records (auditd, audisp, SELinux): ``type=X msg=audit(TIME:SERIAL): key=value ...``.

The kernel and the trusted program write ``addr=`` and ``res=``; an account's name is quoted, or in
hexadecimal when it holds anything odd. Source: the Linux audit documentation, audit_log_untrustedstring().
"""

from __future__ import annotations

from tocsin.parse.template import Family, Layout, Meaning, RecordFormat

_FIELDS = {
    "acct": "user.name", "addr": "source.address", "exe": "process.executable", "comm": "process.name", "pid": "process.pid",
    "uid": "user.id", "auid": "user.audit.id", "terminal": "process.tty", "op": "auditd.op", "res": "auditd.result", "success": "auditd.success",
    "syscall": "auditd.syscall", "key": "auditd.key", "name": "file.path", "cmd": "process.command_line", "unit": "service.name",
    "a0": "auditd.a0", "a1": "auditd.a1", "a2": "auditd.a2", "a3": "auditd.a3", "exit": "auditd.exit", "ppid": "process.parent.pid", "sig": "auditd.signal",
    "nametype": "auditd.nametype", "grp": "group.name", "audit_enabled": "auditd.enabled", "old": "auditd.enabled_before",
}  # fmt: skip
_LOGIN = ("USER_LOGIN", "USER_AUTH", "USER_ERR")
_FAILED, _DONE = ("failed", "0", "no"), ("success", "1", "yes")


def _told(types: tuple[str, ...], action: str, category: str) -> tuple[Meaning, ...]:
    """Return the meanings of record types by their result."""
    return (
        Meaning({"type": types, "res": _FAILED}, action, "failure", category),
        Meaning({"type": types, "res": _DONE}, action, "success", category),
    )


PAIRS = RecordFormat(
    "auditd", "auditd", ("type",), _FIELDS,
    (
        Meaning({"type": _LOGIN, "exe": "*sshd*", "res": _FAILED}, "ssh_login", "failure"),
        Meaning({"type": "USER_LOGIN", "exe": "*sshd*", "res": _DONE}, "ssh_login", "success"),
        *_told(_LOGIN, "pam_login", "authentication"),
        *_told(("USER_ACCT", "CRED_ACQ", "USER_START", "CRED_REFR"), "session_opened", "session"),
        *_told(("USER_END", "CRED_DISP"), "session_closed", "session"),
        *_told(("ADD_USER",), "user_created", "iam"), *_told(("DEL_USER",), "user_deleted", "iam"),
        Meaning({"type": ("USER_MGMT", "GRP_MGMT", "USER_CHAUTHTOK"), "op": ("*add-user-to-group*", "*adding user to group*", "*add-member*"), "res": _DONE}, "group_joined", "success", "iam"),
        *_told(("ADD_GROUP", "DEL_GROUP", "GRP_MGMT", "USER_MGMT", "USER_CHAUTHTOK"), "account_changed", "iam"),
        *_told(("USER_CMD",), "sudo_command", "iam"),
        *_told(("SERVICE_START", "SERVICE_STOP"), "service_state", "process"),
        Meaning({"type": "CONFIG_CHANGE", "op": ("remove_rule", "set", "*remove*"), "key": ""}, "audit_changed", "unknown", "configuration"),
        Meaning({"type": "CONFIG_CHANGE"}, "audit_changed", "unknown", "configuration"),
        Meaning({"type": ("DAEMON_END", "DAEMON_ABORT")}, "audit_stopped", "unknown", "configuration"),
        Meaning({"type": "ANOM_ABEND"}, "process_crashed", "failure", "process"),
        Meaning({"type": "ANOM_PROMISCUOUS"}, "promiscuous_mode", "unknown", "network"),
        Meaning({"type": "AVC"}, "access_denied", "failure", "file"),
        Meaning({"type": "SYSCALL", "success": "no"}, "syscall", "failure", "process"),
        Meaning({"type": "SYSCALL"}, "syscall", "success", "process"),
        Meaning({"type": "EXECVE"}, "process_started", "success", "process"),
        Meaning({"type": "*"}, "audit_record", "unknown", "host"),
    ),
)  # fmt: skip
FAMILY = Family(
    "audit", "auditd", ("audispd", "audit", "audisp-syslog", "auditd"), (), formats=(PAIRS,)
)
LAYOUTS = (
    Layout("auditd", "auditd", (
        "<|node={host.name:word} >type={auditd.type:word} msg=audit({@timestamp:stamp}:{auditd.serial:int}): {message}",
        "<|node={host.name:word} >type={auditd.type:word} msg=audit({@timestamp:stamp}:{auditd.serial:int}):{message}",
    ), formats=(PAIRS,), is_certain=True),
)  # fmt: skip
