"""Stamps in text: years across New Year, hours that a clock skips or repeats, odd zones."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parse.reading import read
from tocsin.core.times import rfc3339
from tocsin.kernels.log_scan import Stamps
from tocsin.parse.stamp_text import StampReader

NEW_YEAR = int(datetime(2027, 1, 2, 8, 0, tzinfo=UTC).timestamp()) * 10**9


def told(text: str, stamps: Stamps) -> str | None:
    """Return what a stamp means, None when it is none or goes on."""
    ns = StampReader(stamps).whole(text)
    return None if ns is None else rfc3339(ns)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Dec 31 23:59:59", "2026-12-31T23:59:59.000000Z"),
        ("Jan  1 00:00:01", "2027-01-01T00:00:01.000000Z"),
        ("Jan  3 07:59:00", "2027-01-03T07:59:00.000000Z"),  # clocks differ by a day at most
        ("Jan  5 00:00:00", "2026-01-05T00:00:00.000000Z"),
    ],
)
def test_months_after_the_newest_stamp_are_of_the_year_before(text: str, wanted: str) -> None:
    assert told(text, Stamps(fallback_ns=NEW_YEAR)) == wanted
    assert told(text, Stamps(year=2027, newest=(1, 3))) == wanted


def test_lines_across_new_year_keep_their_order() -> None:
    lines = b"".join(
        stamp + b" web01 sshd[7]: Failed password for root from 203.0.113.9 port 22 ssh2\n"
        for stamp in (b"Dec 31 23:59:58", b"Dec 31 23:59:59", b"Jan  1 00:00:00")
    )

    events = read(lines, stamps=Stamps(fallback_ns=NEW_YEAR))

    assert [event["@timestamp"][:19] for event in events] == [
        "2026-12-31T23:59:58", "2026-12-31T23:59:59", "2027-01-01T00:00:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Mar 29 01:59:59", "2026-03-29T00:59:59.000000Z"),
        ("Mar 29 02:30:00", "2026-03-29T01:30:00.000000Z"),  # skipped: the offset before it holds
        ("Mar 29 03:00:00", "2026-03-29T01:00:00.000000Z"),
        ("Oct 25 02:30:00", "2026-10-25T00:30:00.000000Z"),  # repeated: the first pass is meant
        ("Oct 25 03:00:00", "2026-10-25T02:00:00.000000Z"),
    ],
)
def test_an_hour_that_is_skipped_or_repeated_has_one_meaning(text: str, wanted: str) -> None:
    stamps = Stamps(year=2026, zone="Europe/Berlin")
    line = f"{text} web01 sshd[7]: Failed password for root from 203.0.113.9 port 22 ssh2\n"

    (event,) = read(line.encode(), stamps=stamps)

    assert told(text, stamps) == wanted == event["@timestamp"]


def test_a_clock_that_steps_back_or_ahead_leaves_stamps_as_they_are() -> None:
    lines = b"".join(
        stamp + b" web01 sshd[7]: Failed password for root from 203.0.113.9 port 22 ssh2\n"
        for stamp in (
            b"Nov 23 05:41:00",
            b"Nov 23 05:40:00",
            b"Nov 25 05:40:00",
            b"Nov 23 05:41:01",
        )
    )

    assert [event["@timestamp"][8:19] for event in read(lines)] == [
        "23T05:41:00", "23T05:40:00", "25T05:40:00", "23T05:41:01",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-11-23T05:41:00.1Z", "2026-11-23T05:41:00.100000Z"),
        ("2026-11-23T05:41:00,5Z", "2026-11-23T05:41:00.500000Z"),
        ("2026-11-23T05:41:00.123456789+0530", "2026-11-23T00:11:00.123456789Z"),
        ("2026-11-23T05:41:00.123456789012Z", "2026-11-23T05:41:00.123456789Z"),
        ("2026-11-23T05:41:00-08", "2026-11-23T13:41:00.000000Z"),
        ("2026-11-23T05:41:00.5+01:00[Europe/Berlin]", "2026-11-23T04:41:00.500000Z"),
        ("2026-11-23 05:41:00 CET", "2026-11-23T04:41:00.000000Z"),
        ("2026-11-23 05:41:00 PDT", "2026-11-23T12:41:00.000000Z"),
        ("2026-11-23T05:41:60Z", "2026-11-23T05:41:59.000000Z"),
        ("11/23/2026 5:41:00 PM", "2026-11-23T17:41:00.000000Z"),
        ("11/23/2026 12:41:00 AM", "2026-11-23T00:41:00.000000Z"),
        ("2026 Nov 23 05:41:00", "2026-11-23T05:41:00.000000Z"),
        ("23/Nov/2026:05:41:00.250 -0500", "2026-11-23T10:41:00.250000Z"),
        ("1795412460.123456789", "2026-11-23T05:41:00.123456789Z"),
        ("1795412460123", "2026-11-23T05:41:00.123000Z"),
        ("Feb 29 01:00:00", None),
        ("2026-11-23T24:00:00Z", None),
    ],
)
def test_odd_forms_are_read(text: str, wanted: str | None) -> None:
    assert told(text, Stamps(year=2026)) == wanted


@given(st.text(alphabet="0123456789-/:. TZ+NovAPMET[]", max_size=40))
def test_any_text_is_a_stamp_or_none(text: str) -> None:
    StampReader(Stamps(year=2026)).read(text)
