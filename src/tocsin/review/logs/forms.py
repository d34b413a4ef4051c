"""Which form a truth file has, told by the fields of its first row and by nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tocsin.core.errors import ConfigError
from tocsin.review.logs.cases import expectations, recordings, rule_cases
from tocsin.review.logs.groups import labelled_lines
from tocsin.review.logs.incidents import published_sources, source_truths
from tocsin.review.logs.lines import log_lines, published_lines
from tocsin.review.logs.outcomes import decoded_fields, line_outcomes, published_outcomes
from tocsin.review.logs.requests import published_payloads, published_requests, request_truths
from tocsin.review.logs.rows import csv_rows, json_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tocsin.review.logs.rows import Row

NETWORK = "network"
LINES, OUTCOMES, SOURCES, REQUESTS = "lines", "outcomes", "sources", "requests"
CASES, EXPECTATIONS, RECORDINGS, GROUPS = "cases", "expectations", "recordings", "groups"


@dataclass(frozen=True, slots=True)
class Form:
    """A form of truth: what is scored, the fields that only it has together, its reader.

    ``kinds_file`` names a file beside that says which kinds are right for a scenario.
    """

    unit: str
    fields: frozenset[str]
    read: Callable[..., Sequence[Any]]
    kinds_file: str | None = None


def _form(unit: str, fields: str, read: Callable[..., Sequence[Any]], **more: str) -> Form:
    return Form(unit, frozenset(fields.split()), read, **more)


FORMS = (
    _form(LINES, "id service group feed kind measure", log_lines),
    _form(LINES, "id service file block line expect_match host", published_lines),
    _form(OUTCOMES, "id service lines line_index outcome source", line_outcomes),
    _form(OUTCOMES, "id service logs rule_id rule", published_outcomes),
    _form(OUTCOMES, "id log fields", decoded_fields),
    _form(SOURCES, "file source kinds excluded log_type", source_truths),
    _form(SOURCES, "id log_type scenarios expected_overflows", published_sources,
          kinds_file="scenario_kinds.json"),
    _form(REQUESTS, "id request attack class", request_truths),
    _form(REQUESTS, "payload type anomalous", published_payloads),
    _form(REQUESTS, "id category method uri headers expect_ids attack", published_requests),
    _form(CASES, "rule_id events", rule_cases),
    _form(EXPECTATIONS, "id rule event expect", expectations),
    _form(RECORDINGS, "file tactic events", recordings),
    _form(GROUPS, "LineId Content EventId", labelled_lines),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Truth:
    """A truth file, recognised: its unit, and what its rows say (of `NETWORK`, the document)."""

    unit: str
    rows: Sequence[Any]
    document: Any = None


def read_any(content: bytes, *, where: str, beside: Callable[[str], bytes | None]) -> Truth:
    """Return what a truth file holds; raises `ConfigError` with path, line and reason.

    ``beside`` gives the content of a file beside this one, by its name, None if absent.
    """
    if not content.strip():
        raise ConfigError("is empty", where=where)
    if content.lstrip()[:1] not in b"{[":
        rows = csv_rows(content, where=where)
    else:
        document = _document(content)
        if isinstance(document, dict) and "files" in document:
            return Truth(NETWORK, (), document)
        rows = json_rows(content, where=where)
    form = _form_of(rows[0])
    if form.kinds_file is None:
        return Truth(form.unit, form.read(rows))
    return Truth(form.unit, form.read(rows, _kinds(form.kinds_file, beside, where)))


def _document(content: bytes) -> Any:
    """Return the whole content as one JSON value, None where it is no such thing."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _form_of(row: Row) -> Form:
    known = [form for form in FORMS if form.fields <= row.fields.keys()]
    if known:
        return max(known, key=lambda form: len(form.fields))
    names = ", ".join(list(row.fields)[:12])
    raise ConfigError(f"is no form of truth that is known; it has {names}", where=row.where)


def _kinds(
    name: str, beside: Callable[[str], bytes | None], where: str
) -> Mapping[str, Sequence[str]]:
    content = beside(name)
    if content is None:
        return {}
    kinds = _document(content)
    if not isinstance(kinds, dict):
        raise ConfigError(f"{name} beside it is no JSON object", where=where)
    return kinds
