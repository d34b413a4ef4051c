"""From declared templates to the tables that the matching kernel walks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tocsin.kernels import matching as m
from tocsin.kernels.authentication import NEUTRAL, REFUSED, SERVICES, SUCCESS, UNKNOWN
from tocsin.kernels.log_scan import LogTables
from tocsin.kernels.scanner import FAMILY_NAME_MAX, LEGACY_AT
from tocsin.kernels.vectors import WIDTH
from tocsin.parse.forms import TemplateError, expand, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from tocsin.parse.forms import Part
    from tocsin.parse.template import Family, Template

OPERATIONS_MAX = 28
EXTRAS_MAX = 3
SERVICES_MAX = 256  # a code is one byte
_SPACE = 32
_LEGACY = "pam_legacy"  # the family of what ends in "(pam_unix)"
_SLOT_OF = {
    "user.name": m.USER,
    "source.address": m.SOURCE,
    "source.port": m.SOURCE_PORT,
    "tocsin.count": m.COUNT,
}
_OPERATION_OF = {"word": m.WORD, "host": m.HOST, "int": m.NUMBER, "port": m.PORT}


@dataclass(frozen=True, slots=True)
class Compiled:
    """Kernel tables of all templates, and what each row of them means.

    ``meanings[t]`` is the template of row ``t``, ``extras[t]`` the names of its extra
    fields, ``datasets[f]`` the data set of family ``f``.
    """

    log_tables: LogTables
    meanings: tuple[Template, ...]
    families: tuple[Family, ...]
    extras: tuple[tuple[str, ...], ...]
    datasets: tuple[str, ...]

    def row_of(self, service: str, *, has_succeeded: bool, is_unknown_user: bool) -> int:
        """Return the row of ``roles`` that a log-in means which was read outside kernels."""
        services = self.log_tables.services
        code = services.index(service) if service in services else UNKNOWN
        kind = 2 if has_succeeded else int(is_unknown_user)
        return len(self.meanings) + 3 * code + kind


@dataclass(slots=True)
class _Tables:
    """Tables while they grow."""

    literals: bytearray = field(default_factory=bytearray)
    operations: list[list[tuple[int, int, int, int]]] = field(default_factory=list)
    facts: list[tuple[int, ...]] = field(default_factory=list)
    roles: list[tuple[int, int, int]] = field(default_factory=list)
    meanings: list[Template] = field(default_factory=list)
    families: list[Family] = field(default_factory=list)
    extras: list[tuple[str, ...]] = field(default_factory=list)
    leads: list[bytes] = field(default_factory=list)  # literal that a template begins with
    leads_at: list[int] = field(default_factory=list)

    def literal(self, text: str) -> tuple[int, int]:
        """Return (place, length) of a literal, kept once."""
        raw = text.encode()
        at = self.literals.find(raw)
        if at < 0:
            at = len(self.literals)
            self.literals += raw
        return at, len(raw)

    def add(self, template: Template, parts: Sequence[Part], family: Family) -> None:
        """Append one expanded template."""
        leads = parts[0].kind == "literal"
        self.leads_at.append(self.literal(parts[0].text)[0] if leads else 0)
        self.leads.append(parts[0].text.encode() if leads else b"")
        parts = parts[1:] if leads else parts
        slots, extras = _slots(parts)
        texts = [i for i, part in enumerate(parts) if part.kind == "text"]
        free = texts[-1] if texts else len(parts)
        rows = self._forward(parts[:free], slots)
        forward = len(rows)
        for i in range(len(parts) - 1, free, -1):
            stop = _stop(parts[i - 1] if i else None, first=False)
            rows.append(self._row(parts[i], slots[i], stop))
        if len(rows) > OPERATIONS_MAX:
            raise TemplateError(f"more than {OPERATIONS_MAX} parts in {template.line!r}")
        mask = 0
        for slot in slots:
            if slot is not None:
                mask |= 1 << slot
        service = family.service if template.service is None else template.service
        self.operations.append(rows)
        free_slot = (slots[free] or 0) if texts else -1
        self.facts.append((forward, len(rows), free_slot, mask, *_tail(rows, forward)))
        self.roles.append((template.role, service, int(template.is_invalid_user)))
        self.meanings.append(template)
        self.families.append(family)
        self.extras.append(extras)

    def _forward(
        self, parts: Sequence[Part], slots: Sequence[int | None]
    ) -> list[tuple[int, int, int, int]]:
        rows: list[tuple[int, int, int, int]] = []
        skip = False
        for i, part in enumerate(parts):
            if skip:
                skip = False
                continue
            after = parts[i + 1] if i + 1 < len(parts) else None
            if part.kind in {"text", "trusted"}:
                if after is None or after.kind != "literal":
                    raise TemplateError(f"free text {part.text!r} must end at a literal")
                at, length = self.literal(after.text)
                until = m.UNTIL_UNIQUE if part.kind == "text" else m.UNTIL_FIRST
                rows.append((until, at, length, _slot(slots[i])))
                skip = True
                continue
            rows.append(self._row(part, slots[i], _stop(after, first=True)))
        return rows

    def _row(self, part: Part, slot: int | None, stop: int) -> tuple[int, int, int, int]:
        if part.kind in {"literal", "optional"}:
            at, length = self.literal(part.text)
            return (m.LITERAL if part.kind == "literal" else m.OPTIONAL, at, length, m.NOWHERE)
        if part.kind not in _OPERATION_OF:
            raise TemplateError(f"kernels don't know the type {part.kind!r}")
        return _OPERATION_OF[part.kind], stop, 0, _slot(slot)


def _slot(slot: int | None) -> int:
    return m.NOWHERE if slot is None else slot


def _slots(parts: Sequence[Part]) -> tuple[list[int | None], tuple[str, ...]]:
    """Return each part's slot (literals have none), and the names of the extra fields."""
    slots: list[int | None] = []
    extras: list[str] = []
    for part in parts:
        if part.kind in {"literal", "optional"}:
            slots.append(None)
        elif not part.text:
            slots.append(m.NOWHERE)
        elif part.text in _SLOT_OF:
            slots.append(_SLOT_OF[part.text])
        else:
            slots.append(m.EXTRA_0 + len(extras))
            extras.append(part.text)
    if len(extras) > EXTRAS_MAX:
        raise TemplateError(f"more than {EXTRAS_MAX} extra fields: {extras}")
    return slots, tuple(extras)


