"""Where an address is, as a database of places says; the database itself is read elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

_EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Place:
    """A country (ISO 3166, two letters; empty: unknown) and a point, where that is known.

    ``accuracy_km`` is how far off the point may be.
    """

    country: str = ""
    latitude: float | None = None
    longitude: float | None = None
    accuracy_km: float = 0.0


Places = Callable[[str], Place | None]


def distance_km(one: Place, other: Place) -> float | None:
    """Return the least distance on a sphere, None where a point is not known.

    >>> round(distance_km(Place("DE", 52.5, 13.4), Place("US", 40.7, -74.0)))
    6386
    """
    if None in (one.latitude, one.longitude, other.latitude, other.longitude):
        return None
    lat_1, lat_2 = radians(float(one.latitude or 0)), radians(float(other.latitude or 0))
    turn = radians(float(other.longitude or 0) - float(one.longitude or 0))
    half = sin((lat_2 - lat_1) / 2) ** 2 + cos(lat_1) * cos(lat_2) * sin(turn / 2) ** 2
    apart_km = 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))
    return max(0.0, apart_km - one.accuracy_km - other.accuracy_km)
