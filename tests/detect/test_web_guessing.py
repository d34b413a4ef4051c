"""Password guessing at web log-ins: different credentials, not repeated ones."""

from __future__ import annotations

import base64

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.web_guessing import WebGuessing
from tocsin.testing import web_captures
from tocsin.testing.scenes import START_NS, EngineRun, capture, wiring
from tocsin.testing.web_messages import answered, asked

POLICY = Policy(rule="rule-web", parameters=Parameters())
CLIENT = "203.0.113.9"
WEB = ["web_attack", "web_scan", "web_guessing", "http_flood", "slow_http"]
MS = 1_000_000


def test_its_scene_is_one_incident() -> None:
    found = EngineRun(wiring(detectors=WEB))([capture(web_captures.web_guessing())]).printed()

    assert [(one["kind"], one["attackers"], one["victims"]) for one in found] == [
        ("brute_force", [CLIENT], ["198.51.100.10"])
    ]


def basic(n: int) -> tuple[tuple[str, str], ...]:
    return (("authorization", "Basic " + base64.b64encode(b"admin:pw%d" % n).decode()),)


def test_refused_basic_credentials_are_counted_once_each() -> None:
    rows = []
    for n in range(10):
        request = asked(CLIENT, START_NS + n * MS, "/private", headers=basic(n))
        rows += [request, answered(request, 401)]

    (found,) = WebGuessing(POLICY).judge(rows, source="capture.pcap")

    assert (found.kind, found.service, found.users) == ("brute_force", "http", ("admin",))
    assert (found.observed, found.threshold, found.records_to_detect) == (10.0, 10.0, 10)


def test_a_program_that_repeats_one_outdated_password_guesses_nothing() -> None:
    rows = []
    for n in range(50):
        request = asked(CLIENT, START_NS + n * MS, "/private", headers=basic(1))
        rows += [request, answered(request, 401)]

    assert list(WebGuessing(POLICY).judge(rows, source="capture.pcap")) == []


def test_twenty_people_behind_one_address_who_log_in_guess_nothing() -> None:
    rows = []
    for n in range(20):
        body = b"user=person%d&password=secret%d" % (n, n)
        request = asked(CLIENT, START_NS + n * 20_000 * MS, "/login", method="POST", body=body)
        rows += [request, answered(request, 302)]

    assert list(WebGuessing(POLICY).judge(rows, source="capture.pcap")) == []


def test_guessing_with_parameters_of_the_query_is_told() -> None:
    rows = [
        asked(CLIENT, START_NS + n * MS, f"/brute/?username=admin&password=pw{n}&Login=Login")
        for n in range(10)
    ]

    (found,) = WebGuessing(POLICY).judge(rows, source="capture.pcap")

    assert found.facts["place"] == "/brute/"
