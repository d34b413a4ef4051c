"""Loading ``tocsin.toml``; every error names the file, the line and the nearest right key."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from tocsin.core.errors import ConfigError
from tocsin.core.times import parse_rfc3339
from tocsin.core.vocabulary import LEVELS
from tocsin.settings.located import Located
from tocsin.settings.schema import (
    AllowlistSetting,
    AssetSetting,
    GeoSetting,
    Settings,
    SuppressSetting,
)

if TYPE_CHECKING:
    from pathlib import Path

_TABLES = ("network", "asset", "allowlist", "suppress", "geo")
_HEADER = re.compile(r"^\s*\[\[?\s*([A-Za-z0-9_.-]+)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+)\s*=")


def load_settings(path: Path | None) -> Settings:
    """Return the settings of a file, or the defaults for None; raises `ConfigError`."""
    if path is None:
        return Settings()
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(error.strerror or "can't be read", where=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        found = re.search(r"line (\d+)", str(error))
        where = f"{path}:{found[1]}" if found else str(path)
        raise ConfigError(str(error), where=where) from error
    places = _Places(str(path), text)
    top = places.locate(document, "", 0)
    top.refuse_unknown(_TABLES)
    network = places.locate(_table(top, "network"), "network", 0)
    network.refuse_unknown(("home", "proxies"))
    allowlist = places.locate(_table(top, "allowlist"), "allowlist", 0)
    allowlist.refuse_unknown(("addresses", "reason"))
    geo = places.locate(_table(top, "geo"), "geo", 0)
    geo.refuse_unknown(("database",))
    return Settings(
        path=str(path),
        home=_networks(network, "home"),
        proxies=_networks(network, "proxies"),
        assets=tuple(
            _asset(places.locate(item, "asset", number))
            for number, item in enumerate(_array(top, "asset"))
        ),
        allowlist=AllowlistSetting(
            _networks(allowlist, "addresses"), allowlist.text("reason", default="allowlisted")
        ),
        suppressions=tuple(
            _suppression(places.locate(item, "suppress", number))
            for number, item in enumerate(_array(top, "suppress"))
        ),
        geo=GeoSetting(geo.text("database", default=""), geo.where("database")),
    )


class _Places:
    """Lines of headers and keys, found by a light scan: ``tomllib`` keeps none."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._tables: dict[tuple[str, int], tuple[int, dict[str, int]]] = {("", 0): (1, {})}
        seen: dict[str, int] = {}
        current = self._tables[("", 0)][1]
        for number, line in enumerate(text.splitlines(), 1):
            if header := _HEADER.match(line):
                name = header[1]
                current = {}
                self._tables[(name, seen.get(name, 0))] = (number, current)
                self._tables[("", 0)][1].setdefault(name, number)
                seen[name] = seen.get(name, 0) + 1
            elif key := _KEY.match(line):
                current.setdefault(key[1], number)

    def locate(self, values: dict[str, Any], table: str, number: int) -> Located:
        line, lines = self._tables.get((table, number), (1, {}))
        return Located(self._path, line, values, lines)


def _table(top: Located, key: str) -> dict[str, Any]:
    value = top.values.get(key, {})
    if not isinstance(value, dict):
        raise ConfigError(f"[{key}] must be a table", where=top.where(key))
    return value


def _array(top: Located, key: str) -> list[dict[str, Any]]:
    value = top.values.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ConfigError(f"write [[{key}]], once per entry", where=top.where(key))
    return value


def _networks(table: Located, key: str) -> tuple[str, ...]:
    entries = table.texts(key)
    for entry in entries:
        _check_network(entry, table, key)
    return entries


def _check_network(entry: str, table: Located, key: str) -> None:
    try:
        ip_network(entry, strict=False)
    except ValueError as error:
        message = f'"{key}": {entry!r} is neither an address nor a network'
        raise ConfigError(message, where=table.where(key)) from error


def _asset(table: Located) -> AssetSetting:
    table.refuse_unknown(AssetSetting.__slots__)
    return AssetSetting(
        name=table.text("name"),
        addresses=_networks(table, "addresses"),
        names=table.texts("names"),
        criticality=table.choice("criticality", LEVELS[1:], default="medium"),
        data=table.optional_text("data"),
        services=table.texts("services"),
        core=table.flag("core"),
    )


def _suppression(table: Located) -> SuppressSetting:
    table.refuse_unknown(("name", "reason", "until", "kind", "rule", "attacker", "victim"))
    until = table.values.get("until")
    try:
        until_ns = parse_rfc3339(until.isoformat() if isinstance(until, datetime) else str(until))
    except ValueError as error:
        message = f'"until" must be a time such as 2026-12-31T00:00:00Z, got {until!r}'
        raise ConfigError(message, where=table.where("until")) from error
    for key in ("attacker", "victim"):
        if table.optional_text(key) is not None:
            _check_network(table.text(key), table, key)
    return SuppressSetting(
        name=table.text("name"),
        reason=table.text("reason"),
        until_ns=until_ns,
        kind=table.optional_text("kind"),
        rule=table.optional_text("rule"),
        attacker=table.optional_text("attacker"),
        victim=table.optional_text("victim"),
    )
