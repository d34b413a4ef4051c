"""Detectors of web attacks, scans, guessing, floods and slow requests, from captures."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.http_flood import HttpFlood
from tocsin.detect.slow_http import SlowHttp
from tocsin.detect.web_attack import WebAttack
from tocsin.detect.web_guessing import WebGuessing
from tocsin.detect.web_scan import WebScan
from tocsin.testing import web_captures
from tocsin.testing.scenes import START_NS, EngineRun, capture, wiring
from tocsin.testing.web_messages import BROWSER, answered, asked, begun

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.testing.captures import Packet

POLICY = Policy(rule="rule-web", parameters=Parameters())
MS = 1_000_000
CLIENT = "203.0.113.9"
WEB = ["web_attack", "web_scan", "web_guessing", "http_flood", "slow_http"]
BOTH = pytest.mark.parametrize("is_live", [False, True], ids=["replay", "live"])


@BOTH
def test_two_requests_of_one_attack_are_one_incident_with_both_classes(is_live: bool) -> None:
    run = EngineRun(wiring(detectors=WEB), is_live=is_live)

    (incident,) = run([capture(web_captures.web_attack())]).printed()

    assert (incident["kind"], incident["attack"]) == ("web_attack", "sql_injection")
    assert incident["attacks"] == "sql_injection, path_traversal"
    assert incident["proof"] == "seen"
    assert (incident["attackers"], incident["victims"]) == ([CLIENT], ["198.51.100.10"])


def test_an_attack_is_named_at_its_first_request() -> None:
    request = asked(CLIENT, START_NS, "/item?id=1'+UNION+SELECT+NULL,NULL--+-")

    (found,) = WebAttack(POLICY).judge([request], source="capture.pcap")

    assert (found.detected_ns, found.records_to_detect, found.is_update) == (START_NS, 1, False)
    assert found.figure == "sql injection in 1 request"
    assert "UNION SELECT NULL,NULL" in found.reason


@BOTH
def test_a_page_with_a_hundred_objects_is_calm(is_live: bool) -> None:
    run = EngineRun(wiring(detectors=WEB), is_live=is_live)

    assert run([capture(web_captures.calm_browsing())]).printed() == []


@pytest.mark.parametrize(
    ("scene", "kind"),
    [
        (web_captures.web_scan, "web_scan"),
        (web_captures.web_guessing, "brute_force"),
        (web_captures.http_flood, "http_flood"),
        (web_captures.slow_http, "slow_http_dos"),
    ],
)
def test_each_scene_is_one_incident_of_its_kind(
    scene: Callable[[], list[Packet]], kind: str
) -> None:
    found = EngineRun(wiring(detectors=WEB))([capture(scene())]).printed()

    assert [(one["kind"], one["attackers"], one["victims"]) for one in found] == [
        (kind, [CLIENT], ["198.51.100.10"])
    ]


def test_a_scanner_is_known_by_its_name() -> None:
    agent = (("user-agent", "x"),)
    requests = [asked(CLIENT, START_NS + n * MS, f"/{n}", headers=agent) for n in range(12)]
    named = [
        type(one)(**{f: getattr(one, f) for f in type(one).__dataclass_fields__}
                  | {"headers": (("user-agent", "sqlmap/1.7#stable"),)})
        for one in requests
    ]  # fmt: skip

    (found,) = WebScan(POLICY).judge(named, source="capture.pcap")

    assert (found.kind, found.facts["scanner"], found.records_to_detect) == (
        "web_scan",
        "sqlmap",
        11,
    )
    assert list(WebScan(POLICY).judge(requests, source="capture.pcap")) == []


def test_broken_links_of_a_page_are_no_scan() -> None:
    link = (("referer", "http://www.example.org/old"),)
    rows = []
    for n in range(40):
        request = asked(CLIENT, START_NS + n * MS, f"/img/{n}.png", headers=link)
        rows += [request, answered(request, 404)]

    assert list(WebScan(POLICY).judge(rows, source="capture.pcap")) == []


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


def test_a_program_that_polls_over_one_connection_is_no_flood() -> None:
    rows = [asked(CLIENT, START_NS + n * 4 * MS, "/api/poll") for n in range(2500)]

    assert list(HttpFlood(POLICY).judge(rows, source="capture.pcap")) == []


def test_a_tool_that_changes_its_name_floods_at_a_low_rate() -> None:
    rows = []
    for n in range(150):
        request = asked(CLIENT, START_NS + n * 30 * MS, f"/?{n}", conversation=n)
        rows.append(
            type(request)(
                **{f: getattr(request, f) for f in type(request).__dataclass_fields__}
                | {"headers": (("user-agent", f"{BROWSER} {n % 20}"),)}
            )
        )

    found = list(HttpFlood(POLICY).judge(rows, source="capture.pcap"))

    assert found[0].kind == "http_flood"
    assert found[0].facts["user_agents"] >= 8


def test_a_proxy_that_forwards_is_no_flood() -> None:
    via = (("x-forwarded-for", "192.0.2.1"),)
    rows = [asked(CLIENT, START_NS + n * MS, "/", headers=via, conversation=n) for n in range(5000)]

    assert list(HttpFlood(POLICY).judge(rows, source="capture.pcap")) == []


def test_a_crowd_at_one_path_is_a_flood_of_many() -> None:
    rows = [
        asked(f"203.0.113.{n % 100}", START_NS + n * MS, "/", conversation=n) for n in range(4000)
    ]

    found = list(HttpFlood(POLICY).judge(rows, source="capture.pcap"))

    assert len(found[0].attackers) == 16
    assert found[0].victims == ("198.51.100.10",)


def test_heads_that_end_after_a_while_are_not_held_open() -> None:
    rows = []
    for n in range(100):
        at_ns = START_NS + n * 500 * MS
        rows.append(begun(CLIENT, at_ns, conversation=n))
        rows.append(asked(CLIENT, at_ns + 400 * MS, "/", conversation=n))

    assert list(SlowHttp(POLICY).judge(rows, source="capture.pcap")) == []


def test_a_hundred_unfinished_heads_are_named_within_two_seconds() -> None:
    rows = [begun(CLIENT, START_NS + n * 10 * MS, conversation=n) for n in range(250)]

    found = list(SlowHttp(POLICY).judge(rows, source="capture.pcap"))

    assert found[0].kind == "slow_http_dos"
    assert found[0].attackers == (CLIENT,)
    assert found[0].detected_ns < START_NS + 2_000 * MS
