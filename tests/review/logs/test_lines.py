"""Truth per line: whose failure it is, whom it must not name, what is only beside."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.core.errors import ConfigError
from tocsin.review.logs.lines import LogLine, line_feeds, log_lines, published_lines, score_lines
from tocsin.review.logs.rows import Row

HOST, OTHER = "203.0.113.9", "198.51.100.7"


def line(**fields: Any) -> LogLine:
    given: dict[str, Any] = {
        "id": "a", "service": "sshd", "group": "g", "text": "x", "kind": "positive",
        "is_measured": True, "host": HOST, "outcome": "failure",
    }  # fmt: skip
    return LogLine(**{**given, **fields})


def negative(**fields: Any) -> LogLine:
    given: dict[str, Any] = {
        "kind": "negative",
        "host": None,
        "outcome": None,
        "may_name": frozenset(),
    }
    return line(**{**given, **fields})


def event(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"log.line": number, **fields}


FAILURE = {"event.outcome": "failure", "source.ip": HOST}


def figure(summary: Any, *names: str) -> tuple[int, int]:
    for name in names:
        summary = summary[name]
    return summary.get("met", summary.get("wrong")), summary["of"]


def test_a_failure_of_the_host_is_met() -> None:
    report = score_lines([line()], {"g": [event(**FAILURE)]})

    assert figure(report.summary, "positives") == (1, 1)
    assert figure(report.summary, "wrong_addresses", "positives") == (0, 1)


def test_the_same_host_in_another_form_is_met() -> None:
    seen = event(**{**FAILURE, "source.ip": f"::ffff:{HOST}"})

    assert figure(score_lines([line()], {"g": [seen]}).summary, "positives") == (1, 1)


def test_another_outcome_is_not_met_and_no_wrong_address() -> None:
    report = score_lines([line()], {"g": [event(**{**FAILURE, "event.outcome": "unknown"})]})

    assert figure(report.summary, "positives") == (0, 1)
    assert figure(report.summary, "wrong_addresses", "positives") == (0, 1)


def test_an_intrusion_is_as_good_as_a_failure_only_in_the_second_figure() -> None:
    seen = event(**{"event.category": "intrusion_detection", "source.ip": HOST})

    report = score_lines([line()], {"g": [seen]})

    assert figure(report.summary, "positives") == (0, 1)
    assert figure(report.summary, "positives_or_intrusions") == (1, 1)


def test_another_address_is_wrong() -> None:
    report = score_lines([line()], {"g": [event(**{**FAILURE, "source.ip": OTHER})]})

    assert figure(report.summary, "positives") == (0, 1)
    assert figure(report.summary, "wrong_addresses", "positives") == (1, 1)
    assert report.items[0]["wrong"] == [OTHER]


def test_where_the_truth_has_no_outcome_the_source_counts_alone() -> None:
    report = score_lines([line(outcome=None)], {"g": [event(**{"source.ip": HOST})]})

    assert figure(report.summary, "positives_by_source_only") == (1, 1)


def test_a_negative_may_name_what_it_may_and_no_more() -> None:
    lines = [negative(id="a", may_name=frozenset({HOST})), negative(id="b")]
    events = {"g": [event(1, **{"source.ip": HOST}), event(2, **{"source.ip": HOST})]}

    report = score_lines(lines, events)

    assert figure(report.summary, "negatives") == (1, 2)
    assert figure(report.summary, "wrong_addresses", "negatives") == (1, 2)


def test_events_of_other_lines_of_a_group_count_only_for_records_of_several_lines() -> None:
    alone = [negative(id="a"), line(id="b")]
    joined = [negative(id="a", may_name=frozenset({HOST})), line(id="b", is_multiline=True)]
    events = {"g": [event(1, **FAILURE)]}

    assert figure(score_lines(alone, events).summary, "positives") == (0, 1)
    assert figure(score_lines(joined, events).summary, "positives") == (1, 1)


def test_another_host_of_a_record_of_several_lines_is_not_wrong_for_it() -> None:
    lines = [line(id="a", is_multiline=True), line(id="b", host=OTHER, is_multiline=True)]
    events = {"g": [event(1, **FAILURE), event(2, **{**FAILURE, "source.ip": OTHER})]}

    report = score_lines(lines, events)

    assert figure(report.summary, "positives") == (2, 2)
    assert figure(report.summary, "wrong_addresses", "positives") == (0, 2)


@pytest.mark.parametrize("joined", [2, [1, 2]])
def test_a_joined_event_belongs_to_each_of_its_lines(joined: object) -> None:
    lines = [negative(id="a"), line(id="b")]

    report = score_lines(lines, {"g": [event(1, **{**FAILURE, "log.lines": joined})]})

    assert figure(report.summary, "positives") == (1, 1)
    assert figure(report.summary, "wrong_addresses", "negatives") == (1, 1)


def test_an_address_of_an_earlier_line_is_a_figure_of_its_own() -> None:
    report = score_lines([line(is_host_in_line=False)], {"g": [event(**FAILURE)]})

    assert figure(report.summary, "positives_with_address_only_in_earlier_line") == (1, 1)


def test_what_is_not_measured_is_fed_and_counted_beside() -> None:
    lines = [
        line(id="a", is_measured=False, why_not="another mode"),
        line(id="b", is_measured=False, why_not="host is no valid address", host="web01"),
        negative(id="c", is_measured=False, why_not="unlabelled", may_name=None),
    ]
    events = {"g": [event(n, **{"source.ip": OTHER}) for n in (1, 2, 3)]}

    report = score_lines(lines, events)

    assert line_feeds(lines)[0].texts == ("x", "x", "x")
    assert figure(report.summary, "positives") == (0, 0)
    assert figure(report.summary, "wrong_addresses", "lines_not_measured") == (1, 1)
    assert report.summary["not_measured"]["unlabelled"] == 1
    assert [item["met"] for item in report.items] == [None, None, None]


def test_records_of_several_physical_lines_move_the_numbers() -> None:
    lines = [negative(id="a", text="x\ny"), line(id="b")]

    report = score_lines(lines, {"g": [event(3, **FAILURE)]})

    assert line_feeds(lines)[0].content() == b"x\ny\nx\n"
    assert figure(report.summary, "positives") == (1, 1)


def row(**fields: Any) -> Row:
    given = {"id": "a", "service": "s", "group": "g", "feed": "x", "kind": "positive",
             "measure": True, "host": HOST, "outcome": "failure"}  # fmt: skip
    return Row("t.jsonl:1", {**given, **fields})


def test_a_measured_positive_needs_a_host() -> None:
    with pytest.raises(ConfigError, match=r't\.jsonl:1: "host" must be the address'):
        log_lines([row(host=None)])


def test_an_id_stands_once() -> None:
    with pytest.raises(ConfigError, match="stands in an earlier row too"):
        log_lines([row(), row()])


def test_published_lines_say_only_whom_a_match_names() -> None:
    fields = {"id": "a", "service": "s", "file": "f", "block": 0, "line": "x"}
    match = Row("t:1", {**fields, "expect_match": True, "host": HOST})
    named = Row("t:2", {**fields, "id": "b", "expect_match": True, "host": "web01"})
    other = Row("t:3", {**fields, "id": "c", "expect_match": False, "host": None})

    lines = published_lines([match, named, other])

    assert [one.is_measured for one in lines] == [True, False, False]
