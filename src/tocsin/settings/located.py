"""Reading keys of a document with the place of each, so that an error names file and line."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tocsin.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Located:
    """A mapping of a document: its values, and the line of each key (1-based)."""

    path: str
    line: int
    values: Mapping[str, Any]
    lines: Mapping[str, int]

    def where(self, key: str | None = None) -> str:
        """Return ``path:line`` of a key, or of the mapping."""
        return f"{self.path}:{self.lines.get(key, self.line) if key else self.line}"

    def refuse_unknown(self, known: Iterable[str]) -> None:
        """Raise `ConfigError` for the first key that is not known, with the nearest one."""
        names = sorted(known)
        for key in self.values:
            if key not in names:
                near = difflib.get_close_matches(key, names, n=1)
                hint = f'; did you mean "{near[0]}"?' if near else ""
                raise ConfigError(f'unknown key "{key}"{hint}', where=self.where(key))

    def text(self, key: str, *, default: str | None = None) -> str:
        """Return a text; `ConfigError` when it is missing (without default) or no text."""
        value = self.values.get(key, default)
        if value is None:
            raise ConfigError(f'"{key}" is missing', where=self.where())
        if not isinstance(value, str):
            raise ConfigError(f'"{key}" must be text, got {value!r}', where=self.where(key))
        return value

    def optional_text(self, key: str) -> str | None:
        """Return a text, or None when the key is absent."""
        return self.text(key) if self.values.get(key) is not None else None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty when absent."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ConfigError(f'"{key}" must be a list of texts', where=self.where(key))
        return tuple(value)

    def number(self, key: str, *, default: float, least: float, most: float) -> float:
        """Return a number within bounds."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(f'"{key}" must be a number, got {value!r}', where=self.where(key))
        if not least <= value <= most:
            message = f'"{key}" must be from {least:g} to {most:g}, got {value:g}'
            raise ConfigError(message, where=self.where(key))
        return value

    def flag(self, key: str) -> bool:
        """Return a truth value, False when absent."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise ConfigError(f'"{key}" must be true or false', where=self.where(key))
        return value

    def choice(self, key: str, options: tuple[str, ...], *, default: str) -> str:
        """Return one of ``options``."""
        value = self.text(key, default=default)
        if value not in options:
            expected = ", ".join(options)
            message = f'"{key}" must be one of {expected}, got "{value}"'
            raise ConfigError(message, where=self.where(key))
        return value
