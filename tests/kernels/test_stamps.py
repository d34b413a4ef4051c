"""Stamps of logs against `datetime`, zones with summer time included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parse.reading import read
from tocsin.core.errors import UsageError
from tocsin.core.times import parse_rfc3339
from tocsin.kernels.local_time import zone_table
from tocsin.kernels.log_scan import Stamps

moments = st.datetimes(min_value=datetime(1972, 1, 1), max_value=datetime(2098, 1, 1))  # noqa: DTZ001
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")


def stamp_of(text: str, **stamps: object) -> int | None:
    """Return the nanoseconds that a record beginning with ``text`` is given."""
    (event,) = read(f"{text} web01 cron[1]: x\n".encode(), stamps=Stamps(**stamps))  # type: ignore[arg-type]
    return None if event["@timestamp"] is None else parse_rfc3339(event["@timestamp"])


def ns_of(moment: datetime) -> int:
    """Return whole nanoseconds, exactly."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000


@settings(max_examples=150, deadline=None)
@given(moment=moments, zone=st.sampled_from(ZONES))
def test_local_iso_stamps_mean_what_datetime_says(moment: datetime, zone: str) -> None:
    expected = ns_of(moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC))

    assert stamp_of(moment.isoformat(timespec="microseconds"), zone=zone) == expected


@settings(max_examples=100, deadline=None)
@given(moment=moments, minutes=st.integers(-14 * 60, 14 * 60))
def test_offsets_are_subtracted(moment: datetime, minutes: int) -> None:
    sign = "-" if minutes < 0 else "+"
    offset = f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    expected = ns_of((moment - timedelta(minutes=minutes)).replace(tzinfo=UTC))

    assert stamp_of(moment.isoformat(timespec="microseconds") + offset) == expected


@settings(max_examples=100, deadline=None)
@given(moment=moments)
def test_named_months_with_their_year_before_or_after(moment: datetime) -> None:
    expected = ns_of(moment.replace(microsecond=0, tzinfo=UTC))

    assert stamp_of(moment.strftime("%Y %b %e %H:%M:%S")) == expected
    assert stamp_of(moment.strftime("%b %e %Y %H:%M:%S")) == expected


def test_months_after_the_newest_fall_in_the_year_before() -> None:
    newest = (1, 3)

    assert stamp_of("Dec 31 23:59:59", year=2026, newest=newest) == 1_767_225_599_000_000_000
    assert stamp_of("Jan  3 00:00:00", year=2026, newest=newest) == 1_767_398_400_000_000_000


def test_without_a_year_the_modification_time_decides() -> None:
    fallback_ns = parse_rfc3339("2026-03-01T12:00:00Z")

    assert stamp_of("Mar  1 12:00:00", fallback_ns=fallback_ns) == fallback_ns
    assert stamp_of("Nov  1 12:00:00", fallback_ns=fallback_ns) == parse_rfc3339(
        "2025-11-01T12:00:00Z"
    )


@pytest.mark.parametrize(
    "text", ["Feb 31 08:00:00", "Nov 11 24:00:00", "Nov 11 08:60:00", "2026-13-01T00:00:00",
             "2026-02-29T00:00:00", "Nov  0 08:00:00"]
)  # fmt: skip
def test_what_names_no_moment_is_no_stamp(text: str) -> None:
    assert stamp_of(text, year=2026) is None


def test_an_unknown_zone_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="Mars/Olympus"):
        zone_table("Mars/Olympus")
