"""HTTP floods: tools and crowds, not programs that poll or proxies that forward."""

from __future__ import annotations

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.http_flood import HttpFlood
from tocsin.testing import web_captures
from tocsin.testing.scenes import START_NS, EngineRun, capture, wiring
from tocsin.testing.web_messages import BROWSER, asked

POLICY = Policy(rule="rule-web", parameters=Parameters())
CLIENT = "203.0.113.9"
WEB = ["web_attack", "web_scan", "web_guessing", "http_flood", "slow_http"]
MS = 1_000_000


def test_its_scene_is_one_incident() -> None:
    found = EngineRun(wiring(detectors=WEB))([capture(web_captures.http_flood())]).printed()

    assert [(one["kind"], one["attackers"], one["victims"]) for one in found] == [
        ("http_flood", [CLIENT], ["198.51.100.10"])
    ]


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
    assert int(found[0].facts["user_agents"]) >= 8


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


def test_a_short_capture_of_a_crowd_without_answers_is_enough() -> None:
    rows = [
        asked(f"203.0.113.{n % 100}", START_NS + n * MS // 50, "/", conversation=n)
        for n in range(1200)
    ]

    (found, *_) = HttpFlood(POLICY).judge(rows, source="capture.pcap")

    assert found.detected_ns < START_NS + 30 * MS
