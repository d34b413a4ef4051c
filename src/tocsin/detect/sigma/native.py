"""What a record's own writer called things, read from the record when a rule asks for it.

Our events keep ECS names; rules about audit records (`auditd`) and cloud audit logs (JSON) ask for
the writer's. Nothing here names a source: it only answers rules. Of audit records that were joined
the values of one name are a list; hexadecimal texts are decoded, the arguments of a started program
joined to ``CommandLine``. Sources: the Linux audit documentation (audit_log_untrustedstring(), record
types of linux/audit.h), system call tables of x86-64 and arm64.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tocsin.core.flattening import flattened

if TYPE_CHECKING:
    from collections.abc import Mapping

RECORD_CHARACTERS_MAX, ARGUMENTS_MAX = 1 << 16, 256
_RECORD = re.compile(
    r"\b(?:type=)?([A-Z][A-Z_]{2,30}|1[0-9]{3}|2[0-9]{3})\b(?= msg=audit\(| audit\(| [a-z]\w*=)"
)
_PAIR = re.compile(r"([A-Za-z][\w-]{0,31})=(?:\"([^\"]*+)\"|'([^']*+)'|([^\s'\"\x1d]*+))", re.ASCII)
_HEX = re.compile(r"(?:[0-9A-F]{2}){2,}")
_ENCODED = frozenset({"proctitle", "cmd", "name", "exe", "comm", "cwd", "acct", "data", "path"})
_ARGUMENT = re.compile(r"a[0-9]{1,3}")
_TYPES = {
    "1300": "SYSCALL", "1302": "PATH", "1305": "CONFIG_CHANGE", "1307": "CWD", "1309": "EXECVE", "1319": "TTY", "1327": "PROCTITLE",
    "1326": "SECCOMP", "1330": "KERN_MODULE", "1400": "AVC", "1403": "MAC_POLICY_LOAD", "1404": "MAC_STATUS", "1405": "MAC_CONFIG_CHANGE",
    "1700": "ANOM_PROMISCUOUS", "1701": "ANOM_ABEND", "1100": "USER_AUTH", "1112": "USER_LOGIN", "1114": "ADD_USER", "1123": "USER_CMD",
    "1124": "USER_TTY", "1130": "SERVICE_START", "1131": "SERVICE_STOP", "1200": "DAEMON_START", "1201": "DAEMON_END", "1202": "DAEMON_ABORT",
}  # fmt: skip
_CALLS = {
    "c000003e": {
        "59": "execve", "322": "execveat", "101": "ptrace", "175": "init_module", "313": "finit_module", "176": "delete_module",
        "90": "chmod", "91": "fchmod", "268": "fchmodat", "92": "chown", "260": "fchownat", "87": "unlink", "263": "unlinkat", "82": "rename",
        "264": "renameat", "316": "renameat2", "86": "link", "88": "symlink", "266": "symlinkat", "165": "mount", "161": "chroot", "155": "pivot_root",
        "308": "setns", "272": "unshare", "164": "settimeofday", "227": "clock_settime", "159": "adjtimex", "105": "setuid", "117": "setresuid",
        "319": "memfd_create", "246": "kexec_load", "320": "kexec_file_load", "321": "bpf", "310": "process_vm_readv", "311": "process_vm_writev",
        "2": "open", "257": "openat", "42": "connect", "49": "bind", "50": "listen", "41": "socket", "76": "truncate", "77": "ftruncate",
        "188": "setxattr", "189": "lsetxattr", "190": "fsetxattr", "62": "kill", "298": "perf_event_open", "323": "userfaultfd",
    },
    "c00000b7": {
        "221": "execve", "281": "execveat", "117": "ptrace", "105": "init_module", "273": "finit_module", "106": "delete_module", "52": "fchmod",
        "53": "fchmodat", "54": "fchownat", "35": "unlinkat", "38": "renameat", "276": "renameat2", "36": "symlinkat", "40": "mount", "51": "chroot",
        "41": "pivot_root", "268": "setns", "97": "unshare", "170": "settimeofday", "112": "clock_settime", "171": "adjtimex", "146": "setuid",
        "147": "setresuid", "279": "memfd_create", "104": "kexec_load", "294": "kexec_file_load", "280": "bpf", "270": "process_vm_readv",
        "271": "process_vm_writev", "56": "openat", "203": "connect", "200": "bind", "201": "listen", "198": "socket",
    },
}  # fmt: skip
_AUDIT = ("auditd", "audit")
_STARTERS = ("sudo", "login", "cron", "polkit")  # what they start stands in process.command_line


def native_values(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values of a record under its writer's names; none where it has no such form."""
    started = event.get("process.command_line")
    if event.get("event.dataset") in _STARTERS and isinstance(started, str):
        return {"Image": started.partition(" ")[0]}
    original = event.get("event.original")
    if not isinstance(original, str):
        return {}
    text = original[:RECORD_CHARACTERS_MAX]
    if event.get("event.dataset") in _AUDIT:
        return audit_values(text)
    start = text.find("{")
    if start < 0 or not text.rstrip().endswith("}") or '"' not in text:
        return {}
    try:
        document = json.loads(text[start:])
    except (ValueError, RecursionError):
        return {}
    return flattened(document) if isinstance(document, dict) else {}


