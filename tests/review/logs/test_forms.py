"""A truth file is known by what it holds, never by its name."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from tocsin.core.errors import ConfigError
from tocsin.review.logs import forms
from tocsin.review.logs.forms import FORMS, read_any

if TYPE_CHECKING:
    from pathlib import Path


def read(content: bytes) -> forms.Truth:
    return read_any(content, where="t", beside=lambda _: None)


def test_no_row_of_one_form_is_taken_for_another() -> None:
    for form in FORMS:
        known = [other for other in FORMS if other.fields <= form.fields]

        assert max(known, key=lambda other: len(other.fields)) is form


def test_an_object_with_files_is_a_truth_of_captures() -> None:
    assert read(b'{"files": {}}').unit == forms.NETWORK


def test_a_single_line_of_json_is_a_row() -> None:
    row = {"rule_id": "r", "title": "t", "events": [{"a": 1}]}

    truth = read(json.dumps(row).encode())

    assert (truth.unit, truth.rows[0].rule_id) == (forms.CASES, "r")


def test_a_table_with_templates_is_known_by_its_columns() -> None:
    truth = read(b"LineId,Content,EventId,EventTemplate\n1,start a1,E1,start <*>\n")

    assert (truth.unit, truth.rows[0].label) == (forms.GROUPS, "E1")


def test_a_form_that_is_not_known_is_refused_with_what_it_has() -> None:
    with pytest.raises(ConfigError, match=r"^t:1: is no form of truth that is known; it has a, b"):
        read(b'{"a": 1, "b": 2}')


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    with pytest.raises(ConfigError, match="^t: is empty$"):
        read(content)


@pytest.mark.parametrize(
    ("name", "unit", "rows"),
    [
        ("fail2ban/lines.jsonl", forms.LINES, 655),
        ("fail2ban/fail2ban.jsonl", forms.LINES, 655),
        ("wazuh-ossec/events.jsonl", forms.OUTCOMES, 86),
        ("crowdsec-hub/incidents.jsonl", forms.SOURCES, 219),
        ("crowdsec-hub/truth.jsonl", forms.SOURCES, 217),
        ("web/requests.jsonl.gz", forms.REQUESTS, 17347),
        ("web-httpparams/payloads.jsonl.gz", forms.REQUESTS, 15534),
        ("web-crs/requests.jsonl", forms.REQUESTS, 2563),
        ("sigma-regression/cases.jsonl.gz", forms.CASES, 101),
        ("panther/cases.jsonl.gz", forms.EXPECTATIONS, 1463),
        ("evtx-attack/index.jsonl", forms.RECORDINGS, 139),
        ("loghub-2k/Windows_2k.log_structured.csv", forms.GROUPS, 2000),
    ],
)
def test_every_truth_of_the_shared_logs_is_known(
    shared_data: Path, name: str, unit: str, rows: int
) -> None:
    path = shared_data / "logs" / name
    content = path.read_bytes()
    content = gzip.decompress(content) if path.suffix == ".gz" else content

    truth = read_any(content, where=name, beside=lambda _: None)

    assert (truth.unit, len(truth.rows)) == (unit, rows)
