"""Web scans: paths asked for in vain, and scanners by name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tocsin.core.detection import Detection
from tocsin.core.log_messages import WebTally
from tocsin.core.messages import Message
from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.web_guessing import WebGuessing
from tocsin.detect.web_scan import WebScan
from tocsin.testing import web_captures
from tocsin.testing.scenes import START_NS, EngineRun, capture, wiring
from tocsin.testing.web_messages import answered, asked

POLICY = Policy(rule="rule-web", parameters=Parameters())
CLIENT = "203.0.113.9"
WEB = ["web_attack", "web_scan", "web_guessing", "http_flood", "slow_http"]
MS = 1_000_000


def test_its_scene_is_one_incident() -> None:
    found = EngineRun(wiring(detectors=WEB))([capture(web_captures.web_scan())]).printed()

    assert [(one["kind"], one["attackers"], one["victims"]) for one in found] == [
        ("web_scan", [CLIENT], ["198.51.100.10"])
    ]


def test_a_scanner_is_known_by_its_name() -> None:
    agent = (("user-agent", "x"),)
    requests = [asked(CLIENT, START_NS + n * MS, f"/{n}", headers=agent) for n in range(12)]
    named = [
        type(one)(**{f: getattr(one, f) for f in type(one).__dataclass_fields__}
                  | {"headers": (("user-agent", "sqlmap/1.7#stable"),)})
        for one in requests
    ]  # fmt: skip

    found, *later = WebScan(POLICY).judge(named, source="capture.pcap")

    assert [one.is_update for one in later] == [True, True]
    assert (found.kind, found.facts["scanner"], found.records_to_detect) == (
        "web_scan",
        "sqlmap",
        2,
    )
    assert list(WebScan(POLICY).judge(requests, source="capture.pcap")) == []


def test_broken_links_of_a_page_are_no_scan() -> None:
    link = (("referer", "http://www.example.org/old"),)
    rows = []
    for n in range(40):
        request = asked(CLIENT, START_NS + n * MS, f"/img/{n}.png", headers=link)
        rows += [request, answered(request, 404)]

    assert list(WebScan(POLICY).judge(rows, source="capture.pcap")) == []


def logged(target: str, status: int, *, n: int = 0, server: str = "web", method: str = "GET",
           client: str = CLIENT) -> list[Message]:  # fmt: skip
    """Return a request and its answer as a log tells of them: without ports."""
    request = replace(
        asked(client, START_NS + n * MS, target, server=server, method=method),
        server_port=0,
        host="",
    )
    return [request, replace(answered(request, status), server_port=0)]


def judged_log(*rows: list[Message]) -> list[Detection]:
    flat = [message for pair in rows for message in pair]
    return list(WebScan(POLICY).judge(flat, source="access.log"))


@pytest.mark.parametrize(
    ("target", "method", "status"),
    [
        ("http://www.example.com/ip", "GET", 400),
        ("mx.example.com:25", "CONNECT", 405),
        ("https://www.example.com/", "GET", 404),
    ],
)
def test_who_tries_whether_a_server_is_an_open_proxy_is_told(
    target: str, method: str, status: int
) -> None:
    (found,) = judged_log(logged(target, status, method=method))

    assert (found.kind, found.attackers) == ("web_scan", (CLIENT,))
    assert "open proxy" in found.reason


def test_a_proxy_by_trade_refuses_some_and_that_is_nothing() -> None:
    served = [logged(f"http://www.example.com/{n}", 200, n=n) for n in range(3)]
    gone = logged("http://www.example.com/gone", 404, n=9)
    squid = logged("http://www.example.com/gone", 404, server="proxy")

    assert judged_log(*served, gone) == []
    assert judged_log(squid) == []


def test_eleven_paths_in_vain_are_enough_in_a_log_but_twenty_on_the_wire() -> None:
    paths = [logged(f"/{n}", 404, n=n) for n in range(11)]
    wire = [asked(CLIENT, START_NS + n * MS, f"/{n}") for n in range(11)]

    assert judged_log(*paths[:10]) == []
    assert [found.facts["points"] for found in judged_log(*paths)] == [11]
    rows = [one for request in wire for one in (request, answered(request, 404))]
    assert list(WebScan(POLICY).judge(rows, source="capture.pcap")) == []


def test_two_shells_asked_for_are_enough() -> None:
    (found,) = judged_log(logged("/c99.php", 404), logged("/x/my_shell.php", 404, n=1))

    assert found.facts["points"] == 13


def tally(**facts: int) -> WebTally:
    counts = {"requests": 50, "answered": 50, "failed": 0, "paths": 0, "points": 0, "named": 0}
    return WebTally(
        at_ns=START_NS, offset=0, client=CLIENT, server="web", first_ns=START_NS, first_offset=0,
        bytes=0, **{**counts, **facts},
    )  # fmt: skip


def test_a_crawl_is_told_with_its_pages() -> None:
    (found,) = WebScan(POLICY).judge([tally(crawled=44)], source="access.log")

    assert (found.kind, found.facts["points"]) == ("web_scan", 0)
    assert found.reason.startswith("44 different pages in ")


def test_requests_refused_for_want_of_credentials_are_guessing_unless_many_are_served() -> None:
    refused, steps = tally(refused=8, answered=9), tally(refused=8, answered=12)

    (found,) = WebGuessing(POLICY).judge([refused], source="access.log")

    assert (found.kind, found.observed) == ("brute_force", 8.0)
    assert list(WebGuessing(POLICY).judge([steps], source="access.log")) == []
