"""Times as logs write them, in text: what the stamp kernel does not know is read here.

Forms: ISO 8601 and RFC 3339, ``2026/11/23 05:41:00``, ``23/Nov/2026:05:41:00 +0000``,
``Mon Nov 23 05:41:00.123 2026``, ``Nov 23 05:41:00 [2026]``, ``23-Nov-2026 05:41:00``,
``11/23/2026 05:41:00``, ``Nov-23-26 05:41:00``, ``261123 5:41:00``, ``20261123T054100``,
seconds (or milli-, micro-, nanoseconds) since the epoch, TAI64N (``@4000...``). Where the
order of day and month is open, the number over twelve is the day, else the month comes
first before slashes and the day before dashes. A stamp without a year or zone is read as
the kernel reads it (`tocsin.kernels.stamps`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tocsin.core.times import NS_PER_S
from tocsin.kernels import stamps as kernel
from tocsin.kernels.local_time import fresh_clock, zone_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.kernels.log_scan import Stamps

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_MONTHS |= {"avr": 4, "mai": 5, "okt": 10, "dez": 12}  # where Java writes its host's words
# Names that mean one offset wherever they are used: BST, CST and IST do not.
_NAMED_ZONES = {
    "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9,
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
_ZONE = (
    rf"(?: ?(?P<zone>Z|UTC|GMT|{'|'.join(_NAMED_ZONES)}|[+-][0-9]{{2}}:?(?:[0-9]{{2}})?)(?!\w)"
    r"(?:\[(?:[A-Z][A-Za-z_]{1,20}/[A-Za-z_/+-]{1,40}|UTC|GMT)\])?)?"
)
_CLOCK = (
    r"(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2}):(?P<s>[0-9]{2})"
    r"(?:[.,](?P<f>[0-9]{1,9})(?![0-9]*\.[0-9])[0-9]{0,12})?(?: (?P<half>[AaPp][Mm])(?!\w))?"
)
_CENTURY, _YEAR_MIN, _YEAR_MAX, _MONTHS_MAX = 2000, 1970, 2200, 12
_TAI_OFFSET, _TAI_LEAP = 1 << 62, 10
_UNITS = {10: NS_PER_S, 13: 10**6, 16: 10**3, 19: 1}
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"(?P<Y>[0-9]{4})[-/.:](?P<M>[0-9]{2})[-/.:](?P<D>[0-9]{2})(?:[T _:-]{1,2}| - )"
        + _CLOCK + _ZONE,
        r"(?P<Y>[0-9]{4}) (?P<N>[A-Z][a-z]{2}) +(?P<D>[0-9]{1,2}) " + _CLOCK + _ZONE,
        r"(?:[A-Z]{3,4} )?(?:[A-Z][a-z]{2},? +)?(?P<N>[A-Z][a-z]{2}) +(?P<D>[0-9]{1,2}),? "
        r"(?:(?P<Y>[0-9]{4}),? )?(?:at )?"
        + _CLOCK + r"(?: (?:[A-Z]{3,4} )?(?P<Y2>[0-9]{4})(?![0-9:.]))?" + _ZONE,
        r"(?:[A-Z][a-z]{2},? )?(?P<D>[0-9]{1,2})[-/ ](?P<N>[A-Za-z]{3})(?:[a-z]{0,6}\.?)[-/ ]"
        r"(?P<Y>[0-9]{4})[: ]"
        + _CLOCK + _ZONE,
        r"(?P<A>[0-9]{1,2})(?P<sign>[-/.])(?P<B>[0-9]{1,2})[-/.](?P<Y>[0-9]{4})(?:,? |:| - )"
        + _CLOCK + _ZONE,
        r"(?P<N>[A-Z][a-z]{2})-(?P<D>[0-9]{1,2})-(?P<y>[0-9]{2}) " + _CLOCK,
        r"(?P<y>[0-9]{2})(?P<M>[0-9]{2})(?P<D>[0-9]{2}) {1,2}" + _CLOCK,
        r"(?P<Y>[0-9]{4})(?P<M>[0-9]{2})(?P<D>[0-9]{2})[T -]"
        r"(?P<h>[0-9]{2}):?(?P<m>[0-9]{2}):?(?P<s>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?" + _ZONE,
    )
)  # fmt: skip
_EPOCH = re.compile(
    r"([0-9]{10}|[0-9]{13}|[0-9]{16}|[0-9]{19})(?:\.([0-9]{1,9}))?(?![0-9./-])", re.ASCII
)
_TAI = re.compile(r"@([0-9a-f]{16})([0-9a-f]{8})?(?![0-9a-f])", re.ASCII)


class StampReader:
    """Reads times of one log; ``stamps`` says how those without year or zone are meant."""

    def __init__(self, stamps: Stamps) -> None:
        zone_table(stamps.zone)  # raises `UsageError` for a zone that nobody knows
        self._zone = ZoneInfo(stamps.zone)
        clock = fresh_clock(
            year=stamps.year, newest=stamps.newest, fallback_ns=stamps.fallback_ns, zone=stamps.zone
        )
        self._year, self._newest = int(clock[kernel.YEAR]), int(clock[kernel.NEWEST])
        self._last: tuple[str, int, tuple[int | None, int]] = ("", 0, (None, 0))
        self._second: Callable[..., int | None] = lru_cache(maxsize=64)(self._second_of)

    def read(self, text: str, at: int = 0) -> tuple[int | None, int]:
        """Return (ns since the epoch, place after the stamp) of a stamp at ``at``.

        ``ns`` is None and the place ``at`` when none stands there; ``ns`` is None and the
        place lies behind it when it names no moment (Feb 31).
        """
        if self._last[1] != at or self._last[0] != text:  # many layouts ask for the same stamp
            self._last = text, at, self._read(text, at)
        return self._last[2]

    def _read(self, text: str, at: int) -> tuple[int | None, int]:
        if text[at : at + 1] == "@":
            return _tai(text, at)
        for form in _FORMS:
            found = form.match(text, at)
            if found is not None:
                return self._moment(found), found.end()
        found = _EPOCH.match(text, at)
        if found is None:
            return None, at
        whole, part = found[1], found[2] or ""
        unit = _UNITS[len(whole)]
        fraction = int(part.ljust(9, "0")) if unit == NS_PER_S and part else 0
        return int(whole) * unit + fraction, found.end()

    def after(self, text: str) -> str:
        """Return what follows a stamp, in brackets or not; the whole text where none stands."""
        at = 1 if text.startswith("[") else 0
        _, end = self.read(text, at)
        return text if end == at else text[end + at :].lstrip(" :-]")

    def whole(self, text: str) -> int | None:
        """Return the time that a text holds and nothing else, None otherwise."""
        ns, end = self.read(text)
        return ns if end == len(text) else None

    def _moment(self, found: re.Match[str]) -> int | None:
        part = found.groupdict()
        month = _MONTHS.get((part.get("N") or "").lower()) if part.get("N") else None
        day = part.get("D")
        if part.get("A"):
            a, b = int(part["A"]), int(part["B"])
            month_first = b > _MONTHS_MAX or (part["sign"] == "/" and a <= _MONTHS_MAX)
            month, day = (a, part["B"]) if month_first else (b, part["A"])
        if month is None:
            month = int(part.get("M") or 0)
        year = int(part.get("Y") or part.get("Y2") or 0)
        if part.get("y"):
            year = _CENTURY + int(part["y"])
        hour = part["h"]
        if part.get("half"):
            hour = str(int(hour) % 12 + 12 * (part["half"].lower() == "pm"))
        second = self._second(
            year, month, int(day or 0), hour, part["m"], part["s"], part.get("zone")
        )
        fraction = (part.get("f") or "").ljust(9, "0")
        return None if second is None else second * NS_PER_S + int(fraction or 0)

    def _second_of(
        self, year: int, month: int, day: int, hour: str, minute: str, second: str, zone: str | None
    ) -> int | None:
        if not year:
            year = self._year - (month * 32 + day > self._newest)
        if not _YEAR_MIN <= year <= _YEAR_MAX:
            return None
        try:
            clock = int(hour), int(minute), min(int(second), 59)
            local = datetime(year, month, day, *clock, tzinfo=_zone_of(zone) or self._zone)
        except ValueError:
            return None
        return int(local.timestamp())


def _zone_of(text: str | None) -> timezone | None:
    if not text:
        return None
    if text in {"Z", "UTC", "GMT"}:
        return UTC
    if text in _NAMED_ZONES:
        return timezone(timedelta(hours=_NAMED_ZONES[text]))
    digits = text[1:].replace(":", "").ljust(4, "0")
    east = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-east if text[0] == "-" else east) if east < timedelta(hours=24) else None


def _tai(text: str, at: int) -> tuple[int | None, int]:
    """Read TAI64 and TAI64N, as daemontools' multilog writes them (ten leap seconds assumed)."""
    found = _TAI.match(text, at)
    if found is None:
        return None, at
    seconds = int(found[1], 16) - _TAI_OFFSET - _TAI_LEAP
    return (seconds * NS_PER_S + int(found[2] or "0", 16) if seconds > 0 else None), found.end()
