"""Web scans: paths asked for in vain, and scanners by name."""

from __future__ import annotations

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
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
