"""Isolation forests as arrays: equal to scikit-learn, exact attribution, hostile files refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tocsin.core.errors import IntegrityError
from tocsin.kernels.forest import average_path, forest_of
from tocsin.review.training import flatten

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEATURES = 3


def one_split() -> dict[str, NDArray[np.generic]]:
    """One tree over four rows: three with feature 1 at most 0.5, one beyond."""
    return {
        "feature": np.array([1, -1, -1], dtype="<i2"),
        "threshold": np.array([0.5, 0.0, 0.0], dtype="<f8"),
        "left": np.array([1, 0, 0], dtype="<i4"),
        "right": np.array([2, 0, 0], dtype="<i4"),
        "samples": np.array([4, 3, 1], dtype="<i4"),
        "roots": np.array([0], dtype="<i4"),
    }


def test_scores_equal_those_of_scikit_learn_within_1e_8() -> None:
    ensemble = pytest.importorskip("sklearn.ensemble")
    rng = np.random.default_rng(4)
    matrix = rng.normal(size=(600, 7)).astype(np.float32)
    grown = ensemble.IsolationForest(n_estimators=25, max_samples=128, random_state=1).fit(matrix)

    forest = forest_of(flatten([tree.tree_ for tree in grown.estimators_]), features=7)

    rows = rng.normal(scale=2.0, size=(150, 7))
    expected = -grown.score_samples(rows.astype(np.float32))
    assert np.abs(forest.scores(rows) - expected).max() < 1e-8


def test_one_split_scores_as_the_paper_says() -> None:
    forest = forest_of(one_split(), features=FEATURES)

    near, far = forest.scores(np.array([[9.0, 0.5, 9.0], [0.0, 0.6, 0.0]]))

    # Path 1 + c(3) = 2.2074 and path 1, both over c(4) = 1.8517.
    assert near == pytest.approx(0.4376, abs=1e-4)
    assert far == pytest.approx(0.6878, abs=1e-4)


def test_average_path_of_three_and_four_rows() -> None:
    assert average_path(np.array([3, 4], dtype=np.int32)) == pytest.approx([1.2074, 1.8517], 1e-4)


def test_contributions_add_up_to_the_score() -> None:
    forest = forest_of(one_split(), features=FEATURES)
    rows = np.array([[0.0, 0.6, 0.0], [0.0, 0.1, 0.0]])

    bits = forest.contributions(rows)

    assert bits[0].tolist()[0] == 0.0
    assert bits[0, 1] > 0.0 > bits[1, 1]
    assert forest.usual_score * np.exp2(bits.sum(axis=1)) == pytest.approx(forest.scores(rows))


def test_no_rows_give_no_scores() -> None:
    forest = forest_of(one_split(), features=FEATURES)

    assert forest.scores(np.empty((0, FEATURES))).shape == (0,)
    assert forest.contributions(np.empty((0, FEATURES))).shape == (0, FEATURES)


def test_a_matrix_of_another_width_is_refused() -> None:
    forest = forest_of(one_split(), features=FEATURES)

    with pytest.raises(ValueError, match=r"expected \(rows, 3\), got \(1, 2\)"):
        forest.scores(np.zeros((1, 2)))


@pytest.mark.parametrize(
    ("array", "place", "value"),
    [
        ("feature", 0, 3),  # a column that does not exist
        ("left", 0, 0),  # a node that is its own child would never end
        ("right", 0, 3),  # behind the last node
        ("right", 0, 1),  # two parents for one node
        ("samples", 0, 5),  # branches that do not add up
        ("samples", 2, 0),  # a leaf that no row reached
        ("threshold", 0, np.nan),
        ("roots", 0, 7),
        ("roots", 0, 1),  # a forest without its root
    ],
)
def test_a_forest_that_is_none_is_an_integrity_error(array: str, place: int, value: float) -> None:
    arrays = one_split()
    arrays[array][place] = value

    with pytest.raises(IntegrityError):
        forest_of(arrays, features=FEATURES)


@pytest.mark.parametrize("name", ["feature", "threshold", "left", "right", "samples", "roots"])
def test_an_array_that_is_missing_or_of_another_type_is_an_integrity_error(name: str) -> None:
    missing = {key: value for key, value in one_split().items() if key != name}
    wide = one_split() | {name: one_split()[name].astype(np.complex128)}
    nested = one_split() | {name: one_split()[name].reshape(1, -1)}

    for arrays in (missing, wide, nested):
        with pytest.raises(IntegrityError, match=name):
            forest_of(arrays, features=FEATURES)
