"""Reading a line takes time in proportion to its length, whatever stands in it.

No time is measured here. What makes it linear is asserted: no expression can go back over a text
that it took, no form looks at a place twice, and what is tried on a line is bounded.
"""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import iter_modules

import pytest

import tocsin.parse
from tocsin.parse.candidates import layouts_for
from tocsin.parse.known import known_families, known_layouts
from tocsin.parse.pattern import Pattern, patterns_of

CANDIDATES_MAX, STEPS_MAX = 10_000, 64
# A repeat without bound in a repeat without bound, neither of them possessive.
_NESTED = re.compile(r"(?<!\\)\((?:[^()\\]|\\.)*[*+](?![+])(?:[^()\\]|\\.)*\)[*+](?![+])")
_UNBOUND = re.compile(r"(?<!\\)(?:\.|\]|\\[a-zA-Z]|\))[*+](?![+?])")


def expressions() -> list[tuple[str, re.Pattern[str]]]:
    """Return the compiled expressions of the readers, by module and name."""
    found = []
    for module in iter_modules(tocsin.parse.__path__):
        names = vars(import_module(f"tocsin.parse.{module.name}"))
        found += [(f"{module.name}.{k}", v) for k, v in names.items() if isinstance(v, re.Pattern)]
    return found


@pytest.mark.parametrize(("name", "expression"), expressions())
def test_no_expression_repeats_a_repeat(name: str, expression: re.Pattern[str]) -> None:
    text = str(expression.pattern)

    assert _NESTED.search(text) is None, name


@pytest.mark.parametrize(("name", "expression"), expressions())
def test_few_repeats_without_bound_can_give_back(name: str, expression: re.Pattern[str]) -> None:
    text = str(expression.pattern)

    assert len(_UNBOUND.findall(text)) <= 3, name


def test_no_form_has_more_steps_than_a_line_has_fields() -> None:
    patterns = [one for family in known_families() for one in _patterns(family.templates)]
    patterns += [
        one for layout in known_layouts() for line in layout.lines for one in patterns_of(line)
    ]

    assert max(len(one.forward) + len(one.backward) for one in patterns) <= STEPS_MAX


def test_what_is_tried_on_a_line_is_bounded() -> None:
    by_family = [len(_patterns(family.templates)) for family in known_families()]

    assert max(by_family) <= CANDIDATES_MAX
    assert max(len(layouts_for(chr(code))) for code in range(32, 127)) <= CANDIDATES_MAX


def _patterns(templates: tuple[object, ...]) -> list[Pattern]:
    return [one for template in templates for one in patterns_of(template.line)]  # type: ignore[attr-defined]
