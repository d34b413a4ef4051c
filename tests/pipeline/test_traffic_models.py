"""The model that ships: intact, silent on calm minutes, loud on plain attacks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tocsin.core.errors import IntegrityError
from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.unusual_traffic import UnusualTraffic
from tocsin.kernels import layouts
from tocsin.pipeline.traffic_models import SHIPPED, load_traffic_model, shipped_traffic_model
from tocsin.review.calm_traffic import calm_windows
from tocsin.store.models import find_model, read_card, read_model, shipped_folder, write_model

if TYPE_CHECKING:
    from pathlib import Path

POLICY = Policy(rule="rule-unusual", parameters=Parameters())


def detector() -> UnusualTraffic:
    return UnusualTraffic(POLICY, model=shipped_traffic_model())


def test_other_calm_minutes_cross_the_shipped_threshold_at_about_its_nominal_rate() -> None:
    calm = calm_windows(5000, seed=99)

    found = list(detector().judge(calm, source="calm.pcap"))

    assert len(found) <= 15  # nominal: 5 of 5,000


@pytest.mark.parametrize(
    ("figures", "telling"),
    [
        (
            {"packets_in": 60000, "bytes_in": 3_240_000, "flows_in": 60000, "syn_in": 60000,
             "small_in": 60000, "sources": 7098, "ports": 1},
            "60,000 new flows towards it",
        ),
        (
            {"packets_in": 1000, "bytes_in": 58_000, "flows_in": 1000, "syn_in": 1000,
             "small_in": 1000, "sources": 1, "ports": 1000},
            "1,000 ports addressed",
        ),
    ],
)  # fmt: skip
def test_a_flood_and_a_scan_are_unusual_and_said_in_figures(
    figures: dict[str, int], telling: str
) -> None:
    rows = np.zeros(1, dtype=layouts.TARGET_WINDOW)
    for name, value in figures.items():
        rows[name] = value

    (found,) = detector().judge(rows, source="capture.pcap")

    assert telling in found.reason
    assert found.score > found.threshold


def test_the_shipped_card_says_where_its_data_came_from() -> None:
    card = read_card(find_model(SHIPPED, shipped_folder()))

    assert card.detector == "unusual_traffic"
    assert card.data
    assert all(source["licence"] for source in card.data)
    assert card.metrics["false_alarm_rate_is_resolved"] is True
    assert any("made up" in limit for limit in card.limits)


def test_a_forest_that_points_outside_itself_is_refused_although_its_hash_fits(
    tmp_path: Path,
) -> None:
    stored = read_model(find_model(SHIPPED, shipped_folder()))
    left = stored.arrays["left"].copy()
    left[0] = 0
    path = write_model(tmp_path, stored.card, {**stored.arrays, "left": left})

    with pytest.raises(IntegrityError, match="points outside its forest"):
        load_traffic_model(path)


@pytest.mark.parametrize("packets_min", [None, -1, "many"])
def test_a_card_without_its_least_packets_is_refused(tmp_path: Path, packets_min: object) -> None:
    stored = read_model(find_model(SHIPPED, shipped_folder()))
    path = write_model(tmp_path, stored.card, stored.arrays)
    content = json.loads(path.read_text())
    content["parameters"]["packets_min"] = packets_min
    path.write_text(json.dumps(content))

    with pytest.raises(IntegrityError, match="expected packets_min"):
        load_traffic_model(path)
