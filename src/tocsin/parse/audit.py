"""Linux audit events: one record, the records of one serial, or Laurel's JSON, to one event.

The kernel and trusted programs write ``addr=``, ``res=`` and ``exe=``; what a user chose is quoted
or in hexadecimal and can't end its field. See `tocsin.parse.audit_values`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.times import rfc3339
from tocsin.parse.audit_values import audit_part, laurel_parts, merged, plain_part
from tocsin.parse.fields import put
from tocsin.parse.record_formats import fill
from tocsin.parse.templates.audit import PAIRS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.core.event import Event
    from tocsin.parse.audit_values import AuditPart
    from tocsin.parse.stamp_text import StampReader

_LAUREL = '{"ID":'
_NODE = '{"NODE":'
_NAMES = {"UID": "user.name", "EUID": "user.effective.name", "AUID": "user.audit.name"}
_ARGUMENTS_SHOWN = 64
_CARRIERS = frozenset(("audispd", "audit", "audisp-syslog", "auditd", "laurel", "kernel"))


def read_audit(event: Event, text: str, stamps: StampReader) -> bool:
    """Say in ``event`` what an audit record says; return whether the text is one."""
    if text.startswith("{"):
        compact = text[:64].replace(" ", "")
        parts = laurel_parts(text) if compact.startswith((_LAUREL, _NODE)) else []
    else:
        part = audit_part(text)
        parts = [part] if part is not None else []
    if not parts:
        return False
    put_audit(event, parts, stamps)
    return True


def read_plain_audit(event: Event, text: str, stamps: StampReader) -> bool:
    """Say what a record says that stands without its serial behind another header."""
    part = plain_part(text)
    if part is None:
        return False
    put_audit(event, [part], stamps)
    return True


def put_audit(event: Event, parts: Sequence[AuditPart], stamps: StampReader) -> None:
    """Say in ``event`` what the records of one audit event say together."""
    values, types = merged(list(parts))
    known = event.get("@timestamp")
    fill(event, values, PAIRS, stamps)
    first = parts[0]
    if first.at:
        seconds, _, part = first.at.partition(".")
        event["@timestamp"] = rfc3339(int(seconds) * 10**9 + int(part.ljust(9, "0")))
        event["auditd.serial"] = first.key[2]
    else:
        event["@timestamp"] = known
    event["auditd.type"] = types[0] if len(types) == 1 else list(types)
    for place in range(_ARGUMENTS_SHOWN):
        if f"a{place}" not in values.named:
            break
        event[f"auditd.a{place}"] = values.text(f"a{place}")
    for raw, name in _NAMES.items():
        named = values.text(raw)
        if named and not (name == "user.name" and "user.name" in event):
            put(event, name, named)
    if "user.name" not in event and event.get("user.audit.name", "unset") != "unset":
        event["user.name"] = event["user.audit.name"]  # who logged in
    if event.get("event.action") == "connection_made":
        event["network.initiated"] = "true"
    names = values.named.get("name")
    if names:
        event["file.path"] = values.text("path_create") or names
        if isinstance(names, list):
            event["auditd.paths"] = names
    if event.get("process.name") in _CARRIERS:
        del event["process.name"]
    if "process.name" not in event and "process.executable" in event:
        event["process.name"] = event["process.executable"].rsplit("/", 1)[-1]
