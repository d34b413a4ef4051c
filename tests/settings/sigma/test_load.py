"""Sigma rules from files: what is right, what asks for too much, what is wrong and where."""

from __future__ import annotations

import json
import tarfile
from typing import TYPE_CHECKING

import pytest

from tocsin.settings.sigma.load import load_event_rules

if TYPE_CHECKING:
    from pathlib import Path

RULE = """title: One
id: 11111111-1111-4111-8111-111111111111
logsource: {{product: linux}}
detection:
  a:
    {field}
  condition: {condition}
level: high
tags: [attack.persistence, attack.t1053.003]
"""


def rule(field: str = "CommandLine|contains: x", condition: str = "a") -> str:
    return RULE.format(field=field, condition=condition)


def loaded(folder: Path, text: str) -> tuple[str, str | None, int]:
    (folder / "one.yml").write_text(text, encoding="utf-8")
    (verdict,) = load_event_rules([folder], cache=folder / "cache").verdicts
    return verdict.status, verdict.reason, verdict.line


@pytest.mark.parametrize(
    ("field", "condition", "wanted"),
    [
        ("C: X", "a", ["field", "C", "is", "X", False]),
        ("C|cased: X", "a", ["field", "C", "is", "X", True]),
        ("C|startswith: X", "a", ["field", "C", "begins", "X", False]),
        ("C|contains|all: [X, Y]", "a", ["and", [["field", "C", "contains", "X", False],
                                                 ["field", "C", "contains", "Y", False]]]),
        ("C: 'a*b?'", "a", ["field", "C", "glob", ["a", ["*"], "b", ["?"]], False]),
        ("C|windash|contains: ' -f '", "a", None),
        ("C|base64offset|contains: cmd", "a", None),
        ("C|cidr: 10.0.0.0/8", "a", ["field", "C", "cidr", "10.0.0.0/8", False]),
        ("C|gte: 5", "a", ["field", "C", "compare", [">=", 5], False]),
        ("C|fieldref: D", "a", ["field", "C", "ref", "D", False]),
        ("C|exists: false", "a", ["field", "C", "exists", False, False]),
        ("C: null", "not a", ["not", ["field", "C", "null", None, False]]),
        ("- word", "a", ["any", "contains", "word", False]),
        ("C|re: '^a.*z$'", "1 of a*", ["field", "C", "re", ["^a.*z$", ""], True]),
    ],
)  # fmt: skip
def test_a_condition_in_its_plain_form(
    tmp_path: Path, field: str, condition: str, wanted: list[object] | None
) -> None:
    (tmp_path / "one.yml").write_text(rule(field, condition), encoding="utf-8")

    (found,) = load_event_rules([tmp_path], cache=tmp_path / "cache").rules

    assert found.kind == "persistence"
    assert found.techniques == ("T1053.003",)
    assert found.condition[0] == "or" if wanted is None else found.condition == wanted


@pytest.mark.parametrize(
    ("text", "status", "part", "line"),
    [
        ("title: [x\n", "invalid", "expected", 2),
        ("- a\n", "invalid", "expected keys and values", 1),
        ("title: x\nlogsource: {product: linux}\n", "invalid", 'misses "detection"', 1),
        (rule("C|nosuch: x"), "invalid", "nosuch", 4),
        (rule(condition="b"), "invalid", "b", 4),
        (rule(r"C|re: '(a)\1'"), "unsupported", "linear time", 4),
        (rule("C|re: '(?<=a)b'"), "unsupported", "linear time", 4),
        (rule("C|expand: '%nobody%'"), "unsupported", "placeholder", 4),
        (rule() + "tocsin: {kind: nonsense}\n", "invalid", "unknown kind 'nonsense'", 10),
        (rule() + "tocsin: {knid: exploit}\n", "invalid", "may hold", 10),
    ],
)
def test_a_wrong_rule_is_named_with_its_reason_and_line(
    tmp_path: Path, text: str, status: str, part: str, line: int
) -> None:
    found = loaded(tmp_path, text)

    assert (found[0], found[2]) == (status, line)
    assert part in (found[1] or "")


def test_a_wrong_rule_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("title: [x\n", encoding="utf-8")
    (tmp_path / "b.yml").write_text(rule(), encoding="utf-8")

    assert len(load_event_rules([tmp_path], cache=tmp_path / "cache").rules) == 1


def test_an_id_that_stands_twice_counts_once(tmp_path: Path) -> None:
    for name in ("a.yml", "b.yml"):
        (tmp_path / name).write_text(rule(), encoding="utf-8")

    found = load_event_rules([tmp_path], cache=tmp_path / "cache")

    assert [verdict.status for verdict in found.verdicts] == ["ok", "invalid"]
    assert found.verdicts[1].reason == f"its id is also that of {tmp_path}/a.yml"


def test_the_cache_gives_the_same_and_a_damaged_one_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text(rule(), encoding="utf-8")
    cache = tmp_path / "cache"
    first = load_event_rules([tmp_path], cache=cache)
    (kept,) = cache.iterdir()
    again = load_event_rules([tmp_path], cache=cache)
    kept.write_text(json.dumps([{"rule": 7}]), encoding="utf-8")

    assert again == first == load_event_rules([tmp_path], cache=cache)
    assert kept.stat().st_mode & 0o077 == 0


def test_a_changed_rule_is_read_again(tmp_path: Path) -> None:
    assert loaded(tmp_path, rule())[0] == "ok"
    assert loaded(tmp_path, rule(condition="nobody"))[0] == "invalid"


def test_every_published_rule_loads_or_is_explained(shared_data: Path, tmp_path: Path) -> None:
    with tarfile.open(shared_data / "sigma/rules.tar.gz") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                path = tmp_path / "rules" / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())

    verdicts = load_event_rules([tmp_path / "rules"], cache=tmp_path / "cache").verdicts

    assert [sum(v.status == s for v in verdicts) for s in ("ok", "unsupported", "invalid")] == [
        3751, 2, 0,
    ]  # fmt: skip
