"""Event rules against events: every operation, and the index against asking every rule."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.predicates import EventRule, LogSource
from tocsin.detect.sigma.matchers import matcher
from tocsin.detect.sigma.ruleset import RuleSet
from tocsin.detect.sigma.seen import Seen
from tocsin.detect.sigma.sources import sources_of

EVENT = {
    "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Image": r"C:\Windows\cmd.exe",
    "CommandLine": "cmd.exe /c WHOAMI", "DestinationIp": "10.0.0.7", "Empty": "", "Flag": True,
    "User": r"NT\ana", "Other": r"nt\ANA", "Many": ["one", "Two"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (["field", "Image", "is", r"c:\windows\CMD.EXE", False], True),
        (["field", "Image", "is", r"c:\windows\cmd.exe", True], False),
        (["field", "Image", "ends", r"\cmd.exe", False], True),
        (["field", "Image", "begins", "C:", False], True),
        (["field", "CommandLine", "contains", "whoami", False], True),
        (["field", "CommandLine", "glob", ["cmd", ["*"], "who", ["?"], "mi"], False], True),
        (["field", "CommandLine", "re", ["who[a-z]{3}$", "i"], True], True),
        (["field", "CommandLine", "re", ["who[a-z]{3}$", ""], True], False),
        (["field", "EventID", "number", 1, False], True),
        (["field", "EventID", "compare", [">=", 2], False], False),
        (["field", "DestinationIp", "cidr", "10.0.0.0/8", False], True),
        (["field", "DestinationIp", "cidr", "fe80::/10", False], False),
        (["field", "Missing", "null", None, False], True),
        (["field", "Image", "null", None, False], False),
        (["field", "Missing", "exists", False, False], True),
        (["field", "User", "ref", "Other", False], True),
        (["field", "Flag", "bool", True, False], True),
        (["field", "Many", "is", "two", False], True),
        (["any", "contains", "whoami", False], True),
        (["any", "contains", "nothing", False], False),
        (["not", ["field", "EventID", "number", 1, False]], False),
        (
            ["or", [["field", "EventID", "number", 2, False], ["any", "contains", "ana", False]]],
            True,
        ),
        (["and", []], True),
    ],
)
def test_each_operation(condition: list[Any], holds: bool) -> None:
    assert matcher(condition)(Seen(EVENT, {})) is holds
    rule = EventRule("one", "", "low", LogSource(product="windows"), condition, "exploit")
    assert bool(RuleSet([rule]).match(EVENT)) is holds


@pytest.mark.parametrize(
    ("text", "parts", "holds"),
    [
        ("abc", ["a", ["*"], "c"], True), ("ac", ["a", ["*"], "c"], True), ("ab", ["a", ["?"]], True),
        ("a", ["a", ["?"]], False), ("xabc", ["a", ["*"]], False), ("abcab", [["*"], "ab"], True),
        ("aXXaYb", [["*"], "a", ["?"], "b"], True), ("abcabx", [["*"], "ab"], False), ("a-b-c", ["a", ["*"], "b", ["*"], "c"], True),
    ],
)  # fmt: skip
def test_wildcards(text: str, parts: list[Any], holds: bool) -> None:
    condition = ["field", "CommandLine", "glob", parts, False]

    assert matcher(condition)(Seen({"CommandLine": text}, {})) is holds


@pytest.mark.parametrize(
    ("source", "is_asked"),
    [
        (LogSource("process_creation", "windows"), True),
        (LogSource("", "windows", "sysmon"), True),
        (LogSource("file_event", "windows"), False),
        (LogSource("process_creation", "linux"), False),
        (LogSource(), False),
    ],
)
def test_a_rule_is_asked_about_its_own_log_source_only(source: LogSource, is_asked: bool) -> None:
    assert sources_of(EVENT).admit(source) is is_asked


WORDS = ("cmd", "whoami", "net", "user", "/c", "exe")
leaves = st.tuples(
    st.sampled_from(("Image", "CommandLine", "User")),
    st.sampled_from(("is", "contains", "begins", "ends")), st.sampled_from(WORDS),
).map(lambda one: ["field", one[0], one[1], one[2], False])  # fmt: skip
conditions = st.recursive(
    leaves | st.sampled_from(WORDS).map(lambda word: ["any", "contains", word, False]),
    lambda inner: st.tuples(st.sampled_from(("and", "or")), st.lists(inner, min_size=1, max_size=3))
    .map(list) | inner.map(lambda one: ["not", one]),
    max_leaves=6,
)  # fmt: skip
events = st.fixed_dictionaries(
    {"EventID": st.just(1), "Channel": st.just("Microsoft-Windows-Sysmon/Operational")},
    optional={
        name: st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join)
        for name in ("Image", "CommandLine", "User")
    },
)


@settings(max_examples=200, deadline=None)
@given(rules=st.lists(conditions, max_size=8), event=events)
def test_the_index_finds_what_asking_every_rule_finds(
    rules: list[Any], event: dict[str, Any]
) -> None:
    made = [
        EventRule(str(n), "", "low", LogSource(product="windows"), condition, "exploit")
        for n, condition in enumerate(rules)
    ]

    found = [hit.rule.id for hit in RuleSet(made).match(event)]

    assert found == [rule.id for rule in made if matcher(rule.condition)(Seen(event, {}))]