def _stop(neighbour: Part | None, *, first: bool) -> int:
    """Return the byte at which a word ends besides a space."""
    if neighbour is None or neighbour.kind != "literal":
        return _SPACE
    raw = neighbour.text.encode()
    return raw[0] if first else raw[-1]


def compile_families(families: Iterable[Family], *, datasets: Iterable[str] = ()) -> Compiled:
    """Return the tables; family numbers are 1, 2, ... in order, 0 is any other program.

    ``datasets`` are what other formats call themselves: each becomes a service of log-ins.
    Raises `TemplateError` when a line cannot be compiled.
    """
    tables = _Tables()
    known = tuple(families)
    members: list[list[int]] = [[] for _ in range(len(known) + 1)]
    shared: list[int] = []
    for number, family in enumerate(known, start=1):
        for template in family.templates if family.is_dense else ():
            for line in expand(template.line):
                (shared if family.is_shared else members[number]).append(len(tables.facts))
                tables.add(template, parts_of(line), family)
    for row in members:
        row.extend(shared)
    order, buckets = _buckets(members, tables.leads, tables.leads_at)
    operations = np.zeros((len(tables.facts), OPERATIONS_MAX, 4), dtype=np.int32)
    for t, rows in enumerate(tables.operations):
        operations[t, : len(rows)] = np.array(rows, dtype=np.int32).reshape(-1, 4)
    services = _services([*(family.dataset for family in known), *datasets])
    return Compiled(
        log_tables=LogTables(
            tables=(
                operations,
                np.frombuffer(bytes(tables.literals) + bytes(WIDTH), dtype=np.uint8),
                np.array(tables.facts, dtype=np.int32),
                order,
                buckets,
            ),
            programs=_programs(known),
            roles=np.array([*tables.roles, *_sparse_roles(len(services))], dtype=np.int32),
            actions=tuple(meaning.action for meaning in tables.meanings),
            is_told=np.array([meaning.is_told for meaning in tables.meanings], dtype=np.bool_),
            is_sparse=np.array([False, *(not family.is_dense for family in known)]),
            services=services,
        ),
        meanings=tuple(tables.meanings),
        families=tuple(tables.families),
        extras=tuple(tables.extras),
        datasets=("", *(family.dataset for family in known)),
    )


