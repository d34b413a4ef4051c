"""Slow HTTP attacks: unfinished requests that stay, not those that end."""

from __future__ import annotations

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.slow_http import SlowHttp
from tocsin.testing import web_captures
from tocsin.testing.scenes import START_NS, EngineRun, capture, wiring
from tocsin.testing.web_messages import asked, begun

POLICY = Policy(rule="rule-web", parameters=Parameters())
CLIENT = "203.0.113.9"
WEB = ["web_attack", "web_scan", "web_guessing", "http_flood", "slow_http"]
MS = 1_000_000


def test_its_scene_is_one_incident() -> None:
    found = EngineRun(wiring(detectors=WEB))([capture(web_captures.slow_http())]).printed()

    assert [(one["kind"], one["attackers"], one["victims"]) for one in found] == [
        ("slow_http_dos", [CLIENT], ["198.51.100.10"])
    ]


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


def test_ten_heads_that_stay_unfinished_for_ten_seconds_are_enough() -> None:
    rows = [
        begun(CLIENT, START_NS + wave * 5_500 * MS + n * MS, conversation=n, pieces=1 + wave)
        for wave in range(3)
        for n in range(10)
    ]

    (found,) = SlowHttp(POLICY).judge(rows, source="capture.pcap")

    assert (found.observed, found.attackers) == (10.0, (CLIENT,))


def test_clients_that_close_their_windows_are_one_incident() -> None:
    found = EngineRun(wiring(detectors=WEB))([capture(web_captures.slow_read())]).printed()

    assert [(one["kind"], one["attackers"]) for one in found] == [("slow_http_dos", [CLIENT])]
    assert "unfinished answer" in found[0]["reasons"][0]


def test_many_readers_that_stall_together_are_one_incident() -> None:
    scene = web_captures.slow_read(connections=240, clients=24)
    found = EngineRun(wiring(detectors=WEB))([capture(scene)]).printed()

    assert [one["kind"] for one in found] == ["slow_http_dos"]
    assert len(found[0]["attackers"]) >= 10


def test_downloads_to_a_slow_disk_get_on_and_are_not_held_open() -> None:
    found = EngineRun(wiring(detectors=WEB))([capture(web_captures.slow_disks())]).printed()

    assert found == []
