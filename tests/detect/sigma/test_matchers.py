"""Conditions as functions: many texts of a field at once, texts one behind the other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from tocsin.detect.sigma.matchers import matcher
from tocsin.detect.sigma.seen import Seen

if TYPE_CHECKING:
    from tocsin.core.predicates import Condition

TEXT = st.text("aB\n", max_size=4)


def holds(condition: Condition, **event: Any) -> bool:
    return matcher(condition)(Seen(event, {}))


@given(st.lists(TEXT, min_size=1, max_size=40), TEXT, st.booleans())
def test_alternatives_hold_where_one_of_them_does(
    texts: list[str], value: str, cased: bool
) -> None:
    parts: list[Condition] = [["field", "f", "contains", text, cased] for text in texts]

    expected = any(holds(one, f=value) for one in parts)

    assert holds(["or", parts], f=value) is expected
    assert holds(["or", [["any", "contains", text, cased] for text in texts]], f=value) is expected


@given(st.lists(TEXT | st.just(["*"]), min_size=1, max_size=5), st.text("aB\n", max_size=9))
def test_a_form_with_wildcards_is_met_as_by_an_expression(parts: list[Any], value: str) -> None:
    form = "".join(".*" if part == ["*"] else re.escape(part) for part in parts)

    assert holds(["field", "f", "glob", parts, True], f=value) is (
        re.fullmatch(form, value, re.DOTALL) is not None
    )
