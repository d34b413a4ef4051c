"""Truth per file and source: kind and attacker, excluded rows, claimed addresses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures import ATTACKER, confirmed, detection
from tocsin.core.errors import ConfigError
from tocsin.incidents.casebook import Casebook
from tocsin.incidents.identity import Identity
from tocsin.review.logs.incidents import (
    SourceTruth,
    published_sources,
    score_sources,
    source_truths,
)
from tocsin.review.logs.rows import Row

if TYPE_CHECKING:
    from tocsin.core.incident import Incident

TRUTH = SourceTruth("a.log", ATTACKER, ("brute_force",), "syslog")


def incident(kind: str = "brute_force", severity: str = "low") -> Incident:
    book = Casebook(identity=Identity())
    book.file(confirmed(detection(kind=kind, attackers=(ATTACKER,))), site="lab")
    ((case, _),) = book.take_changed()
    return replace(case.snapshot(identity=book.identity, pages={}), severity=severity)


def summary(truth: SourceTruth, *found: Incident) -> Any:
    return score_sources([truth], {"a.log": found}, {}).summary


def test_the_right_kind_and_attacker_are_met() -> None:
    found = summary(TRUTH, incident())

    assert (found["met"]["met"], found["met"]["of"]) == (1, 1)
    assert found["per_first_kind"]["brute_force"]["met"]["met"] == 1
    assert found["per_log_family"]["syslog"]["met"]["met"] == 1


def test_another_kind_is_only_the_wider_figure() -> None:
    found = summary(TRUTH, incident("port_scan"))

    assert (found["met"]["met"], found["named_by_any_kind"]["met"]) == (0, 1)


def test_below_low_nothing_counts() -> None:
    assert summary(TRUTH, incident(severity="info"))["named_by_any_kind"]["met"] == 0


def test_another_source_is_not_met() -> None:
    other = replace(TRUTH, source="198.51.100.77")

    assert summary(other, incident())["named_by_any_kind"]["met"] == 0


def test_without_a_source_the_kind_is_enough() -> None:
    found = summary(replace(TRUTH, source=None), incident())

    assert (found["without_source"]["met"], found["without_source"]["of"]) == (1, 1)


def test_an_excluded_row_is_listed_and_not_counted() -> None:
    found = summary(replace(TRUTH, excluded="geoip"))

    assert (found["met"]["of"], found["excluded"]) == (0, {"geoip": 1})


def test_naming_a_claimed_address_is_an_error() -> None:
    claimed = replace(TRUTH, excluded="claimed address (X-Forwarded-For)")

    report = score_sources([claimed], {"a.log": [incident()]}, {})

    assert report.summary["claimed_addresses_named"] == {"wrong": 1, "of": 1}
    assert report.items[0]["met"] is False


def test_a_file_that_could_not_be_read_is_not_met_and_says_why() -> None:
    report = score_sources([TRUTH], {}, {"a.log": "No such file or directory"})

    assert report.items[0]["problem"] == "No such file or directory"
    assert report.summary["met"]["of"] == 1


def test_a_counted_row_needs_a_kind() -> None:
    row = Row("t:2", {"file": "a.log", "source": None, "kinds": [], "log_type": "syslog"})

    with pytest.raises(ConfigError, match=r't:2: "kinds" must be at least one kind'):
        source_truths([row])


def test_published_scenarios_become_kinds_by_their_table() -> None:
    overflow = {"scenario": "s/bf", "sources": [ATTACKER]}
    row = Row("t:1", {"file": "a.log", "log_type": "nginx",
                      "expected_overflows": [overflow, {**overflow, "scenario": "s/x"}]})  # fmt: skip

    (one,) = published_sources([row], {"s/bf": ["brute_force"]})

    assert (one.source, one.kinds, one.excluded) == (ATTACKER, ("brute_force",), None)
    assert one.scenarios == ("s/bf", "s/x")
    assert one.log_family == "web"
