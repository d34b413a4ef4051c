"""Windows events in a log: XML as forwarders write it, JSON of winlogbeat and of evtx tools.

An event keeps the names that its provider gave (rules ask for those) and says in ECS names who
came from where and how it ended. A value that stands twice names nobody. Sources: Microsoft's
"Security auditing" reference of event numbers, winlogbeat's field list.
"""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any

from tocsin.core.times import rfc3339
from tocsin.parse.event_json import event_of
from tocsin.parse.fields import put
from tocsin.parse.named_values import json_values

if TYPE_CHECKING:
    from tocsin.core.event import Event
    from tocsin.parse.stamp_text import StampReader

_DATA = re.compile(r"<Data Name=(?:\"([^\"<>]{1,64})\"|'([^'<>]{1,64})')(?:/>|>([^<]*+)</Data>)")
_SYSTEM = re.compile(
    r"<(EventID|Channel|Computer|Level|EventRecordID)(?: [^<>]{0,80})?>([^<]{0,255})</"
)
_TIME = re.compile(r"<TimeCreated SystemTime=[\"']([^\"'<>]{10,40})[\"']")
_PROVIDER = re.compile(r"<Provider Name=[\"']([^\"'<>]{1,128})[\"']")
_SIGNS = ('"winlog"', '"EventID"', '"event_id"')
_FAILURE, _SUCCESS, _LOGIN = "failure", "success", "authentication"
# Of the Security log: action, outcome, category; other logs by (channel, number).
_SECURITY = {
    4625: ("windows_login", _FAILURE, _LOGIN), 4624: ("windows_login", _SUCCESS, _LOGIN),
    4771: ("kerberos_login", _FAILURE, _LOGIN), 4776: ("ntlm_login", "", _LOGIN), 4768: ("kerberos_login", "", _LOGIN),
    4740: ("account_locked", _FAILURE, _LOGIN), 4634: ("windows_logoff", "unknown", "session"), 4647: ("windows_logoff", "unknown", "session"),
    4648: ("windows_explicit_login", "unknown", "session"), 4672: ("windows_privileged_login", "unknown", "session"),
    4720: ("user_created", _SUCCESS, "iam"), 4726: ("user_deleted", _SUCCESS, "iam"), 4722: ("user_enabled", _SUCCESS, "iam"),
    4724: ("password_reset", _SUCCESS, "iam"), 4728: ("group_member_added", _SUCCESS, "iam"), 4732: ("group_member_added", _SUCCESS, "iam"),
    4756: ("group_member_added", _SUCCESS, "iam"), 4697: ("service_installed", _SUCCESS, "configuration"),
    4698: ("task_created", _SUCCESS, "configuration"), 4719: ("audit_policy_changed", _SUCCESS, "configuration"),
    1102: ("log_cleared", _SUCCESS, "configuration"), 4688: ("process_started", "unknown", "process"),
    5140: ("share_accessed", "unknown", "file"), 5145: ("share_accessed", "unknown", "file"),
}  # fmt: skip
_OTHERS = {
    ("system", 7045): ("service_installed", _SUCCESS, "configuration"), ("system", 104): ("log_cleared", _SUCCESS, "configuration"),
    ("system", 6008): ("host_restarted", _FAILURE, "host"), ("application", 1000): ("process_crashed", _FAILURE, "process"),
    ("system", 7031): ("service_down", _FAILURE, "process"), ("system", 7034): ("service_down", _FAILURE, "process"),
    ("application", 18456): ("mssql_login", _FAILURE, _LOGIN),
}  # fmt: skip
_DONE = {"0x0", "0", "0x00000000"}
_UNKNOWN_USER = "0xc0000064"


def read_windows(event: Event, text: str, stamps: StampReader) -> bool:
    """Say in ``event`` what a Windows event says; return whether the text is one."""
    if text.startswith(("<Event ", "<Event>")):
        values, twice = _xml_values(text), _doubled(text)
    elif text.startswith("{") and any(sign in text for sign in _SIGNS):
        known = json_values(text)
        if known is None:
            return False
        values, twice = event_of(json.loads(text)), known.twice
        if "EventID" not in values or "Channel" not in values:
            return False
    else:
        return False
    event.update(values)
    _mean(event, values, stamps)
    if any(name.rsplit(".", maxsplit=1)[-1] in _ADDRESSES for name in twice):
        event.pop("source.ip", None)
        event["tocsin.weird"] = "source is ambiguous"
    return True


_ADDRESSES = ("IpAddress", "ClientAddress", "SourceAddress")


def _xml_values(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {name: html.unescape(value) for name, value in _SYSTEM.findall(text)}
    for one, other, value in _DATA.findall(text):
        found.setdefault(html.unescape(one or other), html.unescape(value))
    for name, form in (("@timestamp", _TIME), ("Provider_Name", _PROVIDER)):
        value = form.search(text)
        if value is not None:
            found[name] = value[1]
    return found


def _doubled(text: str) -> set[str]:
    names = [one or other for one, other, _ in _DATA.findall(text)]
    return {name for name in names if names.count(name) > 1}


def _mean(event: Event, values: dict[str, Any], stamps: StampReader) -> None:
    channel = str(values.get("Channel", "")).lower()
    number = _number(values.get("EventID"))
    event["event.dataset"] = f"windows.{channel.rpartition('/')[0] or channel}"
    event["@timestamp"] = None
    if values.get("@timestamp"):
        ns = stamps.whole(str(values["@timestamp"]))
        event["@timestamp"] = None if ns is None else rfc3339(ns)
    put(event, "host.name", str(values.get("Computer") or ""))
    for name in _ADDRESSES:
        address = str(values.get(name) or "").removeprefix("::ffff:")
        if address not in {"", "-", "LOCAL"}:
            put(event, "source.address", address)
            break
    user = str(values.get("TargetUserName") or values.get("SubjectUserName") or "")
    if user not in {"", "-"}:
        event["user.name"] = user
    meaning = _SECURITY.get(number) if channel == "security" else _OTHERS.get((channel, number))
    if meaning is None:
        return
    event["event.action"], outcome, event["event.category"] = meaning
    status = str(values.get("Status") or "").lower()
    event["event.outcome"] = outcome or (_SUCCESS if status in _DONE else _FAILURE)
    if str(values.get("SubStatus") or "").lower() == _UNKNOWN_USER:
        event["tocsin.user_unknown"] = True


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return -1
