"""The laws over a log that is mined: what was never written, and unusual windows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.testing import laws, logs
from tocsin.testing.scenes import EngineRun, log

REPLAY, LIVE = EngineRun(), EngineRun(is_live=True)
FEW = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SHOP = log(logs.unusual_window())


def test_the_scene_is_one_incident_of_two_detectors() -> None:
    (found,) = REPLAY([SHOP]).printed()

    assert (found["kind"], found["severity"]) == ("log_anomaly", "low")
    assert {one["detector"] for one in found["detections"]} == {"new_template", "template_counts"}


@FEW
@given(st.lists(st.integers(1, len(SHOP.data) - 1), max_size=8))
def test_any_cut_gives_the_same_incidents(cuts: list[int]) -> None:
    laws.check_cut(REPLAY, [SHOP], cuts=sorted(cuts))


def test_replay_and_live_give_the_same_incidents() -> None:
    laws.check_drivers_agree(REPLAY, LIVE, [SHOP])


@pytest.mark.parametrize("restart", [2, 5])
def test_a_restart_anywhere_gives_the_same_incidents(restart: int) -> None:
    again = replace(REPLAY, restarts=frozenset({restart}))
    step = len(SHOP.data) // 6

    laws.check_restart(REPLAY, again, [SHOP], cuts=list(range(step, len(SHOP.data), step)))