def audit_values(text: str) -> dict[str, Any]:
    """Return the values of one or several audit records.

    >>> found = audit_values('type=EXECVE msg=audit(1.1:7): argc=2 a0="id" a1=2D6C612062')
    >>> found["CommandLine"], found["type"]
    ('id -la b', 'EXECVE')
    """
    found: dict[str, Any] = {}
    heads = list(_RECORD.finditer(text))
    ends = [*(head.start() for head in heads[1:]), len(text)][: len(heads)]
    created: list[str] = []
    for head, end in zip(heads, ends, strict=True):
        kind = _TYPES.get(head[1], head[1])
        values = _pairs(text[head.end() : end], is_started=kind == "EXECVE")
        values["type"] = kind
        if kind == "EXECVE":
            found["CommandLine"] = _command(values)
        elif kind == "PROCTITLE":
            found.setdefault("CommandLine", str(values.get("proctitle", "")))
        elif kind == "PATH" and values.get("nametype") == "CREATE":
            created.append(str(values.get("name", "")))
        elif kind == "USER_CMD" and "cmd" in values:
            found["CommandLine"] = values["cmd"]
        for name, value in values.items():
            _add(found, name, value)
    if created:
        found["TargetFilename"] = created
    if "exe" in found:
        found["Image"] = found["exe"]
    call = _CALLS.get(str(found.get("arch")), {}).get(str(found.get("syscall")))
    if call is not None:
        _add(found, "syscall", call)
        _add(found, "SYSCALL", call)
    return found


def _pairs(text: str, *, is_started: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, quoted, single, bare in _PAIR.findall(text):
        if single and "=" in single:  # msg='op=login res=failed'
            for inner in _PAIR.findall(single):
                _add(found, inner[0], inner[1] or _plain(inner[0], inner[3], is_started=False))
            continue
        _add(found, name, quoted or single or _plain(name, bare, is_started=is_started))
    return found


def _plain(name: str, value: str, *, is_started: bool) -> str:
    """Return an unquoted value; of untrusted text it is in hexadecimal when it holds anything odd."""
    is_text = name in _ENCODED or (is_started and _ARGUMENT.fullmatch(name) is not None)
    if not is_text or _HEX.fullmatch(value) is None:
        return value
    return bytes.fromhex(value).decode("utf-8", "backslashreplace").rstrip("\0").replace("\0", " ")


def _command(values: Mapping[str, Any]) -> str:
    found = []
    for number in range(ARGUMENTS_MAX):
        value = values.get(f"a{number}")
        if value is None:
            break
        found.append(str(value))
    return " ".join(found)


def _add(found: dict[str, Any], name: str, value: Any) -> None:
    known = found.get(name)
    if known is None:
        found[name] = value
    elif known != value:
        found[name] = [*(known if isinstance(known, list) else [known]), value]
