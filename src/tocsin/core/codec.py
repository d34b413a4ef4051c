"""Detections as plain values and back, for checkpoints, the journal and the store.

JSON keeps every field: integers beyond 2**53 survive in Python's `json`, floats are
written with their shortest exact form.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

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
