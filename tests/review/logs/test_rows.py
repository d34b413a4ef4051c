"""Rows of truth: a wrong one is named by path and line."""

from __future__ import annotations

import pytest

from tocsin.core.errors import ConfigError
from tocsin.review.logs.rows import Row, csv_rows, json_rows


def test_a_line_that_is_no_json_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^t\.jsonl:3: is no line of JSON: "):
        json_rows(b'{"a": 1}\n\n{"a": \n', where="t.jsonl")


def test_a_line_that_is_no_object_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^t\.jsonl:1: expected a JSON object, got list$"):
        json_rows(b"[1]\n", where="t.jsonl")


def test_empty_lines_are_skipped_and_counted() -> None:
    rows = json_rows(b'\n{"a": 1}\n\n{"a": 2}', where="t.jsonl")

    assert [row.where for row in rows] == ["t.jsonl:2", "t.jsonl:4"]


@pytest.mark.parametrize(
    ("name", "reader", "expected"),
    [
        ("n", "text", '"n" must be text, got 1'),
        ("n", "texts", '"n" must be a list of texts, got 1'),
        ("n", "flag", '"n" must be true or false, got 1'),
        ("f", "number", '"f" must be a whole number, got True'),
        ("gone", "number", '"gone" must be a whole number, got None'),
        ("n", "objects", '"n" must be a list of objects, got 1'),
    ],
)
def test_a_field_of_another_type_is_named(name: str, reader: str, expected: str) -> None:
    row = Row("t.jsonl:7", {"n": 1, "f": True})

    with pytest.raises(ConfigError) as error:
        getattr(row, reader)(name)

    assert str(error.value) == f"t.jsonl:7: {expected}"


def test_a_csv_record_cut_short_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^t\.csv:3: expected 2 columns, got 1$"):
        csv_rows(b"a,b\n1,2\n3\n", where="t.csv")


def test_a_quoted_field_may_span_lines() -> None:
    (row,) = csv_rows(b'a,b\n1,"2\n3"\n', where="t.csv")

    assert row.fields == {"a": "1", "b": "2\n3"}
