"""Audit events as laurel writes them: one JSON object per event, all its records inside.

The kernel's numbers stand beside the names that laurel resolved (``uid`` and ``UID``). Source: laurel's
manual, "laurel-about".
"""

from __future__ import annotations

from tocsin.parse.template import Meaning, RecordFormat

_SYSCALL = {
    "ID": "@timestamp", "NODE": "host.name", "SYSCALL.comm": "process.name", "SYSCALL.exe": "process.executable", "SYSCALL.pid": "process.pid",
    "SYSCALL.ppid": "process.parent.pid", "SYSCALL.uid": "user.id", "SYSCALL.auid": "user.audit.id", "SYSCALL.AUID": "user.name",
    "SYSCALL.key": "auditd.key", "SYSCALL.tty": "process.tty", "SYSCALL.syscall": "auditd.syscall", "SYSCALL.success": "auditd.success",
    "SYSCALL.PPID.comm": "process.parent.name", "SYSCALL.PPID.exe": "process.parent.executable", "PATH.0.name": "file.path",
    "EXECVE.ARGV_STR": "process.command_line", "PROCTITLE.ARGV.1": "auditd.a1",
}  # fmt: skip
_ABEND = {
    "ID": "@timestamp", "NODE": "host.name", "ANOM_ABEND.0.comm": "process.name", "ANOM_ABEND.0.exe": "process.executable",
    "ANOM_ABEND.0.pid": "process.pid", "ANOM_ABEND.0.uid": "user.id", "ANOM_ABEND.0.AUID": "user.name", "ANOM_ABEND.0.sig": "auditd.signal",
}  # fmt: skip

RECORD_FORMATS = (
    RecordFormat("laurel", "auditd", ("ID", "SYSCALL.syscall", "SYSCALL.exe"), _SYSCALL, (
        Meaning({"SYSCALL.success": "no"}, "syscall", "failure", "process"),
        Meaning({"SYSCALL.exe": "*"}, "syscall", "success", "process"),
    )),
    RecordFormat("laurel_abend", "auditd", ("ID", "ANOM_ABEND.0.exe"), _ABEND, (
        Meaning({"ANOM_ABEND.0.exe": "*"}, "process_crashed", "failure", "process"),
    )),
)  # fmt: skip
