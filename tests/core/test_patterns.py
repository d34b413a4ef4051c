"""Patterns compiled at their first use answer as compiled ones do."""

import re
from unittest.mock import patch

import pytest

from tocsin.core.patterns import bytes_pattern, pattern


def test_a_pattern_answers_as_the_compiled_one() -> None:
    one = pattern(r"a(\d+)", re.IGNORECASE)

    assert [m.group(1) for m in one.finditer("a1 A22")] == ["1", "22"]
    assert one.search("b") is None
    assert one.sub("-", "xa7x") == "x-x"
    assert one.pattern == r"a(\d+)"


def test_it_is_compiled_once_and_not_before() -> None:
    with patch("tocsin.core.patterns.re.compile", wraps=re.compile) as compiled:
        one = bytes_pattern(rb"\bGET ")
        assert compiled.call_count == 0
        assert one.match(b"GET /") is not None
        assert one.search(b"PUT /") is None
        assert compiled.call_count == 1


def test_an_unknown_attribute_is_none_of_a_pattern() -> None:
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = pattern("a").nothing_such  # type: ignore[attr-defined]


def test_a_broken_pattern_is_refused_at_its_first_use() -> None:
    broken = pattern("(")

    with pytest.raises(re.error):
        broken.search("a")
