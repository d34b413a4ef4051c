"""Web attacks: one incident with its classes, named at the first request."""

from __future__ import annotations

import pytest

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.web_attack import WebAttack
from tocsin.testing import web_captures
from tocsin.testing.scenes import START_NS, EngineRun, capture, wiring
from tocsin.testing.web_messages import asked

POLICY = Policy(rule="rule-web", parameters=Parameters())
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
