"""Time as integers: nanoseconds since the Unix epoch, UTC, named ``*_ns``.

Outside the program times are RFC 3339. Event time comes from records, never from a clock.
"""

from __future__ import annotations

from datetime import UTC, datetime

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
NS_PER_US = 1_000
HOUR_NS = 3600 * NS_PER_S
DAY_NS = 86_400 * NS_PER_S


def rfc3339(time_ns: int | None) -> str | None:
    """Return ``2026-11-23T05:41:00.123456Z``; nanoseconds only where they are not zero.

    ``None`` stays ``None``: an unknown time is never written as 1970.

    >>> rfc3339(1_764_000_000_123_456_000)
    '2025-11-24T16:00:00.123456Z'
    """
    if time_ns is None:
        return None
    seconds, rest_ns = divmod(time_ns, NS_PER_S)
    base = datetime.fromtimestamp(seconds, UTC).isoformat()[:19]
    if rest_ns % NS_PER_US:
        return f"{base}.{rest_ns:09d}Z"
    return f"{base}.{rest_ns // NS_PER_US:06d}Z"


def parse_rfc3339(text: str) -> int:
    """Return nanoseconds since the epoch; raises `ValueError` for anything else.

    >>> parse_rfc3339("2025-11-24T16:00:00.123456Z")
    1764000000123456000
    """
    head, dot, tail = text.partition(".")
    fraction = ""
    if dot:
        digits = len(tail) - len(tail.lstrip("0123456789"))
        fraction, tail = tail[:digits], tail[digits:]
        head += tail
    moment = datetime.fromisoformat(head)
    if moment.tzinfo is None:
        raise ValueError(f"a time zone is missing in {text!r}")
    return int(moment.timestamp()) * NS_PER_S + int(fraction[:9].ljust(9, "0") or "0")
