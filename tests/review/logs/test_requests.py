"""Truth per web request: found, class, false positives, and what an access log shows."""

from __future__ import annotations

from typing import Any

from tocsin.review.logs.requests import (
    RequestTruth,
    published_payloads,
    published_requests,
    score_requests,
)
from tocsin.review.logs.rows import Row

SQL, CALM = frozenset({"sql_injection"}), frozenset[str]()


def request(attack: str | None = "sql_injection", **fields: Any) -> RequestTruth:
    return RequestTruth("a", "c", {"method": "GET", "uri": "/?q=1"}, attack, **fields)


def test_detection_class_and_false_positives_have_their_denominators() -> None:
    truths = [request(), request(), request(None), request(None)]

    report = score_requests(truths, {0: SQL, 1: frozenset({"xss"}), 2: SQL}, {0: SQL})

    whole = report.summary["per_corpus"]["c"]["whole"]
    assert (whole["detected"]["met"], whole["detected"]["of"]) == (2, 2)
    assert whole["per_class"]["sql_injection"]["class_right"]["met"] == 1
    assert whole["false_positives"] == {"wrong": 1, "of": 2, "share": 0.5}
    assert report.summary["per_corpus"]["c"]["access_log"]["detected"]["met"] == 1


def test_classes_that_are_often_each_other_have_no_class_figure() -> None:
    report = score_requests([request("php_injection")], {0: SQL}, {})

    assert (
        "class_right"
        not in report.summary["per_corpus"]["c"]["whole"]["per_class"]["php_injection"]
    )


def test_what_an_access_log_does_not_show_is_not_scored_there() -> None:
    report = score_requests([request(is_in_access_log=False)], {0: SQL}, {})

    corpus = report.summary["per_corpus"]["c"]
    assert (corpus["whole"]["detected"]["of"], corpus["access_log"]["detected"]["of"]) == (1, 0)
    assert report.items[0]["met"] is True


def test_rows_that_are_not_measured_are_counted_beside() -> None:
    report = score_requests([request(is_measured=False)], {}, {})

    assert report.summary["not_measured"] == 1
    assert report.summary["per_corpus"] == {}
    assert report.items[0]["met"] is None


def test_an_access_line_is_escaped_as_nginx_does() -> None:
    headers = {"User-Agent": 'a"b\\c\u00e9', "referer": "http://x/"}
    truth = RequestTruth("a", "c", {"method": "GET", "uri": '/"\t', "headers": headers}, None)

    assert truth.as_access_line(1) == (
        '198.18.0.1 - - [01/Jan/2026:00:00:01 +0000] "GET /\\x22\\x09 HTTP/1.1" 200 512 '
        '"http://x/" "a\\x22b\\x5Cc\\xC3\\xA9"'
    )


def test_each_request_has_an_address_of_its_own() -> None:
    assert request().address(70_000) == "198.19.17.112"


def test_published_payloads_become_parameters() -> None:
    row = Row("t:1", {"payload": "' or 1=1", "type": "sqli", "anomalous": True})

    (one,) = published_payloads([row])

    assert one.request["uri"] == "/?p=%27%20or%201%3D1"
    assert one.attack == "sql_injection"


def test_published_requests_count_where_a_rule_against_attacks_must_match() -> None:
    fields = {"id": "a", "method": "GET", "uri": "/", "headers": {}}
    attack = Row("t:1", {**fields, "category": "REQUEST-942-SQLI", "attack": True})
    guard = Row("t:2", {**fields, "category": "REQUEST-920-PROTOCOL", "attack": True})
    one_rule = Row("t:3", {**fields, "category": "REQUEST-942-SQLI", "attack": False})

    found = published_requests([attack, guard, one_rule])

    assert [one.is_measured for one in found] == [True, False, False]
