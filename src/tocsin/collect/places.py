"""Places of addresses from a MaxMind file (MMDB); the package maxminddb is needed for it.

The file is opened at the first question; what it says of an address is kept for the last few
thousand. A file or package that is missing is told when the settings are read, not then.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from tocsin.core.errors import ConfigError
from tocsin.core.places import Place

if TYPE_CHECKING:
    from tocsin.core.places import Places

CACHED_MAX = 8192


def open_places(path: str, *, where: str) -> Places:
    """Return a lookup over an MMDB file; raises `ConfigError` when it can't be used."""
    try:
        import maxminddb
    except ImportError as error:
        message = "the package maxminddb is not installed: pip install 'tocsin[geo]'"
        raise ConfigError(message, where=where) from error
    try:
        reader = maxminddb.open_database(path)
    except OSError as error:
        message = f"geo database {path}: {error.strerror or 'can not be read'}"
        raise ConfigError(message, where=where) from error
    except (maxminddb.InvalidDatabaseError, ValueError) as error:
        raise ConfigError(f"geo database {path}: {error}", where=where) from error
    return _Known(reader)


class _Known:
    """Asks the reader, and remembers."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self._known: OrderedDict[str, Place | None] = OrderedDict()

    def __call__(self, address: str) -> Place | None:
        if address in self._known:
            return self._known[address]
        try:
            record = self._reader.get(address)
        except ValueError:  # no address, or one of the other family
            record = None
        place = self._known[address] = place_of(record)
        if len(self._known) > CACHED_MAX:
            self._known.popitem(last=False)
        return place


def place_of(record: object) -> Place | None:
    """Return the place that a record of a city or country database names."""
    if not isinstance(record, dict):
        return None
    country = record.get("country") or record.get("registered_country") or {}
    point = record.get("location") or {}
    code = country.get("iso_code", "") if isinstance(country, dict) else country
    if not isinstance(point, dict):
        point = {}
    return Place(
        country=str(code or record.get("country_code") or "")[:2].upper(),
        latitude=_number(point.get("latitude")),
        longitude=_number(point.get("longitude")),
        accuracy_km=_number(point.get("accuracy_radius")) or 0.0,
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
