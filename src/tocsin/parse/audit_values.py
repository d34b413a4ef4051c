r"""What Linux audit records hold: told apart, values decoded, one event's merged.

A value that its sender may choose is quoted, or in hexadecimal where it holds a space, a quotation
mark or a control; the enriched form repeats numbers as names behind a group separator. Sources: the
Linux kernel's audit_log_untrustedstring(), auditd's "log_format", Laurel's "Log format".
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from tocsin.parse.audit_names import RECORD_TYPES, name_of_syscall
from tocsin.parse.named_values import Values

PARTS_MAX, ARGUMENTS_MAX = 256, 1024
_PART = re.compile(
    r"(?:audit: )?(?:node=(?P<node>[\w.:%-]{1,255}) )?type=(?P<type>[A-Z0-9_]{1,40}"
    r"|UNKNOWN\[[0-9]{1,5}\]) (?:msg=)?"
    r"audit\((?P<at>[0-9]{1,10}\.[0-9]{1,3}):(?P<serial>[0-9]{1,12})\): ?",
    re.ASCII,
)
_PLAIN = re.compile(
    r"(?P<type>[A-Z][A-Z0-9_]{3,39}) "
    r"(?=(?:arch|pid|apparmor|argc|item|cwd|proctitle|auid|op|saddr|table|name)=|avc: )",
    re.ASCII,
)
_PAIR = re.compile(r"([A-Za-z_][\w.-]{0,63}(?:\[[0-9]{1,6}\])?)=(\"[^\"]*\"|[^\s]*)", re.ASCII)
# What a program told ends in ' ; names may follow, the separator before them lost.
_TOLD_END = re.compile(r"'((?:[A-Z_0-9]{2,16}=\"[^\"]*+\" ?)*+)\Z", re.ASCII)
_AVC = re.compile(r"avc: +(denied|granted) +\{ ([^{}]{0,200}) \}", re.ASCII)
_HEX = re.compile(r"(?:[0-9A-F]{2})+", re.ASCII)
_ARGUMENT = re.compile(r"a([0-9]{1,5})(?:\[([0-9]{1,5})\])?", re.ASCII)
_ID = re.compile(r"([0-9]{1,10}\.[0-9]{1,3}):([0-9]{1,12})", re.ASCII)
_TEXTS = frozenset(("acct", "cmd", "comm", "exe", "name", "cwd", "proctitle", "data", "path", "key",
                    "grp", "dir", "new_name", "id_name", "vm", "filename"))  # fmt: skip
_RANK = (
    "USER_",
    "ADD_",
    "DEL_",
    "AVC",
    "ANOM_",
    "CONFIG_CHANGE",
    "KERN_MODULE",
    "SECCOMP",
    "EXECVE",
    "SYSCALL",
)
_EXECS, _INET, _INET6 = ("execve", "execveat"), "0200", "0A00"


@dataclass(frozen=True, slots=True)
class AuditPart:
    """One record of an audit event; ``key`` is what its records share."""

    type: str
    at: str
    key: tuple[str, str, str]
    values: dict[str, Any]
    twice: frozenset[str] = field(default_factory=frozenset)
    is_alone: bool = False  # a program told it: no other record belongs to it


def audit_part(text: str) -> AuditPart | None:
    """Return what one record says, None when it is none."""
    head = _PART.match(text)
    if head is None:
        return None
    values, twice = _pairs(text[head.end() :], head["type"])
    number = re.sub(r"[^0-9]", "", head["type"]) if not head["type"][0].isalpha() else ""
    name = RECORD_TYPES.get(int(number), head["type"]) if number else head["type"]
    if head["node"]:
        values["node"] = head["node"]
    key = (head["node"] or "", head["at"], head["serial"])
    is_alone = " msg='" in text or name.startswith("DAEMON_")
    return AuditPart(name, head["at"], key, values, twice, is_alone)


def plain_part(text: str) -> AuditPart | None:
    """Return what a record says without its time and serial, as the journal passes them on."""
    head = _PLAIN.match(text)
    if head is None:
        return None
    values, twice = _pairs(text[head.end() :], head["type"])
    return AuditPart(head["type"], "", ("", "", ""), values, twice, is_alone=True)


def _pairs(text: str, kind: str) -> tuple[dict[str, Any], frozenset[str]]:
    """Return a record's values; of a name that stands twice the first, the kernel's, counts."""
    found: dict[str, Any] = {}
    twice = set()
    body, _, names = text.partition("\x1d")
    avc = _AVC.match(body)
    if avc is not None:
        found["seresult"], found["seperms"] = avc[1], avc[2]
    if " msg='" in f" {body}":
        body = _TOLD_END.sub(r" \1", body.replace("msg='", "", 1).rstrip())
    body = body.replace("(null)ARCH=", "(null) ARCH=")
    for name, value in _PAIR.findall(f"{body} {names}"):
        if name in found:
            twice.add(name)
        elif len(found) < ARGUMENTS_MAX:
            found[name] = _decoded(name, value, kind)
    return found, frozenset(twice)


def _decoded(name: str, value: str, kind: str) -> str:
    """Return a value without its quotation marks, or out of hexadecimal."""
    if value.startswith('"'):
        return value[1:-1] if value.endswith('"') and len(value) > 1 else value[1:]
    is_text = name in _TEXTS or (kind in {"EXECVE", "1309"} and _ARGUMENT.fullmatch(name))
    if is_text and _HEX.fullmatch(value):
        text = bytes.fromhex(value).decode("utf-8", errors="backslashreplace")
        return text.rstrip("\0").replace("\0", " ").replace("\x01", " ")
    return value


def laurel_parts(text: str) -> list[AuditPart]:
    """Return the records of an event that Laurel wrote as JSON, none when it is no such."""
    twice: set[str] = set()

    def hook(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        known = dict(pairs)
        if len(known) < len(pairs):
            names = [name for name, _ in pairs]
            twice.update(name for name in known if names.count(name) > 1)
        return known

    try:
        document = json.loads(text, object_pairs_hook=hook)
    except (ValueError, RecursionError):
        return []
    found = _ID.fullmatch(str(document.get("ID", ""))) if isinstance(document, dict) else None
    if found is None:
        return []
    key = (str(document.get("NODE", "")), found[1], found[2])
    parts: list[AuditPart] = []
    for name, told in document.items():
        for one in told if isinstance(told, list) else [told]:
            if isinstance(one, dict) and name.isupper() and len(parts) < PARTS_MAX:
                values = _laid_flat(one)
                if key[0]:
                    values["node"] = key[0]
                parts.append(AuditPart(name, key[1], key, values, frozenset(twice)))
    return parts


def _laid_flat(told: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in told.items():
        if name == "ARGV" and isinstance(value, list):
            values.update({f"a{n}": str(one) for n, one in enumerate(value[:ARGUMENTS_MAX])})
        elif name == "PPID" and isinstance(value, dict):
            values["parent_exe"] = str(value.get("exe") or "")
        elif name == "SADDR" and isinstance(value, dict):
            values["sockaddr"], values["sockport"] = value.get("addr"), value.get("port")
        elif not isinstance(value, dict | list) and value is not None:
            values[name] = str(value)
    return values


def merged(parts: list[AuditPart]) -> tuple[Values, tuple[str, ...]]:
    """Return the values of one event's records as one, and their types.

    What the system call's record says comes first. ``cmdline`` is the command line that an EXECVE
    record's arguments (or PROCTITLE) make, ``paths`` the names of all PATH records.
    """
    types = tuple(dict.fromkeys(part.type for part in parts))
    values = Values()
    arguments: list[tuple[int, int, str]] = []
    paths: list[str] = []
    for part in sorted(parts, key=lambda one: one.type != "SYSCALL"):
        values.twice |= part.twice
        if part.type == "EXECVE":
            arguments += _arguments(part.values)
        elif part.type == "PATH":
            _add_path(values, part.values, paths)
        else:
            for name, value in part.values.items():
                values.named.setdefault(name, value)
    call = str(values.named.get("SYSCALL") or "") or name_of_syscall(
        values.text("syscall"), values.text("arch")
    )
    values.named["call"] = call
    if arguments:
        _add_arguments(values, arguments)
    if paths:
        values.named["name"] = paths[0] if len(paths) == 1 else paths
    if "cmdline" not in values.named and call in _EXECS and values.text("proctitle"):
        values.named["cmdline"] = values.text("proctitle")
    _add_socket(values, call)
    values.named["type"] = _telling(types, call)
    return values, types


def _telling(types: tuple[str, ...], call: str) -> str:
    for start in _RANK:
        found = next((one for one in types if one.startswith(start)), None)
        if found is not None:
            return "EXECVE" if found == "SYSCALL" and call in _EXECS else found
    return types[0]


def _arguments(values: dict[str, Any]) -> list[tuple[int, int, str]]:
    found = []
    for name, value in values.items():
        place = _ARGUMENT.fullmatch(name)
        if place is not None:
            found.append((int(place[1]), int(place[2] or 0), str(value)))
    return found


def _add_arguments(values: Values, found: list[tuple[int, int, str]]) -> None:
    """Put arguments together: the parts of a long one stand as ``a1[0]``, ``a1[1]``."""
    whole: dict[int, str] = {}
    for place, _, text in sorted(found)[:ARGUMENTS_MAX]:
        whole[place] = whole.get(place, "") + text
    for name in [name for name in values.named if _ARGUMENT.fullmatch(name)]:
        del values.named[name]
    values.named.update({f"a{place}": text for place, text in whole.items()})
    values.named["cmdline"] = " ".join(whole.values())


def _add_path(values: Values, told: dict[str, Any], paths: list[str]) -> None:
    name = str(told.get("name") or "")
    if name and name != "(null)" and name not in paths:
        paths.append(name)
    kind = str(told.get("nametype") or "")
    if kind in {"CREATE", "DELETE"}:
        values.named[f"path_{kind.lower()}"] = name
    values.named.setdefault("nametype", kind)
    for key, value in told.items():
        if key not in {"name", "nametype", "type"}:
            values.named.setdefault(key, value)


def _add_socket(values: Values, call: str) -> None:
    """Say where a connection went, out of the kernel's own form of an address."""
    raw = values.text("saddr").upper()
    if raw.startswith(_INET) and _HEX.fullmatch(raw[:16]) and len(raw) >= 16:  # noqa: PLR2004
        packed = bytes.fromhex(raw[8:16])
        values.named["sockaddr"] = ".".join(str(one) for one in packed)
        values.named["sockport"] = int(raw[4:8], 16)
    elif raw.startswith(_INET6) and _HEX.fullmatch(raw[:48]) and len(raw) >= 48:  # noqa: PLR2004
        values.named["sockaddr"] = ":".join(raw[at : at + 4] for at in range(16, 48, 4))
        values.named["sockport"] = int(raw[4:8], 16)
    address = values.named.get("sockaddr")
    if address and call in {"connect", "sendto", "sendmsg"}:
        values.named["to"], values.named["to_port"] = address, values.named.get("sockport")
