"""Windows to the matrix of features."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernels import layouts
from tocsin.kernels.window_vector import FEATURE_NAMES, FEATURES, window_matrix

COUNTS = [name for name in layouts.TARGET_WINDOW.names or () if name not in {"hi", "lo"}]


def natural(row: np.ndarray) -> dict[str, float]:
    figures = {}
    for feature, value in zip(FEATURES, row.tolist(), strict=True):
        figures[feature.name] = round(feature.natural(value), 3)
    return figures


def test_features_of_a_flooded_service_read_back_as_its_figures() -> None:
    rows = np.zeros(1, dtype=layouts.TARGET_WINDOW)
    rows["packets_in"], rows["bytes_in"] = 4000, 240_000
    rows["flows_in"], rows["syn_in"], rows["completed_in"] = 3900, 3900, 39
    rows["small_in"], rows["udp_in"], rows["icmp_in"] = 4000, 100, 0
    rows["sources"], rows["ports"] = 3204, 1

    figures = natural(window_matrix(rows)[0])

    assert figures["sources"] == 3204.0
    assert figures["uncompleted_in"] == 3861.0
    assert figures["completion_share"] == 0.01
    assert figures["packet_bytes_in"] == 60.0
    assert figures["udp_share"] == 0.025
    assert figures["small_share"] == 1.0


def test_a_window_of_nothing_looks_calm() -> None:
    figures = natural(window_matrix(np.zeros(1, dtype=layouts.TARGET_WINDOW))[0])

    assert figures["completion_share"] == 1.0
    assert {name for name, value in figures.items() if value not in {0.0, 1.0}} == set()


def test_a_handshake_completed_in_the_next_window_counts_as_complete() -> None:
    rows = np.zeros(1, dtype=layouts.TARGET_WINDOW)
    rows["syn_in"], rows["completed_in"] = 1, 2

    assert natural(window_matrix(rows)[0])["completion_share"] == 1.0


@given(st.lists(st.integers(min_value=-(2**63), max_value=2**63 - 1), min_size=17, max_size=17))
def test_any_window_gives_finite_features(values: list[int]) -> None:
    rows = np.zeros(1, dtype=layouts.TARGET_WINDOW)
    for name, value in zip(COUNTS, values, strict=True):
        rows[name] = value

    matrix = window_matrix(rows)

    assert matrix.shape == (1, len(FEATURE_NAMES))
    assert np.isfinite(matrix).all()


def test_names_are_unique_and_scales_known() -> None:
    assert len(set(FEATURE_NAMES)) == len(FEATURES) == 12
    assert {feature.scale for feature in FEATURES} == {"count", "size", "share"}
