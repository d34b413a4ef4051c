"""A server that fails."""

from __future__ import annotations

from tests.detect.messages import attacked, judged
from tocsin.core.times import NS_PER_S
from tocsin.core.vocabulary import kind_of
from tocsin.detect.http_error_burst import HttpErrorBurst
from tocsin.testing import calm_week, intruders
from tocsin.testing.log_messages import told
from tocsin.testing.scenes import START_NS, EngineRun, log, wiring


def test_half_of_a_minute_that_fails_is_told() -> None:
    (found,) = EngineRun(wiring())([log(intruders.failing_server(), source="access.log")]).printed()

    assert (found["kind"], found["type"], found["category"]) == (
        "error_burst", "software", "availability",
    )  # fmt: skip


def test_an_error_now_and_then_is_nothing() -> None:
    assert EngineRun(wiring())([log(calm_week.calm_access(), source="access.log")]).printed() == []


def test_upstreams_that_do_not_answer_are_counted() -> None:
    rows = [
        told(START_NS + n * NS_PER_S, "192.0.2.1", "upstream_failed", category="process",
             dataset="nginx.error")
        for n in range(30)
    ]  # fmt: skip

    assert judged(HttpErrorBurst, rows[:29]) == []
    (found,) = judged(HttpErrorBurst, rows)
    assert found.reason == "30 failures of nginx in 29 s; 30 are the bound"
    assert (found.attackers, kind_of(found.kind).type) == ((), "software")


def test_conformance_attack_raises_once() -> None:
    assert len(attacked(HttpErrorBurst)) == 1
