"""Linux audit events (auditd, audisp, SELinux, Laurel): what their values are called and mean.

`tocsin.parse.audit` takes records apart and joins those of one serial. ``call`` is the system call's
name, ``cmdline`` the command line put together again. Source: the Linux audit documentation.
"""

from __future__ import annotations

from tocsin.parse.template import Family, Meaning, RecordFormat

_FIELDS = {
    "node": "host.name",
    "acct": "user.name", "addr": "source.address", "exe": "process.executable", "comm": "process.name", "pid": "process.pid",
    "uid": "user.id", "euid": "user.effective.id", "auid": "user.audit.id", "ses": "session.id", "terminal": "process.tty", "tty": "process.tty",
    "op": "auditd.op", "res": "auditd.result", "success": "auditd.success", "call": "auditd.syscall", "key": "auditd.key", "nametype": "auditd.nametype",
    "cmdline": "process.command_line", "cmd": "process.command_line", "cwd": "process.working_directory", "proctitle": "process.title", "unit": "service.name",
    "exit": "auditd.exit", "ppid": "process.parent.pid", "parent_exe": "process.parent.executable", "sig": "auditd.signal", "subj": "auditd.subject",
    "to": "destination.address", "to_port": "destination.port", "apparmor": "auditd.apparmor", "operation": "auditd.operation", "seperms": "auditd.permissions",
    "data": "auditd.data", "profile": "auditd.profile", "sockaddr": "auditd.sockaddr",
    "grp": "group.name", "audit_enabled": "auditd.enabled", "old": "auditd.enabled_before",
}  # fmt: skip
_LOGIN = ("USER_LOGIN", "USER_AUTH", "USER_ERR")
_FAILED, _DONE = ("failed", "0", "no", "fail"), ("success", "1", "yes")


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
        *_told(("USER_END", "CRED_DISP", "USER_LOGOUT"), "session_closed", "session"),
        *_told(("ADD_USER",), "user_created", "iam"), *_told(("DEL_USER",), "user_deleted", "iam"),
        Meaning({"type": ("USER_MGMT", "GRP_MGMT", "USER_CHAUTHTOK"), "op": ("*add-user-to-group*", "*adding user to group*", "*add-member*"), "res": _DONE}, "group_joined", "success", "iam"),
        *_told(("ADD_GROUP", "DEL_GROUP", "GRP_MGMT", "USER_MGMT", "USER_CHAUTHTOK"), "account_changed", "iam"),
        *_told(("USER_CMD",), "sudo_command", "iam"),
        *_told(("SERVICE_START", "SERVICE_STOP"), "service_state", "process"),
        Meaning({"type": "CONFIG_CHANGE"}, "audit_changed", "unknown", "configuration"),
        Meaning({"type": ("DAEMON_END", "DAEMON_ABORT")}, "audit_stopped", "unknown", "configuration"),
        Meaning({"type": "ANOM_ABEND"}, "process_crashed", "failure", "process"),
        Meaning({"type": "ANOM_PROMISCUOUS"}, "promiscuous_mode", "unknown", "network"),
        Meaning({"type": "AVC", "apparmor": ("ALLOWED", "STATUS", "AUDIT")}, "access_audited", "unknown", "file"),
        Meaning({"type": "AVC", "seresult": "granted"}, "access_audited", "success", "file"),
        Meaning({"type": ("AVC", "USER_AVC", "SELINUX_ERR")}, "access_denied", "failure", "file"),
        Meaning({"type": ("KERN_MODULE",)}, "module_loaded", "success", "driver"),
        Meaning({"type": "SECCOMP"}, "syscall_denied", "failure", "process"),
        Meaning({"type": "EXECVE", "success": "no"}, "process_started", "failure", "process"),
        Meaning({"type": "EXECVE"}, "process_started", "success", "process"),
        Meaning({"type": "SYSCALL", "success": "no"}, "syscall", "failure", "process"),
        Meaning({"type": "SYSCALL", "to": "*"}, "connection_made", "success", "network"),
        Meaning({"type": "SYSCALL", "call": ("init_module", "finit_module")}, "module_loaded", "success", "driver"),
        Meaning({"type": "SYSCALL", "path_create": "*"}, "file_created", "success", "file"),
        Meaning({"type": "SYSCALL", "path_delete": "*"}, "file_deleted", "success", "file"),
        Meaning({"type": "SYSCALL"}, "syscall", "success", "process"),
        Meaning({"type": "*"}, "audit_record", "unknown", "host"),
    ),
)  # fmt: skip
FAMILY = Family(
    "audit",
    "auditd",
    ("audispd", "audit", "audisp-syslog", "auditd", "laurel"),
    (),
    formats=(PAIRS,),
)
