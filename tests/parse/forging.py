"""Lines made from what is declared, with an attacker's text in each of its free fields.

A `Form` is one way in which a program writes one record: the head of its line, the parts of one
template, and how the text of the record becomes a line (plainly, or as a value in JSON). The texts
that `attacks` yields imitate what frames the address in this form and in all others of the same
program: the rest of the line, whole lines, addresses before and behind every literal.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from tocsin.parse.forms import Part, expand, unsettled_parts_of
from tocsin.parse.known import known_families, known_layouts, known_record_formats
from tocsin.parse.template import Layout, RecordFormat, Template

TRUE, FORGED = "203.0.113.9", "198.51.100.7"
EXPANSIONS_MAX, SIBLINGS_MAX, OF_KNOWN = 2, 6, 5
_VALUES = {"word": "x", "int": "7", "port": "4242", "host": "192.0.2.1", "trusted": "t",
           "stamp": "2026-11-23T05:41:00Z", "text": "x", "quoted": '"x"',
           "endpoint": "192.0.2.1:4242"}  # fmt: skip
_THEIRS = ("user.", "tocsin.claimed.", "url.", "http.", "user_agent.", "file.", "smtp.", "dns.",
           "database.", "client.", "sip.", "ssh.", "tls.")  # fmt: skip
_FREE = frozenset(("text", "quoted"))
NASTY = (
    FORGED,
    f"{FORGED}:1",
    f"x from {FORGED} port 22 ssh2",
    f"x [{FORGED}]: x ({FORGED}) x",
    f"rhost={FORGED} SRC={FORGED} src={FORGED} ip={FORGED} client: {FORGED}, ",
    f'", "src_ip": "{FORGED}", "ip": "{FORGED}", "x": "',
    f"\u202e{FORGED}\x1b[31m\x00\r from {FORGED}\u2028\x85",
    "",
)


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write one record; ``wrap`` turns its text into a line."""

    program: str
    template: str
    parts: tuple[Part, ...]
    wrap: Callable[[str], str] = field(default=str)

    @property
    def free(self) -> tuple[int, ...]:
        """Places of what the remote side may have chosen: texts, and all behind the address."""
        sources = [i for i, part in enumerate(self.parts) if part.text == "source.address"]
        last = sources[-1] if sources else len(self.parts)
        return tuple(
            i
            for i, part in enumerate(self.parts)
            if part.kind in _FREE and (part.text != "message" or i > last)
        )

    @property
    def names_source(self) -> bool:
        """Whether an address of the remote side stands in it."""
        return any(part.text == "source.address" for part in self.parts)

    @property
    def is_loose(self) -> bool:
        """Whether any text may stand before what tells it from others."""
        return self.template.rpartition(" ... ")[2].startswith(("{:trusted}", "{:text}", "<|{:t"))

    @property
    def words(self) -> tuple[int, ...]:
        """Places of single words before the address that the remote side may have chosen too."""
        sources = [i for i, part in enumerate(self.parts) if part.text == "source.address"]
        return tuple(
            i
            for i, part in enumerate(self.parts)
            if part.kind == "word"
            and part.text.startswith(_THEIRS)
            and (not sources or i < sources[-1])
        )

    def is_whole(self, place: int) -> bool:
        """Whether a text is all of a record's message: without it there is nothing to read."""
        before = self.parts[place - 1] if place else None
        return place == len(self.parts) - 1 and (
            self.parts[place].text == "message" or (before is not None and not before.text.strip())
        )

    def text(self, texts: dict[int, str], *, address: str = TRUE) -> str:
        """Return the record's text: the address, attackers' texts by place, plain values elsewhere."""
        return "".join(
            _quoted(texts[i]) if part.kind == "quoted" and i in texts
            else self._apart(i) + texts[i] if i in texts
            else self._apart(i) + _plain(part, address)
            for i, part in enumerate(self.parts)
        )  # fmt: skip

    def _apart(self, place: int) -> str:
        """Return what keeps a text apart from an address right before it."""
        is_after = place > 0 and self.parts[place - 1].kind in {"host", "endpoint", "port", "int"}
        return " " if is_after and self.parts[place].kind == "text" else ""

    def line(self, texts: dict[int, str]) -> str:
        """Return the whole line."""
        return self.wrap(self.text(texts))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _plain(part: Part, address: str) -> str:
    if part.kind == "literal":
        return part.text
    if part.kind == "optional":
        return ""
    if part.text == "source.address":
        return f"{address}:4242" if part.kind == "endpoint" else address
    return _VALUES[part.kind]


def _expansions(line: str) -> list[str]:
    """Return some of a line's expansions: the first ones and the last."""
    found = list(itertools.islice(expand(line), 4096))
    return list(dict.fromkeys([*found[: EXPANSIONS_MAX - 1], found[-1]]))


def _forms(
    program: str, templates: Sequence[Template], wrap: Callable[[str], str]
) -> Iterator[Form]:
    for template in templates:
        for one in _expansions(template.line):
            yield Form(program, template.line, unsettled_parts_of(one), wrap)


