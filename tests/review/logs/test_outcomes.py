"""Truth per event: outcome and source apart, and no address made up."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.core.errors import ConfigError
from tocsin.review.logs.outcomes import (
    LineOutcome,
    decoded_fields,
    line_outcomes,
    published_outcomes,
    score_outcomes,
)
from tocsin.review.logs.rows import Row

HOST = "203.0.113.9"


def truth(outcome: str | None, source: str | None = HOST, user: str | None = None) -> LineOutcome:
    return LineOutcome("a", "sshd", ("before", f"by {HOST}"), 1, outcome, source, user)


def scored(one: LineOutcome, **event: Any) -> Any:
    return score_outcomes([one], {"0": [{"log.line": 2, **event}]}).summary


def test_a_failure_needs_its_outcome_and_its_source() -> None:
    both = scored(truth("failure"), **{"event.outcome": "failure", "source.ip": HOST})
    half = scored(truth("failure"), **{"event.outcome": "failure"})

    assert (both["met"]["met"], half["met"]["met"]) == (1, 0)
    assert (half["outcome"]["met"], half["source"]["met"]) == (1, 0)


def test_an_intrusion_is_met_by_its_source_and_has_no_outcome() -> None:
    found = scored(truth("intrusion"), **{"event.outcome": "success", "source.ip": HOST})

    assert found["met"]["met"] == 1
    assert found["outcome"]["of"] == 0


def test_without_a_source_an_address_of_the_line_is_free_and_another_made_up() -> None:
    free = scored(truth("failure", None), **{"event.outcome": "failure", "source.ip": HOST})
    other = {"event.outcome": "failure", "source.ip": "198.51.100.7"}
    made_up = scored(truth("failure", None), **other)

    assert (free["met"]["met"], free["made_up_addresses"]["wrong"]) == (1, 0)
    assert (made_up["met"]["met"], made_up["made_up_addresses"]["wrong"]) == (0, 1)


def test_the_user_is_a_second_figure() -> None:
    found = scored(truth("failure", HOST, "root"), **{"event.outcome": "failure",
                   "source.ip": HOST, "user.name": "admin"})  # fmt: skip

    assert found["met"]["met"] == 1
    assert (found["user"]["met"], found["user"]["of"]) == (0, 1)


def test_a_line_without_an_event_is_not_met() -> None:
    assert score_outcomes([truth("failure")], {}).summary["met"]["met"] == 0


def test_a_line_beyond_its_case_is_named() -> None:
    row = Row("t:4", {"id": "a", "service": "s", "lines": ["x"], "line_index": 1,
                      "outcome": "failure"})  # fmt: skip

    with pytest.raises(ConfigError, match=r'^t:4: "line_index" must be below the 1 lines, got 1'):
        line_outcomes([row])


def test_published_cases_count_where_their_groups_say_one_outcome() -> None:
    logs = [{"line": "x", "expect": "pass"}, {"line": "y", "expect": "fail"}]
    fields = {"id": "a", "service": "s", "logs": logs}
    failed = Row("t:1", {**fields, "rule": {"groups": ["syslog", "authentication_failed"]}})
    silent = Row("t:2", {**fields, "rule": {"groups": ["syslog"]}})

    (one,) = published_outcomes([failed, silent])

    assert (one.outcome, one.text) == ("failure", "x")


def test_published_decodings_say_source_and_user_of_the_last_line() -> None:
    fields = {"srcip": HOST, "dstuser": "root", "decoder": "sshd"}

    (one,) = decoded_fields([Row("t:1", {"id": "a", "log": ["x", "y"], "fields": fields})])

    assert (one.source, one.user, one.text, one.outcome) == (HOST, "root", "y", None)
