"""Lines made from declared templates, with an attacker's text in every free field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.parse.forms import Part, expand, parts_of
from tocsin.parse.known import known_families, known_layouts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.parse.template import Template

TRUE, FORGED = "203.0.113.9", "198.51.100.7"
_VALUES = {"word": "x", "int": "7", "port": "4242", "host": "192.0.2.1", "trusted": "t",
           "stamp": "2026-11-23T05:41:00Z"}  # fmt: skip


def made(line: str) -> Iterator[tuple[tuple[Part, ...], tuple[int, ...]]]:
    """Yield the parts of each expansion of a template line that names a source, and its free texts."""
    for one in expand(line):
        parts = parts_of(one)
        if any(part.text == "source.address" for part in parts):
            yield parts, tuple(i for i, part in enumerate(parts) if part.kind == "text")


def filled(parts: tuple[Part, ...], texts: dict[int, str]) -> str:
    """Return a message: the true address, attackers' texts by place, plain values elsewhere."""
    out = []
    for i, part in enumerate(parts):
        if part.kind == "literal":
            out.append(part.text)
        elif part.kind == "optional":
            continue
        elif part.text == "source.address":
            out.append(f"{TRUE}:4242" if part.kind == "endpoint" else TRUE)
        elif part.kind == "text":
            out.append(texts.get(i, "x"))
        elif part.kind == "quoted":
            out.append('"x"')
        elif part.kind == "endpoint":
            out.append("192.0.2.1:4242")
        else:
            out.append(_VALUES[part.kind])
    return "".join(out)


def forged(parts: tuple[Part, ...]) -> Iterator[str]:
    """Yield what an attacker may write: a forged address between the template's own literals."""
    where = next(i for i, part in enumerate(parts) if part.text == "source.address")
    before = "".join(p.text for p in parts[max(where - 1, 0) : where] if p.kind == "literal")
    after = "".join(p.text for p in parts[where + 1 : where + 2] if p.kind == "literal")
    yield f"x{before}{FORGED}{after}"
    yield f"{before}{FORGED}"
    yield FORGED
    yield f"{FORGED}:1"
    yield filled(parts, {}).replace(TRUE, FORGED)
    yield f"x {filled(parts, {}).replace(TRUE, FORGED)} x"
    yield f"from {FORGED} port 22 ssh2"
    yield f"rhost={FORGED} SRC={FORGED} client: {FORGED}, [{FORGED}]"
    yield f"\u202e{before}{FORGED}\x1b[31m\x00\r{after}"


def messages() -> Iterator[tuple[str, str, Template, tuple[Part, ...], tuple[int, ...]]]:
    """Yield (name, head of the line, template, parts, places of free text) of all templates."""
    for family in known_families():
        if not family.programs and not family.is_shared and not family.is_last:
            continue
        program = family.programs[0] if family.programs else "nobody"
        for template in family.templates:
            for parts, texts in made(template.line):
                yield family.name, f"Nov 11 08:04:51 web01 {program}[7]: ", template, parts, texts
    for layout in known_layouts():
        for line in layout.lines:
            head = next(iter(expand(line)))
            head_parts = parts_of(head)
            if not any(part.text == "message" for part in head_parts):
                continue
            start = filled(head_parts, {}).removesuffix("x")
            for template in layout.templates:
                for parts, texts in made(template.line):
                    yield f"layout {layout.name}", start, template, parts, texts
