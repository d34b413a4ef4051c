"""The layout of a target's row, as far as fetching ahead counts on it."""

from __future__ import annotations

from tocsin.kernels.targets import MINUTE, MINUTE_AT, TARGET


def test_the_minute_lies_where_it_is_fetched_from() -> None:
    assert TARGET.fields is not None
    assert TARGET.fields["in_60"][1] == MINUTE_AT
    assert [field[0] for field in MINUTE][:3] == ["packets", "bytes", "window"]
