"""Who is refused again and again."""

from __future__ import annotations

from tests.detect.messages import attacked, judged
from tocsin.core.times import NS_PER_S
from tocsin.detect.api_abuse import ApiAbuse
from tocsin.testing import calm_week, intruders
from tocsin.testing.log_messages import told
from tocsin.testing.scenes import START_NS, EngineRun, log, wiring


def test_a_client_that_is_refused_twice_a_second_is_told() -> None:
    (found,) = EngineRun(wiring())([log(intruders.refused_client(), source="access.log")]).printed()

    stages = [stage["kind"] for stage in found["kinds"]]
    assert (stages, found["attackers"]) == (["api_abuse", "brute_force"], ["203.0.113.9"])


def test_a_refusal_now_and_then_is_nothing() -> None:
    assert EngineRun(wiring())([log(calm_week.calm_access(), source="access.log")]).printed() == []


def test_a_token_is_named_where_the_log_does() -> None:
    rows = [
        told(START_NS + n * NS_PER_S, f"192.0.2.{n % 9 + 1}", "kubernetes_refused", category="iam",
             dataset="kubernetes.audit",
             facts={"http.response.status_code": 403, "user.name": "system:serviceaccount:x"})
        for n in range(60)
    ]  # fmt: skip
    (found,) = judged(ApiAbuse, rows)

    assert found.users == ("system:serviceaccount:x",)


def test_conformance_attack_raises_once() -> None:
    assert len(attacked(ApiAbuse)) == 1
