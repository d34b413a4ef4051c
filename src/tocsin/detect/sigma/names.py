"""Field names: what Sigma's taxonomy calls a thing, and what our events call it.

An event that its own writer named (Windows, Sysmon, cloud audit) is asked by those names first.
Source: the Sigma taxonomy, appendix "fields"; Elastic Common Schema 8.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.detect.sigma.sources import Sources

ALIASES: Mapping[str, tuple[str, ...]] = {
    "cs-method": ("http.request.method",), "c-uri": ("url.original", "url.path"), "cs-uri": ("url.original",),
    "cs-uri-query": ("url.query", "url.original"), "cs-uri-stem": ("url.path", "url.original"), "c-uri-query": ("url.query",),
    "c-uri-stem": ("url.path",), "c-uri-path": ("url.path",), "cs-user-agent": ("user_agent.original",), "c-useragent": ("user_agent.original",),
    "cs-referer": ("http.request.referrer",), "cs-referrer": ("http.request.referrer",), "sc-status": ("http.response.status_code",),
    "c-ip": ("source.ip",), "cs-host": ("url.domain",), "r-dns": ("url.domain",), "cs-username": ("user.name",), "cs-cookie": ("http.request.cookie",),
    "sc-bytes": ("http.response.body.bytes",), "cs-version": ("http.version",), "date": ("@timestamp",),
    "src_ip": ("source.ip",), "dst_ip": ("destination.ip",), "src_port": ("source.port",), "dst_port": ("destination.port",),
    "SourceIp": ("source.ip",), "DestinationIp": ("destination.ip",), "DestinationPort": ("destination.port",), "SourcePort": ("source.port",),
    "query": ("dns.question.name",), "QueryName": ("dns.question.name",), "record_type": ("dns.question.type",), "answer": ("dns.answers",),
    "Image": ("process.executable", "process.name"), "CommandLine": ("process.command_line",), "ParentImage": ("process.parent.executable",),
    "ParentCommandLine": ("process.parent.command_line",), "CurrentDirectory": ("process.working_directory",), "User": ("user.name",),
    "user": ("user.name",), "username": ("user.name",), "TargetFilename": ("file.path",), "LogonId": ("session.id",),
    "type": ("auditd.type",), "exe": ("process.executable",), "comm": ("process.name",), "SYSCALL": ("auditd.syscall",), "syscall": ("auditd.syscall",),
    **{f"a{n}": (f"auditd.a{n}",) for n in range(64)}, "key": ("auditd.key",), "name": ("auditd.paths", "file.path"),
    "nametype": ("auditd.nametype",), "cwd": ("process.working_directory",), "proctitle": ("process.title",), "success": ("auditd.success",),
    "exit": ("auditd.exit",), "ppid": ("process.parent.pid",), "pid": ("process.pid",), "cmd": ("process.command_line",), "data": ("auditd.data",), "euid": ("user.effective.id",),
    "tty": ("process.tty",), "terminal": ("process.tty",), "addr": ("source.ip",), "res": ("auditd.result",), "op": ("auditd.op",), "ParentProcessId": ("process.parent.pid",),
    "ProcessId": ("process.pid",), "DestinationHostname": ("destination.domain",), "Initiated": ("network.initiated",), "subj": ("auditd.subject",),
    "eventtype": ("eventType",), "displaymessage": ("displayMessage",), "gcp.audit.method_name": ("protoPayload.methodName",), "ResultType": ("resultType", "status.errorCode"),
    "unit": ("service.name",), "auid": ("user.audit.id",), "uid": ("user.id",), "acct": ("user.name",),
    "gcp.audit.service_name": ("protoPayload.serviceName",), "gcp.audit.resource_name": ("protoPayload.resourceName",),
    "hostname": ("host.name",), "message": ("message", "event.original"), "msg": ("message", "event.original"),
}  # fmt: skip
_4688 = {
    "Image": ("NewProcessName",), "ParentImage": ("ParentProcessName",), "User": ("SubjectUserName",), "ProcessId": ("NewProcessId",),
    "OriginalFileName": ("NewProcessName",),
}  # fmt: skip


# Of audit records these are answered by the record itself first (`tocsin.detect.sigma.native`).
NATIVE_FIRST: tuple[str, ...] = ()
_AUDITD = dict.fromkeys(
    (
        "TargetFilename", "CommandLine", "a0", "a1", "a2", "a3", "name", "type", "syscall", "SYSCALL", "acct", "exe", "comm",
        "Image", "key", "uid", "euid", "auid",
    ),
    NATIVE_FIRST,
)  # fmt: skip

_STARTED = {"Image": NATIVE_FIRST}


@lru_cache(maxsize=256)
def names_for(sources: Sources) -> Mapping[str, tuple[str, ...]]:
    """Return the names that a log source uses besides the usual ones."""
    if sources.names in {"sudo", "login", "cron", "polkit"}:
        return _STARTED
    return _4688 if sources.names == "4688" else _AUDITD if sources.names == "auditd" else {}
