"""Rows of a truth file, each with its place, so that a wrong one is named by path and line."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tocsin.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a truth file; ``where`` is ``path:line``.

    Each reader raises `ConfigError` when the field has another type than is asked for.
    """

    where: str
    fields: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a field that must be text."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise self.error(name, "text", value)
        return value

    def text_or_none(self, name: str) -> str | None:
        """Return a field that is text, or None where it is null or absent."""
        return None if self.fields.get(name) is None else self.text(name)

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        """Return a field that is true or false; ``default`` stands in for an absent one."""
        value = self.fields.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, bool):
            raise self.error(name, "true or false", value)
        return value

    def number(self, name: str) -> int:
        """Return a field that must be a whole number, zero or more."""
        value = self.fields.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.error(name, "a whole number", value)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; null and absent are an empty one."""
        value = self.fields.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.error(name, "a list of texts", value)
        return tuple(value)

    def objects(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """Return a list of objects; null and absent are an empty one."""
        value = self.fields.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.error(name, "a list of objects", value)
        return tuple(value)

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        """Return a text that must be one of those allowed."""
        value = self.text(name)
        if value not in allowed:
            raise self.error(name, f"one of {', '.join(allowed)}", value)
        return value

    def error(self, name: str, expected: str, got: object) -> ConfigError:
        """Return the error that names this row."""
        shown = repr(got)
        shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
        return ConfigError(f'"{name}" must be {expected}, got {shown}', where=self.where)


_SHOWN = 80


def json_rows(content: bytes, *, where: str) -> tuple[Row, ...]:
    """Return a row per line of JSON; empty lines are skipped.

    Raises `ConfigError` for a line that is not UTF-8 or no JSON object.
    """
    rows = []
    for number, raw in enumerate(content.split(b"\n"), 1):
        if not raw.strip():
            continue
        place = f"{where}:{number}"
        try:
            fields = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"is no line of JSON: {error}", where=place) from error
        if not isinstance(fields, dict):
            raise ConfigError(f"expected a JSON object, got {type(fields).__name__}", where=place)
        rows.append(Row(place, fields))
    if not rows:
        raise ConfigError("holds no row of truth", where=where)
    return tuple(rows)


def csv_rows(content: bytes, *, where: str) -> tuple[Row, ...]:
    """Return a row per record under a header; raises `ConfigError` for a record cut short."""
    text = content.decode("utf-8", errors="backslashreplace").removeprefix("\ufeff")
    records = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    try:
        header = next(records, [])
        for record in records:
            place = f"{where}:{records.line_num}"
            if len(record) != len(header):
                message = f"expected {len(header)} columns, got {len(record)}"
                raise ConfigError(message, where=place)
            rows.append(Row(place, dict(zip(header, record, strict=True))))
    except csv.Error as error:
        raise ConfigError(f"is no CSV: {error}", where=f"{where}:{records.line_num}") from error
    if not rows:
        raise ConfigError("holds no row of truth", where=where)
    return tuple(rows)
