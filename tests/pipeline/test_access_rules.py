"""What is looked for in access lines: of rules only with the answers that they are about."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.predicates import Condition, EventRule, LogSource
from tocsin.detect.sigma.ruleset import RuleSet
from tocsin.kernels import scanner, web_clients
from tocsin.kernels.access_scan import AccessScan
from tocsin.kernels.log_scan import Scanner, Stamps, read_only
from tocsin.parse.known import log_tables
from tocsin.pipeline.access_rules import access_texts

TEXT: Condition = ["field", "cs-uri-query", "contains", "wanted", False]
SERVED: Condition = ["field", "sc-status", "number", 200, False]


def rule(condition: Condition) -> EventRule:
    return EventRule(
        id="r", title="r", level="low", kind="web_scan", condition=condition,
        logsource=LogSource(category="webserver"),
    )  # fmt: skip


def told(
    condition: Condition, status: int, *, method: str = "GET", target: str = "/?wanted"
) -> bool:
    """Tell whether a line is passed on for a rule."""
    line = (
        f'203.0.113.9 - - [24/Nov/2026:10:00:00 +0100] "{method} {target} HTTP/1.1" {status} 9 '
        '"-" "Mozilla/5.0"\n'
    )
    data, tables = read_only(line.encode()), log_tables()
    lines, rows = Scanner(tables, stamps=Stamps()), np.zeros(1, dtype=scanner.LOG_ROW)
    lines.scan(data, rows, is_last=True)
    texts = access_texts(RuleSet([rule(condition)]))
    scan = AccessScan(texts, templates=tables.web_rows, clock=lines.clock)
    return bool(scan.read(data, rows)[0][0] & web_clients.OF_RULE)


@pytest.mark.parametrize(
    ("condition", "status", "is_told"),
    [
        (TEXT, 404, True),
        (["and", [TEXT, SERVED]], 200, True),
        (["and", [TEXT, SERVED]], 404, False),
        (["and", [TEXT, ["not", SERVED]]], 200, False),
        (["and", [TEXT, ["not", SERVED]]], 500, True),
        (["or", [TEXT, SERVED]], 200, True),
        (SERVED, 200, True),
        (SERVED, 404, False),
    ],
)
def test_a_line_is_told_with_the_answers_that_a_rule_is_about(
    condition: Condition, status: int, is_told: bool
) -> None:
    assert told(condition, status) == is_told


def test_a_rule_about_forms_that_are_sent_hears_of_no_page_that_is_put() -> None:
    about_posts: Condition = ["and", [TEXT, ["field", "cs-method", "is", "POST", False]]]

    assert [told(about_posts, 200, method=one) for one in ("POST", "PUT", "GET")] == [
        True, False, True,
    ]  # fmt: skip


def test_a_line_without_the_text_is_told_to_nobody() -> None:
    assert not told(["and", [TEXT, SERVED]], 200, target="/?other")