@lru_cache(maxsize=1)
def programs() -> dict[str, tuple[Form, ...]]:
    """Return the forms of everything declared, by family, layout or record format."""
    found: dict[str, tuple[Form, ...]] = {}
    for family in known_families():
        if family.programs or family.is_shared or family.is_last:
            program = family.programs[0] if family.programs else "nobody"
            found[f"family {family.name}"] = tuple(
                _forms(
                    family.name, family.templates, _behind(f"Nov 11 08:04:51 web01 {program}[7]: ")
                )
            )
    for layout in known_layouts():
        name = f"layout {layout.name}"
        found[name] = (*found.get(name, ()), *_layout(layout))
    for one in known_record_formats():
        found[f"record {one.name}"] = tuple(_forms(one.name, one.templates, _in_json(one)))
    return {name: forms for name, forms in found.items() if forms}


def _behind(head: str) -> Callable[[str], str]:
    return lambda text: head + text


def _layout(layout: Layout) -> Iterator[Form]:
    families = {one.name: one for one in known_families()}
    inside = layout.templates + (families[layout.family].templates if layout.family else ())
    known = {id(one.templates) for one in known_families()}
    for place, line in enumerate(layout.lines):
        for number, one in enumerate(_expansions(line)):
            parts = unsettled_parts_of(one)
            at = next((i for i, part in enumerate(parts) if part.text == "message"), None)
            if at is None or layout.is_certain:
                yield Form(layout.name, line, parts)
            if at is None or number:
                continue
            is_known = place or layout.family or id(layout.templates) in known
            for template in inside[:: OF_KNOWN if is_known else 1]:
                for message in _expansions(template.line):
                    both = (*parts[:at], *unsettled_parts_of(message), *parts[at + 1 :])
                    yield Form(layout.name, f"{line} ... {template.line}", both)


def _in_json(known: RecordFormat) -> Callable[[str], str]:
    return lambda text: json_line(record_of(known, {known.message: text}))


def json_line(record: dict[str, object]) -> str:
    """Return a record as its writer would log it."""
    return json.dumps(record, ensure_ascii=False)


def record_of(known: RecordFormat, values: dict[str, str]) -> dict[str, object]:
    """Return a record of a format: the true address where it names one, plain values elsewhere."""
    told = dict.fromkeys((*known.fields, *(m for m in (known.message, known.program) if m)), "x")
    told = {path: value for path, value in told.items() if not path.startswith("=")}
    for path, name in known.fields.items():
        told[path] = {"source.address": TRUE, "@timestamp": "2026-11-23T05:41:00Z"}.get(name, "x")
    for path in known.has:
        name, sign, value = path.partition("=")
        told[name] = value if sign else told.get(name, "x")
    told.update(values)
    document: dict[str, object] = {}
    for path, value in told.items():
        _put(document, path, value)
    return document


def _put(document: dict[str, object], path: str, value: str) -> None:
    """Put a value at a dotted path; where a text stands on the way the whole path is its name."""
    inside = document
    *before, last = path.split(".")
    for name in before:
        deeper = inside.setdefault(name, {})
        if not isinstance(deeper, dict):
            document[path] = value
            return
        inside = deeper
    if isinstance(inside.get(last), dict):
        return
    inside[last] = value


def attacks(form: Form, place: int, siblings: Sequence[Form]) -> Iterator[str]:
    """Yield what an attacker may write at a place of a form.

    ``siblings`` are the program's forms that name a source.
    """
    yield from NASTY[:-1] if form.is_whole(place) else NASTY
    rest = Form("", "", form.parts[place + 1 :]).text({}, address=FORGED)
    whole = form.text({}, address=FORGED)
    yield from (f"x{rest}", f"x{rest}x", whole, f"x {whole} x")
    yield from _framed(form)
    start = Form("", "", form.parts[:place]).text({})
    alike = [one.text({}, address=FORGED) for one in siblings]
    begun = (one.removeprefix(start) for one in alike if one.startswith(start) and one != start)
    yield from itertools.islice(dict.fromkeys(begun), SIBLINGS_MAX)
    loose = (text for one, text in zip(siblings, alike, strict=True) if one.is_loose)
    yield from itertools.islice(dict.fromkeys(loose), SIBLINGS_MAX)


def _framed(form: Form) -> Iterator[str]:
    """Yield the forged address between what stands around the true one."""
    source = next((i for i, p in enumerate(form.parts) if p.text == "source.address"), None)
    if source is None:
        return
    before, after = (
        "".join(part.text for part in some if part.kind == "literal")
        for some in (form.parts[max(source - 1, 0) : source], form.parts[source + 1 : source + 2])
    )
    yield from (
        f"x{before}{FORGED}{after}",
        f"{before}{FORGED}",
        f"{after}x{before}{FORGED}{after}",
    )


def words(form: Form, place: int) -> Iterator[str]:
    """Yield words, without a space, that an attacker may put at a place of a form."""
    rest = Form("", "", form.parts[place + 1 :]).text({}, address=FORGED)
    for text in (
        FORGED,
        f"[{FORGED}]",
        f"({FORGED})",
        f"x({FORGED}):",
        f"src={FORGED}",
        f"x@{FORGED}",
        f"x{rest}",
        f"x{rest}x",
        f"x,{FORGED},x",
        f"x/{FORGED}",
        f"x[{FORGED}]x",
        f"x:{FORGED}:1",
    ):
        yield text.partition(" ")[0]
