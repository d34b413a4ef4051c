"""The texts that lanes look for: from the cache the same as made anew, and never out of date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.predicates import EventRule, LogSource
from tocsin.detect.sigma.ruleset import RuleSet
from tocsin.parse.known import known_templates
from tocsin.pipeline.access_rules import access_texts
from tocsin.pipeline.assemble import assemble
from tocsin.pipeline.kept_texts import kept_access_texts, kept_rule_texts
from tocsin.pipeline.rule_lines import rule_texts

if TYPE_CHECKING:
    from pathlib import Path

    from tocsin.kernels.access_scan import AccessTexts
    from tocsin.kernels.literals import Literals
    from tocsin.pipeline.rule_lines import RuleTexts


def rules_about(text: str) -> RuleSet:
    condition = ["field", "", "contains", text, False]
    return RuleSet([EventRule("r", "R", "low", LogSource(), condition, "intrusion")])


def plain(literals: Literals) -> tuple[object, ...]:
    return literals.step.tolist(), literals.column.tolist(), literals.stride, literals.marked


def same_access(one: AccessTexts, other: AccessTexts) -> bool:
    return (
        plain(one.literals) == plain(other.literals)
        and np.array_equal(one.rules, other.rules)
        and np.array_equal(one.always, other.always)
    )


def same_records(one: RuleTexts, other: RuleTexts) -> bool:
    return (
        plain(one.literals) == plain(other.literals)
        and np.array_equal(one.of_template, other.of_template)
        and np.array_equal(one.of_family, other.of_family)
    )


def test_texts_of_the_shipped_rules_are_the_same_from_the_cache(tmp_path: Path) -> None:
    wiring = assemble()
    rules, digest = wiring.event_rules, wiring.rules_digest

    for _ in range(2):  # the second time from the cache
        assert same_access(
            kept_access_texts(rules, digest=digest, cache=tmp_path), access_texts(rules)
        )
        assert same_records(
            kept_rule_texts(rules, digest=digest, cache=tmp_path),
            rule_texts(rules, known_templates()),
        )
    assert len(list(tmp_path.iterdir())) == 2


def test_what_is_kept_is_read_and_not_made_again(tmp_path: Path) -> None:
    old = kept_rule_texts(rules_about("before"), digest="d", cache=tmp_path)

    assert same_records(kept_rule_texts(rules_about("after"), digest="d", cache=tmp_path), old)


def test_texts_of_changed_rules_or_of_another_version_are_made_anew(tmp_path: Path) -> None:
    fresh = rule_texts(rules_about("after"), known_templates())
    kept_rule_texts(rules_about("before"), digest="d", cache=tmp_path, version="1")

    for digest, version in (("e", "1"), ("d", "2")):
        found = kept_rule_texts(
            rules_about("after"), digest=digest, cache=tmp_path, version=version
        )
        assert same_records(found, fresh)


def test_rules_without_files_are_not_kept(tmp_path: Path) -> None:
    kept_access_texts(rules_about("x"), digest="", cache=tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    first = kept_access_texts(rules_about("x"), digest="d", cache=tmp_path)
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-9])

    assert same_access(kept_access_texts(rules_about("x"), digest="d", cache=tmp_path), first)
    assert kept.read_bytes() == whole
