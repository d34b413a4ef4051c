"""What a configuration file may say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AssetSetting:
    """A host that matters: ``[[asset]]``."""

    name: str
    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    criticality: str = "medium"
    data: str | None = None
    services: tuple[str, ...] = ()
    core: bool = False


@dataclass(frozen=True, slots=True)
class SuppressSetting:
    """A named suppression: ``[[suppress]]``; ``until_ns`` is required in the file."""

    name: str
    reason: str
    until_ns: int
    kind: str | None = None
    rule: str | None = None
    attacker: str | None = None
    victim: str | None = None


@dataclass(frozen=True, slots=True)
class AllowlistSetting:
    """Addresses and networks that raise nothing: ``[allowlist]``."""

    addresses: tuple[str, ...] = ()
    reason: str = "allowlisted"


@dataclass(frozen=True, slots=True)
class GeoSetting:
    """``[geo]``: a MaxMind file that says where addresses are; ``where`` it is configured."""

    database: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole configuration; the defaults are those of a file that says nothing."""

    path: str | None = None
    home: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    assets: tuple[AssetSetting, ...] = ()
    allowlist: AllowlistSetting = AllowlistSetting()
    suppressions: tuple[SuppressSetting, ...] = ()
    geo: GeoSetting = GeoSetting()
