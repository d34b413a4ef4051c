"""Every rule that needs no history has a scene on which it raises."""

from __future__ import annotations

from pathlib import Path

import yaml

RULES = Path(__file__).parents[2] / "rules" / "detectors"
NEED_HISTORY = {
    "log_silence",
    "new_device",
    "new_service",
    "traffic_level_shift",
    "traffic_spike",
    "unusual_login",
    "unusual_traffic",
}


def test_only_rules_that_compare_with_the_past_have_no_scene() -> None:
    without = {
        path.stem
        for path in RULES.glob("*.yml")
        if not yaml.safe_load(path.read_text())["tests"]["positive"]
    }

    assert without == NEED_HISTORY
