"""Event rules as detections: the rule's own id, one episode per source."""

from __future__ import annotations

from tests.detect.messages import attacked
from tocsin.core.detection import Detection
from tocsin.core.parameters import Parameters
from tocsin.core.predicates import EventRule, LogSource
from tocsin.detect.base import Policy
from tocsin.detect.event_rules import EventRules
from tocsin.detect.sigma.ruleset import RuleSet
from tocsin.testing.log_messages import told
from tocsin.testing.scenes import START_NS

RULE = EventRule(
    "rule-7", "New root user", "high", LogSource(product="linux"),
    ["field", "event.action", "is", "user_created_root", False], "persistence",
    entity={"user": "user.target.name"},
)  # fmt: skip


def judged(*actions: str) -> list[Detection]:
    rows = [
        told(START_NS + n, "", action, category="iam", dataset="accounts",
             facts={"user.target.name": "toor"})
        for n, action in enumerate(actions)
    ]  # fmt: skip
    detector = EventRules(Policy("own", Parameters()), rules=RuleSet([RULE]))
    return list(detector.judge(rows, source="auth.log"))


def test_a_hit_is_a_detection_with_the_rules_id_and_kind() -> None:
    (found,) = judged("user_created_root")

    assert (found.rule, found.kind, found.users, found.victims) == (
        "rule-7", "persistence", ("toor",), ("web01",),
    )  # fmt: skip
    assert found.reason == "New root user: 1 event in 0.1 ms; the latest: 'user_created_root'"


def test_what_no_rule_describes_is_nothing() -> None:
    assert judged("user_created") == []


def test_a_second_hit_updates_the_first() -> None:
    first, second = judged("user_created_root", "user_created_root")

    assert (first.episode, first.is_update) == (second.episode, False)
    assert second.is_update


def test_the_self_test_is_always_told() -> None:
    (found,) = attacked(EventRules)

    assert (found.rule, found.facts["action"]) == ("rule", "tocsin_selftest")


def test_many_sources_of_one_rule_are_told_as_one() -> None:
    rows = [
        told(START_NS + n, f"203.0.113.{n}", "user_created_root", category="iam",
             dataset="accounts", facts={"user.target.name": "toor"})
        for n in range(1, 101)
    ]  # fmt: skip
    detector = EventRules(Policy("own", Parameters()), rules=RuleSet([RULE]))

    found = list(detector.judge(rows, source="auth.log"))

    crowd = [one for one in found if len(one.attackers) > 1 or one.is_update]
    assert len({one.episode for one in found}) == 17
    assert crowd[-1].attackers[0] == "203.0.113.17"
