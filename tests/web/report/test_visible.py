"""Text that hides or reorders is spelt out, and nothing else is changed."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tocsin.web.report.visible import Visible, finalize, visible, visible_bytes


@given(st.text())
def test_nothing_invisible_is_left_and_the_bound_holds(text: str) -> None:
    shown = visible(text, chars_max=40)

    assert len(shown) <= 41
    assert {unicodedata.category(c) for c in shown}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=400))
def test_plain_text_is_left_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_words_of_any_script_are_left_as_they_are() -> None:
    assert visible("Zoë Ødegård 東京 Привет שלום") == "Zoë Ødegård 東京 Привет שלום"


def test_a_direction_override_is_spelt_out() -> None:
    assert visible("a\u202eb\u2066c\u200fd") == "a\\u202eb\\u2066c\\u200fd"


def test_blank_characters_that_are_no_space_are_spelt_out() -> None:
    assert visible("root\u200b \u3164\xa0\U000e0041") == "root\\u200b \\u3164\\xa0\\U000e0041"


def test_a_tower_of_combining_marks_is_cut_down() -> None:
    assert visible("e\u0301\u0302\u0303\u0304") == "e\u0301\u0302\\u0303\\u0304"


def test_a_long_text_ends_in_an_ellipsis_and_never_in_half_an_escape() -> None:
    assert visible("abc\x00\x00", chars_max=8) == "abc\\x00…"


@given(st.binary(max_size=200))
def test_any_bytes_can_be_shown(raw: bytes) -> None:
    shown = visible_bytes(raw, chars_max=50)

    assert shown.isprintable()


def test_a_value_is_made_visible_once() -> None:
    assert finalize("\x07") == "\\x07"
    assert finalize(Visible("x" * 900)) == "x" * 900
    assert finalize(None) == ""
    assert finalize(12) == "12"
