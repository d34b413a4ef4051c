"""Times: nanoseconds inside, RFC 3339 outside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.times import parse_rfc3339, rfc3339


def test_an_unknown_time_is_not_1970() -> None:
    assert rfc3339(None) is None


def test_nanoseconds_show_only_where_there_are_some() -> None:
    assert rfc3339(1_500) == "1970-01-01T00:00:00.000001500Z"
    assert rfc3339(1_000) == "1970-01-01T00:00:00.000001Z"


def test_an_offset_is_taken_into_account() -> None:
    assert parse_rfc3339("2026-11-23T06:41:00+01:00") == parse_rfc3339("2026-11-23T05:41:00Z")


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="a time zone is missing in '2026-11-23T05:41:00'"):
        parse_rfc3339("2026-11-23T05:41:00")


@given(st.integers(min_value=0, max_value=4_000_000_000_000_000_000))
def test_what_is_written_reads_back(time_ns: int) -> None:
    assert parse_rfc3339(rfc3339(time_ns) or "") == time_ns
