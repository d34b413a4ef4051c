"""Events as their writer named them: one JSON object per line (Windows, Sysmon, cloud audit).

Windows events come nested in several ways (``Event.System`` and ``Event.EventData``, winlogbeat's
``winlog.event_data``); they are laid flat under the names that their provider gives. Of other
objects nested names are joined by dots. Sources: the evtx library's JSON, winlogbeat's fields.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tocsin.core.flattening import flattened

if TYPE_CHECKING:
    from tocsin.core.event import Event


class EventJsonError(ValueError):
    """A line is no JSON object."""


def read_event(line: str) -> Event:
    """Return the event of a line; raises `EventJsonError` with the reason."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise EventJsonError(f"is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise EventJsonError("expected a JSON object")
    return event_of(document)


def event_of(document: dict[str, Any]) -> Event:
    """Return an event laid flat, with the names that rules ask for."""
    event: Event = flattened(document)
    windows = document.get("Event") or document
    if isinstance(windows, dict) and isinstance(windows.get("System"), dict):
        _windows(windows, event)
    winlog = document.get("winlog")
    if isinstance(winlog, dict):
        _winlog(winlog, event)
    return event


def _windows(document: dict[str, Any], event: Event) -> None:
    system = _part(document, "System")
    event["EventID"] = _text(system.get("EventID"))
    event["Channel"] = _text(system.get("Channel"))
    event["Computer"] = _text(system.get("Computer"))
    provider = _part(system, "Provider")
    event["Provider_Name"] = _part(provider, "#attributes").get("Name") or provider.get("Name")
    time = _part(_part(system, "TimeCreated"), "#attributes").get("SystemTime")
    if time:
        event["@timestamp"] = time
    for name in ("EventData", "UserData"):
        _data(document.get(name), event)
    for name in [name for name in event if " " in name]:  # Defender: "Threat Name"
        event.setdefault(name.replace(" ", ""), event[name])


def _data(data: Any, event: Event, depth: int = 4) -> None:
    """Lay event data flat: named values, lists of ``{"#attributes": {"Name"}, "#text"}``."""
    if isinstance(data, list):
        for one in data:
            _data(one, event, depth - 1)
    elif isinstance(data, dict) and depth:
        name = _part(data, "#attributes").get("Name")
        if name is not None and "#text" in data:
            event[str(name)] = data["#text"]
            return
        for key, value in data.items():
            if isinstance(value, dict | list):
                _data(value, event, depth - 1)
            elif not key.startswith("#"):
                event.setdefault(key, value)


def _winlog(winlog: dict[str, Any], event: Event) -> None:
    event.setdefault("EventID", winlog.get("event_id"))
    event.setdefault("Channel", winlog.get("channel"))
    event.setdefault("Provider_Name", winlog.get("provider_name"))
    event.setdefault("Computer", winlog.get("computer_name"))
    for part in ("event_data", "user_data"):
        _data(winlog.get(part), event)


def _part(document: Any, name: str) -> dict[str, Any]:
    value = document.get(name) if isinstance(document, dict) else None
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> Any:
    return value.get("#text") if isinstance(value, dict) else value
