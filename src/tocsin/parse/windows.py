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
from tocsin.parse.windows_meanings import MEANINGS, SECURITY

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
_LEAF = re.compile(r"<([A-Z][A-Za-z0-9]{0,63})>([^<>]{0,4096}+)</")
_TIMES = ("@timestamp", "EventTime", "TimeCreated", "UtcTime", "SystemTime", "EventReceivedTime")
_ADDRESSES = ("IpAddress", "ClientAddress", "SourceAddress", "Address", "ClientIP", "SourceIp")
_NO_ADDRESS = frozenset(("", "-", "LOCAL", "0.0.0.0", "::"))  # noqa: S104
_USERS = ("TargetUserName", "SubjectUserName", "User", "AccountName")
_RDP = "microsoft-windows-terminalservices-remoteconnectionmanager/operational"
# What a collector nested stands flat beside it; these names are ours to give.
_NESTED = ("Event.", "source.", "event.", "log.", "rule.", "threat.", "tocsin.", "user.", "host.")
_DONE = {"0x0", "0", "0x00000000"}
_PROCESS = {
    "NewProcessName": "process.executable", "Image": "process.executable", "CommandLine": "process.command_line",
    "ParentImage": "process.parent.executable", "ParentProcessName": "process.parent.executable",
    "DestinationIp": "destination.address", "DestinationPort": "destination.port", "QueryName": "dns.question.name",
    "TargetFilename": "file.path", "ServiceName": "service.name",
}  # fmt: skip
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
    event.update((name, value) for name, value in values.items() if not name.startswith(_NESTED))
    _mean(event, values, stamps)
    if any(name.rsplit(".", maxsplit=1)[-1] in _ADDRESSES for name in twice):
        event.pop("source.ip", None)
        event["tocsin.weird"] = "source is ambiguous"
    return True


def _xml_values(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {name: html.unescape(value) for name, value in _SYSTEM.findall(text)}
    for one, other, value in _DATA.findall(text):
        found.setdefault(html.unescape(one or other), html.unescape(value))
    body = text.partition("<UserData")[2]
    for name, value in _LEAF.findall(body) if body else ():
        found.setdefault(name, html.unescape(value))
    for name, form in (("@timestamp", _TIME), ("Provider_Name", _PROVIDER)):
        value = form.search(text)
        if value is not None:
            found[name] = value[1]
    return found


def _doubled(text: str) -> set[str]:
    names = [one or other for one, other, _ in _DATA.findall(text)]
    return {name for name in names if names.count(name) > 1}


def _mean(event: Event, values: dict[str, Any], stamps: StampReader) -> None:
    channel = str(values.get("Channel") or "").lower()
    number = _number(values.get("EventID"))
    event["event.dataset"] = f"windows.{channel.rpartition('/')[0] or channel or 'event'}"
    event["event.code"] = str(number)
    event["@timestamp"] = None
    written = next((str(values[name]) for name in _TIMES if values.get(name)), "")
    ns = stamps.whole(written) if written else None
    if ns is not None:
        event["@timestamp"] = rfc3339(ns)
    put(event, "host.name", str(values.get("Computer") or values.get("Hostname") or ""))
    _attribute(event, values, is_rdp=channel == _RDP)
    meaning = SECURITY.get(number) if channel == "security" else MEANINGS.get((channel, number))
    if meaning is None:
        return
    event["event.action"], outcome, event["event.category"] = meaning
    status = str(values.get("Status") or "").lower()
    event["event.outcome"] = outcome or ("success" if status in _DONE else "failure")
    if _UNKNOWN_USER in {status, str(values.get("SubStatus") or "").lower()}:
        event["tocsin.user_unknown"] = True


def _attribute(event: Event, values: dict[str, Any], *, is_rdp: bool) -> None:
    """Say who came from where: fields that the event's provider fills itself."""
    names = ("Param3",) if is_rdp else _ADDRESSES
    for name in names:
        address = str(values.get(name) or "").removeprefix("::ffff:")
        if address not in _NO_ADDRESS:
            put(event, "source.address", address)
            break
    put(event, "source.port", str(values.get("IpPort") or "").strip("0-") and str(values["IpPort"]))
    users = (str(values.get(name) or "") for name in (("Param1",) if is_rdp else _USERS))
    user = next((one for one in users if one not in {"", "-"}), "")
    if user:
        event["user.name"] = user.rsplit("\\", 1)[-1]
    for name, ours in _PROCESS.items():
        if values.get(name):
            put(event, ours, str(values[name]))


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return -1
