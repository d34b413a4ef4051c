"""Sigma rules from files: what is right, what asks for too much, what is wrong and where."""

from __future__ import annotations

import json
import tarfile
from typing import TYPE_CHECKING

import pytest

from tocsin.settings.sigma.load import EventRules, load_event_rules

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
        ("C|cased|contains: X", "a", ["field", "C", "contains", "X", True]),
        ("C|neq: 5", "a", ["not", ["field", "C", "number", 5, False]]),
        ("C|hour: 3", "a", ["field", "C", "time", ["hour", 3], False]),
        ("C|fieldref|endswith: D", "a", ["field", "C", "ref_ends", "D", False]),
        ("C|re|i|s: 'x.y'", "a", ["field", "C", "re", ["x.y", "di"], True]),
        ("C: '\\*x'", "a", ["field", "C", "is", "*x", False]),
        ("C: ''", "a", ["field", "C", "is", "", False]),
        ("C: []", "a", ["field", "C", "null", None, False]),
        ("- 'a*b'", "a", ["any", "glob", [["*"], "a", ["*"], "b", ["*"]], False]),
        ("- 4625", "a", ["any", "contains", "4625", False]),
        ("C|base64: x", "a", ["field", "C", "is", "eA==", False]),
        ("C|wide|base64offset|contains: x", "a", None),
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
        (rule() + "levle: low\n", "invalid", 'did you mean "level"?', 10),
        (rule(condition="(" * 80 + "a" + ")" * 80), "unsupported", "64 brackets", 4),
        (rule() + "# " + "x" * (1 << 20), "unsupported", "characters, more than", 1),
        (
            "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
            + "".join(
                f"b{n}: &b{n} [" + ",".join([f"*{'a' if n == 0 else f'b{n - 1}'}"] * 10) + "]\n"
                for n in range(6)
            ),
            "unsupported",
            "aliases",
            1,
        ),
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


CORRELATION = """title: {title}
id: {id}
correlation:
  type: {type}
  rules: [{rules}]
  group-by: [user.name]
  timespan: 10m
  {more}
"""


def correlations_of(folder: Path, *texts: str) -> EventRules:
    (folder / "one.yml").write_text(
        "---\n".join([rule() + "name: base\n", *texts]), encoding="utf-8"
    )
    return load_event_rules([folder], cache=folder / "cache")


def test_a_correlation_names_rules_by_name_or_id(tmp_path: Path) -> None:
    made = [
        CORRELATION.format(title="C", id=f"33333333-1111-4111-8111-11111111111{n}",
                           type="event_count", rules=name, more="condition: {gte: 5}")
        for n, name in enumerate(("base", "11111111-1111-4111-8111-111111111111"))
    ]  # fmt: skip
    for _ in range(2):  # the second time from the cache
        found = correlations_of(tmp_path, *made)

        assert [one.rules for one in found.correlations] == [(found.rules[0].id,)] * 2
        assert [(one.sign, one.bound, one.timespan_ns) for one in found.correlations] == [
            (">=", 5.0, 600 * 10**9)
        ] * 2
        assert found.rules[0].is_part


def test_generate_shows_the_rules_too(tmp_path: Path) -> None:
    text = CORRELATION.format(
        title="C", id="33333333-1111-4111-8111-111111111111", type="temporal", rules="base",
        more="generate: true",
    )  # fmt: skip

    assert not correlations_of(tmp_path, text).rules[0].is_part


@pytest.mark.parametrize(
    ("kind", "rules", "more", "part"),
    [
        ("event_count", "nobody", "condition: {gte: 5}", "names no rule that is there: nobody"),
        ("event_count", "c", "condition: {gte: 5}\nname: c", "counts itself"),
        ("event_count", "base", "", "without condition"),
        ("nonsense", "base", "condition: {gte: 5}", "nonsense"),
        ("value_count", "base", "condition: {gte: 5}", "without field"),
        ("temporal", "base", "condition: base and base", "in words"),
        ("event_count", "base", "condition: {gte: 99999}", "more than 10,000"),
    ],
)
def test_a_wrong_correlation_is_named_with_its_reason(
    tmp_path: Path, kind: str, rules: str, more: str, part: str
) -> None:
    text = CORRELATION.format(
        title="C", id="33333333-1111-4111-8111-111111111111", type=kind, rules=rules, more=more
    )

    found = correlations_of(tmp_path, text)

    assert found.verdicts[0].status == "ok"
    assert found.verdicts[1].status != "ok"
    assert part in (found.verdicts[1].reason or "")


def test_the_digest_changes_with_a_file_and_with_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text(rule(), encoding="utf-8")
    cache = tmp_path / "cache"
    first, again = (load_event_rules([tmp_path], cache=cache).digest for _ in range(2))
    (tmp_path / "one.yml").write_text(rule() + "# as before\n", encoding="utf-8")

    assert first == again != load_event_rules([tmp_path], cache=cache).digest
