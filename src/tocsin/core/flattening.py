"""A JSON object laid flat: nested names joined by dots, objects of a list by their own names."""

from __future__ import annotations

from typing import Any

DEPTH_MAX, VALUES_MAX = 16, 4096


def flattened(document: dict[str, Any]) -> dict[str, Any]:
    """Return an object's values under flat names; several of one name become a list.

    Bounded: `VALUES_MAX` names, `DEPTH_MAX` levels.

    >>> flattened({"spec": {"containers": [{"name": "a"}, {"name": "b"}]}})
    {'spec.containers.name': ['a', 'b']}
    """
    found: dict[str, Any] = {}
    _flatten(document, "", found, DEPTH_MAX)
    return found


def _flatten(value: Any, name: str, found: dict[str, Any], depth: int) -> None:
    if len(found) >= VALUES_MAX:
        return
    if isinstance(value, dict) and depth:
        for key, one in value.items():
            _flatten(one, f"{name}.{key}" if name else str(key), found, depth - 1)
    elif (
        isinstance(value, list) and value and all(isinstance(one, dict) for one in value) and depth
    ):
        for one in value:
            for key, inner in one.items():
                _flatten(inner, f"{name}.{key}", found, depth - 1)
    elif name:
        known = found.get(name)
        found[name] = (
            value if known is None else [*(known if isinstance(known, list) else [known]), value]
        )
