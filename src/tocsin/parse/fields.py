"""From a field that a template or format names to what an event says.

``source.address`` becomes ``source.ip`` when it is an address, else it is only claimed. Text that
the remote side wrote is never taken for more than it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tocsin.core.addresses import address_halves, address_text
from tocsin.core.times import rfc3339
from tocsin.parse.pattern import endpoint_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tocsin.core.event import Event

_NUMBERS = frozenset((
    "source.port", "destination.port", "process.pid", "tocsin.count", "http.response.status_code",
    "http.response.body.bytes", "process.exit_code", "tocsin.rows", "tocsin.bytes",
    "network.bytes", "source.bytes", "destination.bytes",
))  # fmt: skip
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_V4 = re.compile(rf"{_BYTE}(?:\.{_BYTE}){{3}}", re.ASCII)
_V6 = re.compile(r"[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*", re.ASCII)
_NAME = re.compile(r"[0-9]+(?:\.[0-9]+){4,}", re.ASCII)  # what a reverse lookup may answer
_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_ZONED = 2
_INTERFACE = re.compile(r"(?<=[0-9]):[A-Z][0-9A-Za-z-]{0,15}$", re.ASCII)
ADDRESSES = {"source.address": "source", "destination.address": "destination",
             "server.address": "server", "client.address": "client"}  # fmt: skip


@lru_cache(maxsize=4096)
def ip_of(text: str) -> str | None:
    """Return an address in its usual form, None for anything else; a zone is cut off.

    >>> ip_of("::ffff:203.0.113.9"), ip_of("2001:DB8::9%eth0"), ip_of("203.0.113.09")
    ('203.0.113.9', '2001:db8::9', None)
    """
    address, zone, _ = text.partition("%")
    if _V4.fullmatch(address):
        return None if zone else address
    if not _V6.fullmatch(address):
        return None
    try:
        return address_text(*address_halves(address))
    except ValueError:
        return None


def put(event: Event, name: str, value: str) -> None:
    """Say in ``event`` what field ``name`` holds; empty text says nothing."""
    if not value:
        return
    if name in ADDRESSES:
        _put_address(event, ADDRESSES[name], value)
    elif name == "@timestamp":
        event[name] = rfc3339(int(value))
    elif name in _NUMBERS:
        if _INTEGER.fullmatch(value):
            event[name] = int(value)
    else:
        event[name] = value


def _put_address(event: Event, side: str, value: str) -> None:
    address, port = value, None
    if value[:5] in {"ipv4:", "ipv6:"}:  # Samba
        value = value[5:]
    elif value.count(":") == _ZONED:  # SonicWall: address:port:interface
        value = _INTERFACE.sub("", value)
    ip = ip_of(value)
    if ip is None and not _NAME.fullmatch(value):
        address, port = endpoint_of(value)
        ip = ip_of(address)
    if ip is None:
        event[f"tocsin.claimed.{side}.address"] = address
        return
    event[f"{side}.ip"] = ip
    if port is not None:
        event[f"{side}.port"] = port


def put_all(event: Event, fields: Iterable[tuple[str, Any]]) -> None:
    """Say all of a match's fields."""
    for name, value in fields:
        put(event, name, value)
