"""Every place of a needle is found, wherever it stands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.kernels.byte_search import places_of


def slowly(data: bytes, needle: bytes) -> list[int]:
    return [at for at in range(len(data) - len(needle) + 1) if data.startswith(needle, at)]


@settings(deadline=None)
@given(data=st.text("ab", max_size=300), needle=st.text("ab", min_size=1, max_size=5))
def test_places_are_those_of_a_search_byte_by_byte(data: str, needle: str) -> None:
    assert places_of(data.encode(), needle.encode()).tolist() == slowly(
        data.encode(), needle.encode()
    )


def test_more_places_than_one_call_takes_are_all_found() -> None:
    assert places_of(b"a" * 20_000, b"aa").tolist() == list(range(19_999))


@pytest.mark.parametrize("data", [b"", b"a", b"203.0.113."])
def test_too_little_data_holds_nothing(data: bytes) -> None:
    assert places_of(data, b"203.0.113.9").tolist() == []
