"""An event as rules see it: field names of every writer, values as text, lower case kept once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.detect.sigma.names import ALIASES, NATIVE_FIRST
from tocsin.detect.sigma.native import native_values

if TYPE_CHECKING:
    from collections.abc import Mapping

_MISSING = object()


class Seen:
    """An event with its values as text, made as they are asked for.

    ``names`` maps a rule's field to those of the event that may hold it, first one first.
    """

    __slots__ = ("_all", "_lower", "_native", "event", "names")

    def __init__(self, event: Mapping[str, Any], names: Mapping[str, tuple[str, ...]]) -> None:
        self.event = event
        self.names = names
        self._lower: dict[str, tuple[str, ...]] = {}
        self._all: tuple[str, ...] | None = None
        self._native: Mapping[str, Any] | None = None

    def value(self, field: str) -> Any:
        """Return the value of a rule's field, None when the event has none."""
        found = self.event.get(field, _MISSING)
        if found is not _MISSING:
            return found
        names = self.names.get(field)
        others = names or ALIASES.get(field, ())
        if names == NATIVE_FIRST and field in self.native:
            return self.native[field]
        for name in others:
            found = self.event.get(name, _MISSING)
            if found is not _MISSING:
                return found
        native = self.native
        if not native:  # as of most records
            return None
        return next((native[one] for one in (field, *others) if one in native), None)

    @property
    def native(self) -> Mapping[str, Any]:
        """The record's values under its writer's names, read when a rule first asks for one."""
        if self._native is None:
            self._native = native_values(self.event)
        return self._native

    def lower(self, field: str) -> tuple[str, ...]:
        """Return the texts of a field in lower case, none when the event lacks it."""
        known = self._lower.get(field)
        if known is None:
            value = self.value(field)
            if isinstance(value, str):
                known = (value.lower(),)
            else:
                known = tuple(text.lower() for text in texts_of(value))
            self._lower[field] = known
        return known

    def everything(self) -> tuple[str, ...]:
        """Return the texts of all fields in lower case: the record itself where it is kept."""
        if self._all is None:
            self._all = tuple(text.lower() for text in self.everything_raw())
        return self._all

    def everything_raw(self) -> tuple[str, ...]:
        """Return the texts of all fields as they are: the record itself where it is kept."""
        original = self.event.get("event.original")
        if original is not None:
            return (original if isinstance(original, str) else str(original),)
        return tuple(text for value in self.event.values() for text in texts_of(value))


def texts_of(value: Any) -> tuple[str, ...]:
    """Return a value as texts: a list's members, a truth value in lower case."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple):
        return tuple(text for one in value for text in texts_of(one))
    return ("true" if value else "false",) if isinstance(value, bool) else (str(value),)