def _services(datasets: Iterable[str]) -> tuple[str, ...]:
    """Return the names of service codes: those that kernels know, then a code per data set."""
    others = {dataset.split(".", maxsplit=1)[0] for dataset in datasets} - set(SERVICES)
    return (*SERVICES, *sorted(others))[:SERVICES_MAX]


def _sparse_roles(services: int) -> list[tuple[int, int, int]]:
    """Return a row per service for: refused, refused and unknown, let in; last one for the rest."""
    kinds = (REFUSED, 0), (REFUSED, 1), (SUCCESS, 0)
    rows = [(role, code, unknown) for code in range(services) for role, unknown in kinds]
    return [*rows, (NEUTRAL, UNKNOWN, 0)]


def _tail(rows: Sequence[tuple[int, int, int, int]], forward: int) -> tuple[int, int]:
    """Return (place, length) of a literal at a template's end, (0, 0) when nothing hangs on it.

    Where a name before it may be ambiguous, that is said first.
    """
    is_plain = all(op != m.UNTIL_UNIQUE for op, *_ in rows[:forward])
    if forward < len(rows) and rows[forward][0] == m.LITERAL and is_plain:
        return rows[forward][1:3]
    return 0, 0


def _buckets(
    members: Sequence[Sequence[int]], leads: Sequence[bytes], leads_at: Sequence[int]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return (order, buckets): templates per family and first byte, with what they share.

    First bytes with which no template of a family begins have one bucket in common.
    """
    order: list[list[int]] = []
    buckets = np.zeros((len(members), 256, 2), dtype=np.int32)

    def bucket(fitting: Sequence[int]) -> tuple[int, int]:
        begin, before = len(order), b""
        for t in fitting:
            order.append([t, leads_at[t], len(leads[t]), _shared(before, leads[t]), 0])
            before = leads[t]
        _link(order, begin)
        return begin, len(fitting)

    for number, rows in enumerate(members):
        free = [t for t in rows if not leads[t]]
        buckets[number] = bucket(free)
        for byte in {leads[t][0] for t in rows if leads[t]}:
            fitting = [t for t in rows if not leads[t] or leads[t][0] == byte]
            buckets[number, byte] = bucket(fitting)
    return np.array(order, dtype=np.int32), buckets


def _link(order: list[list[int]], start: int) -> None:
    """Say of each template of a bucket which later one shares fewer bytes with what is before."""
    for k in range(len(order) - 1, start - 1, -1):
        after = k + 1
        while after < len(order) and order[after][m.SHARED] >= order[k][m.SHARED]:
            after = order[after][m.NEXT]
        order[k][m.NEXT] = after


@lru_cache(maxsize=4096)  # what families share follows itself in each
def _shared(one: bytes, other: bytes) -> int:
    """Return with how many equal bytes both begin."""
    differing = (k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differing, min(len(one), len(other)))


def _programs(
    families: Sequence[Family],
) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]]:
    """Return names by first byte, padded; their families; where the names of each byte begin."""
    named: dict[bytes, int] = {}
    legacy = 0
    for number, family in enumerate(families, start=1):
        legacy = number if family.name == _LEGACY else legacy
        for program in family.programs:
            raw = program.encode()
            if not 0 < len(raw) <= FAMILY_NAME_MAX or raw in named:
                raise TemplateError(
                    f"program {program!r} of {family.name} is too long or known twice"
                )
            named[raw] = number
    ordered = sorted(named.items())
    names = np.zeros((len(ordered), FAMILY_NAME_MAX + 1), dtype=np.uint8)
    for row, (raw, _) in zip(names, ordered, strict=True):
        row[0] = len(raw)
        row[1 : 1 + len(raw)] = np.frombuffer(raw, dtype=np.uint8)
    first = np.zeros(LEGACY_AT + 1, dtype=np.int32)
    first[:LEGACY_AT] = np.searchsorted(names[:, 1], np.arange(LEGACY_AT))
    first[LEGACY_AT] = legacy
    return names, np.array([number for _, number in ordered], dtype=np.int32), first
