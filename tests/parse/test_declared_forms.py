"""Every form that a module declares can be matched: a bad one must not wait for its first line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tocsin.parse.known import known_families, known_layouts, known_record_formats
from tocsin.parse.pattern import patterns_of

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMS_MAX = 25_000


def forms() -> Iterator[tuple[str, list[str]]]:
    """Yield who declares forms, and the forms."""
    for family in known_families():
        yield f"family {family.name}", [one.line for one in family.templates]
    for layout in known_layouts():
        lines = [*layout.lines, *(one.line for one in layout.templates)]
        yield f"layout {layout.name}", lines
    for record in known_record_formats():
        yield f"records {record.name}", [one.line for one in record.templates]


@pytest.mark.parametrize("lines", [pytest.param(lines, id=name) for name, lines in forms()])
def test_every_declared_form_can_be_matched(lines: list[str]) -> None:
    assert all(patterns_of(line) for line in lines)


def test_names_are_declared_once() -> None:
    families = [family.name for family in known_families()]
    layouts = [layout.name for layout in known_layouts()]

    assert len(set(families)) == len(families)
    assert len(set(layouts)) == len(layouts)


def test_the_forms_stay_bounded() -> None:
    assert sum(len(patterns_of(one)) for _, lines in forms() for one in lines) < FORMS_MAX
