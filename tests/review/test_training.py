"""Training: thresholds from later calm data, the same model from the same windows."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.errors import UsageError
from tocsin.kernels import layouts
from tocsin.kernels.forest import forest_of
from tocsin.kernels.window_vector import FEATURE_NAMES, window_matrix
from tocsin.review.calm_traffic import calm_windows
from tocsin.review.training import (
    TrainingParameters,
    busy_windows,
    calibrate,
    split_by_time,
    train,
)

SMALL = TrainingParameters(trees=20, sample_max=64, packets_min=200, false_alarm_rate=0.02)


def test_the_threshold_is_the_conformal_quantile_of_later_scores() -> None:
    scores = np.arange(1, 100) / 100

    found = calibrate(scores, rate=0.1)

    assert found.threshold == 0.9
    assert found.false_alarms == 9
    assert found.is_resolved
    assert round(found.upper_95, 4) == 0.1499


def test_too_few_later_scores_raise_the_threshold_and_say_so() -> None:
    found = calibrate(np.array([0.4, 0.5]), rate=0.001)

    assert found.threshold == 0.525
    assert not found.is_resolved
    assert (found.false_alarms, found.upper_95) == (0, 1.0)


def test_no_false_alarm_among_three_hundred_bounds_the_rate_by_one_percent() -> None:
    assert calibrate(np.full(300, 0.4), rate=0.01).upper_95 == 0.01


def test_no_minute_is_on_both_sides_of_the_split() -> None:
    rows = np.zeros(10, dtype=layouts.TARGET_WINDOW)
    rows["start_ns"] = [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]

    earlier, later = split_by_time(rows, train_share=0.7)

    assert earlier["start_ns"].tolist() == [1, 1, 2, 2, 3, 3]
    assert later["start_ns"].tolist() == [4, 4, 5, 5]


def test_quiet_windows_are_left_out_and_the_rest_is_in_time_order() -> None:
    rows = np.zeros(3, dtype=layouts.TARGET_WINDOW)
    rows["start_ns"] = [3, 2, 1]
    rows["packets_in"] = [200, 199, 201]

    assert busy_windows(rows, packets_min=200)["start_ns"].tolist() == [1, 3]


def test_too_few_windows_are_refused_with_both_numbers() -> None:
    calm = calm_windows(90, seed=3)

    with pytest.raises(UsageError, match=r"at least 64 calm .* to calibrate on, got 0 of 0"):
        train(calm_windows(400, seed=3), calm[:0], parameters=SMALL)


def test_training_twice_gives_the_same_model() -> None:
    earlier, later = split_by_time(calm_windows(600, seed=5))

    first = train(earlier, later, parameters=SMALL)
    second = train(earlier, later, parameters=SMALL)

    assert first.metrics == second.metrics
    assert all(np.array_equal(first.arrays[name], second.arrays[name]) for name in first.arrays)


def test_a_flooded_address_is_stranger_than_every_calm_one() -> None:
    earlier, later = split_by_time(calm_windows(1500, seed=7))
    model = train(earlier, later, parameters=SMALL)
    flood = np.zeros(1, dtype=layouts.TARGET_WINDOW)
    flood["packets_in"], flood["bytes_in"], flood["small_in"] = 60_000, 3_240_000, 60_000
    flood["flows_in"], flood["syn_in"], flood["completed_in"] = 60_000, 60_000, 0
    flood["sources"], flood["ports"] = 7098, 1

    forest = forest_of(model.arrays, features=len(FEATURE_NAMES))
    score = forest.scores(window_matrix(flood))[0]

    assert score > model.calibration.threshold
    assert score > model.metrics["score_train_max"]


def test_made_up_calm_windows_are_the_same_for_the_same_seed_and_consistent() -> None:
    rows = calm_windows(500, seed=11, start_ns=60)

    assert np.array_equal(rows, calm_windows(500, seed=11, start_ns=60))
    assert not np.array_equal(rows["packets_in"], calm_windows(500, seed=12)["packets_in"])
    assert int(rows["start_ns"][1] - rows["start_ns"][0]) == 60_000_000_000
    assert (rows["completed_in"] <= rows["syn_in"]).all()
    assert (rows["udp_in"] + rows["icmp_in"] <= rows["packets_in"]).all()
    assert (rows["small_in"] <= rows["packets_in"]).all()
