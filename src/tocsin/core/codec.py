"""Detections and messages as plain values and back, for checkpoints, journal and store.

JSON keeps every field: integers beyond 2**53 survive in Python's `json`, floats are
written with their shortest exact form.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from tocsin.core import log_messages, messages
from tocsin.core.detection import Counts, Detection, Selector

_TUPLES = ("attackers", "victims", "users", "source_ports")
_SELECTOR_TUPLES = ("near", "far", "users", "actions")


def detection_to_plain(detection: Detection) -> dict[str, Any]:
    """Return a JSON-ready dictionary that `detection_from_plain` takes back."""
    return asdict(detection)


def detection_from_plain(plain: dict[str, Any]) -> Detection:
    """Return the detection; raises `ValueError` when fields are missing or unknown."""
    known = {field.name for field in fields(Detection)}
    if set(plain) != known:
        raise ValueError(f"not a detection: fields {sorted(set(plain) ^ known)} differ")
    values = dict(plain)
    for name in _TUPLES:
        values[name] = tuple(values[name])
    values["counts"] = Counts(**values["counts"])
    values["selector"] = selector_from_plain(values["selector"])
    return Detection(**values)


def selector_from_plain(plain: dict[str, Any]) -> Selector:
    """Return a selector from the dictionary that `dataclasses.asdict` made of it."""
    values = dict(plain)
    for name in _SELECTOR_TUPLES:
        values[name] = tuple(values[name])
    return Selector(**values)


def message_to_plain(message: messages.Message) -> dict[str, Any]:
    """Return a dictionary that `message_from_plain` takes back; bytes stay bytes."""
    return {"is": type(message).__name__, **asdict(message)}


def message_from_plain(plain: dict[str, Any]) -> messages.Message:
    """Return the message; raises `ValueError` when there is no such kind."""
    kind = _MESSAGES.get(str(plain["is"]))
    if kind is None:
        raise ValueError(f"no kind of message: {plain['is']!r}")
    values = {name: _as_tuples(value) for name, value in plain.items() if name != "is"}
    if values.get("request") is not None:
        values["request"] = messages.HttpRequest(**values["request"])
    return kind(**values)


def _as_tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_as_tuples(one) for one in value)
    if isinstance(value, dict):
        return {name: _as_tuples(one) for name, one in value.items()}
    return value


_MESSAGES: dict[str, type[messages.Message]] = {
    kind.__name__: kind for kind in (*messages.Message.__subclasses__(), log_messages.LogEvent)
}
