"""Faults that hosts log: what is grave by itself, and what repeats."""

from __future__ import annotations

import pytest

from tests.detect.messages import attacked, judged
from tocsin.core.log_messages import LogEvent
from tocsin.core.times import NS_PER_S
from tocsin.core.vocabulary import kind_of
from tocsin.detect.host_fault import HostFault
from tocsin.testing.log_messages import told
from tocsin.testing.scenes import START_NS


def faults(action: str, total: int, **facts: object) -> list[LogEvent]:
    named = {name.replace("_", "."): value for name, value in facts.items()}
    return [
        told(START_NS + n * NS_PER_S, "", action, category="host", facts=named)
        for n in range(total)
    ]


@pytest.mark.parametrize(
    ("action", "enough", "kind", "type_"),
    [
        ("service_crashed", 3, "crash_loop", "software"),
        ("service_crash_loop", 1, "crash_loop", "software"),
        ("oom_kill", 1, "resource_exhaustion", "operational"),
        ("disk_error", 3, "disk_failure", "hardware"),
        ("disk_failed", 1, "disk_failure", "hardware"),
        ("memory_corrected", 3, "memory_error", "hardware"),
        ("memory_uncorrected", 1, "memory_error", "hardware"),
        ("link_down", 4, "link_flap", "network"),
        ("service_down", 1, "service_down", "software"),
    ],
)
def test_a_fault_is_told_when_it_is_enough(action: str, enough: int, kind: str, type_: str) -> None:
    assert judged(HostFault, faults(action, enough - 1)) == []
    (found,) = judged(HostFault, faults(action, enough))
    assert (found.kind, found.victims, found.attackers) == (kind, ("web01",), ())
    assert kind_of(kind).type == type_


def test_the_thing_is_named() -> None:
    (found,) = judged(HostFault, faults("service_crashed", 3, service_name="shop.service"))

    assert found.reason == (
        "shop.service: 3 faults (service crashed) in 2 s; 3 within 60 min is the bound"
    )


def test_two_units_that_fail_twice_are_nothing() -> None:
    rows = [*faults("service_failed", 2, service_name="a.service"),
            *faults("service_failed", 2, service_name="b.service")]  # fmt: skip

    assert judged(HostFault, rows) == []


def test_conformance_attack_raises_once() -> None:
    assert len(attacked(HostFault)) == 1
