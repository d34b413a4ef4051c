"""Which families, layouts, templates and formats a record may be of, looked up once."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from tocsin.parse.known import known_families, known_layouts, known_record_formats
from tocsin.parse.pattern import Pattern, patterns_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.parse.template import Family, Layout, RecordFormat, Template

_VERSION = re.compile(r"[.-]?[0-9.]+(?=-|$)|\.(?:service|bin|exe|pl|sh)$", re.ASCII)


@lru_cache(maxsize=1)
def _by_program() -> dict[str, Family]:
    return {program: one for one in known_families() for program in one.programs}


@lru_cache(maxsize=1024)
def family_of(program: str) -> Family | None:
    """Return the family of a program as a syslog header names it, None when nobody knows it."""
    known = _by_program()
    if program.startswith("%"):  # Cisco: %ASA-6-605004
        program = program.strip("%").split("-", maxsplit=1)[0]
    if program in known:
        return known[program]
    first, last = program.split("/", 1)[0], program.rsplit("/", 1)[-1]
    if first in known:
        return known[first]
    if last in known:
        return known[last]
    if program.endswith("(pam_unix)"):
        return family_named("pam_legacy")
    # sshd(pam_google_authenticator), SSHD, php8.2-fpm, httpd.worker, postfix-1
    plain = last.partition("(")[0].lower()
    return known.get(plain) or known.get(_VERSION.sub("", plain))


@lru_cache(maxsize=256)
def family_named(name: str) -> Family:
    """Return the family of that name; raises `KeyError` for a name that no module declares."""
    return {one.name: one for one in known_families()}[name]


@lru_cache(maxsize=1)
def formats_told() -> tuple[RecordFormat, ...]:
    """Return the formats that a program's message may be of: none that says who wrote it."""
    return tuple(
        one
        for one in known_record_formats()
        if not one.unwrap and (not one.program or one.program.startswith("="))
    )


@lru_cache(maxsize=1)
def shared_families() -> tuple[Family, ...]:
    """Return the families that are tried for every program."""
    return tuple(one for one in known_families() if one.is_shared)


@lru_cache(maxsize=1)
def bare_families() -> tuple[Family, ...]:
    """Return the families whose messages need no program's name before them."""
    return tuple(one for one in known_families() if one.is_bare)


@lru_cache(maxsize=1)
def last_families() -> tuple[Family, ...]:
    """Return the families that are tried where nothing else is known."""
    return tuple(one for one in known_families() if one.is_last)


_Candidate = tuple[int, "Template", Pattern]
_COMPILED: dict[int, dict[str, list[_Candidate]]] = {}  # by id: declared once, kept for good


def candidates_of(templates: tuple[Template, ...], text: str) -> Iterator[tuple[Template, Pattern]]:
    """Yield the patterns whose longest literal stands in a text, in their order."""
    by_needle = _COMPILED.get(id(templates))
    if by_needle is None:
        by_needle = _COMPILED[id(templates)] = {}
        patterns = ((one, pattern) for one in templates for pattern in patterns_of(one.line))
        for number, (template, pattern) in enumerate(patterns):
            by_needle.setdefault(pattern.needle, []).append((number, template, pattern))
    found = [one for needle, some in by_needle.items() if needle in text for one in some]
    for _, template, pattern in sorted(found, key=_number):
        yield template, pattern


def _number(candidate: _Candidate) -> int:
    return candidate[0]


@lru_cache(maxsize=256)
def layouts_for(start: str) -> tuple[tuple[Layout, Pattern], ...]:
    """Return the layouts whose lines may begin with a character: what says more comes first."""
    found = [
        (layout, pattern)
        for layout in known_layouts()
        for line in layout.lines
        for pattern in patterns_of(line)
        if not pattern.lead or pattern.lead[0] == start
    ]
    return tuple(sorted(found, key=lambda one: -one[1].weight))
