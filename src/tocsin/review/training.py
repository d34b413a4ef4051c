"""Training the unusual-traffic model: calm windows in, arrays and a card out.

Training is what people decide in a review (these hours were calm), hence its floor.
scikit-learn is imported in `_grow` and nowhere else in Tocsin, only when training runs.

The threshold is part of the model. It is set on calm windows that are *later* than those
trained on, as the split-conformal quantile: of n later scores, the ceil((n + 1)(1 - rate))
smallest. Where n is too small for the rate, the largest score plus `MARGIN` of what is
left to 1 stands in, and the card says that the rate is not resolved.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.core.errors import UsageError
from tocsin.kernels.forest import ARRAY_DTYPES, forest_of
from tocsin.kernels.window_vector import FEATURE_NAMES, WINDOW_S, window_matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOWS_MIN = 64
MARGIN = 0.05
METHOD = "isolation_forest"


@dataclass(frozen=True, slots=True)
class TrainingParameters:
    """How a forest is grown; the defaults of the paper (100 trees of 256 rows).

    ``packets_min``: packets received in a window, below which it is neither trained on
    nor judged. ``false_alarm_rate``: share of later calm windows that may exceed the
    threshold.
    """

    trees: int = 100
    sample_max: int = 256
    seed: int = 0
    packets_min: int = 200
    false_alarm_rate: float = 0.001

    def to_json(self) -> dict[str, Any]:
        """Return the parameters for a card."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Calibration:
    """The threshold, and how far the later calm windows bear it out.

    ``upper_95`` bounds the true false-alarm rate (rule of three, or Wilson's bound).
    """

    threshold: float
    windows: int
    false_alarms: int
    is_resolved: bool
    upper_95: float


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """Arrays for the model file and figures for its card."""

    arrays: dict[str, NDArray[np.generic]]
    calibration: Calibration
    metrics: dict[str, Any]


def busy_windows(windows: NDArray[np.void], *, packets_min: int) -> NDArray[np.void]:
    """Return the rows that a model may see, oldest first."""
    busy = windows[windows["packets_in"] >= packets_min]
    ordered: NDArray[np.void] = busy[np.argsort(busy["start_ns"], kind="stable")]
    return ordered


def split_by_time(
    windows: NDArray[np.void], *, train_share: float = 0.7
) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """Return the earlier and the later windows; no minute is on both sides."""
    ordered = windows[np.argsort(windows["start_ns"], kind="stable")]
    if not len(ordered):
        return ordered, ordered
    cut_ns = ordered["start_ns"][min(int(len(ordered) * train_share), len(ordered) - 1)]
    return ordered[ordered["start_ns"] < cut_ns], ordered[ordered["start_ns"] >= cut_ns]


def train(
    earlier: NDArray[np.void], later: NDArray[np.void], *, parameters: TrainingParameters
) -> TrainedModel:
    """Grow a forest on ``earlier`` and set its threshold on ``later``.

    Both are rows of ``layouts.TARGET_WINDOW``; quiet ones are left out. Raises
    `UsageError` when fewer than `WINDOWS_MIN` busy windows are left on either side.
    """
    sides = []
    for name, rows in (("train on", earlier), ("calibrate on", later)):
        busy = busy_windows(rows, packets_min=parameters.packets_min)
        if len(busy) < WINDOWS_MIN:
            raise UsageError(
                f"expected at least {WINDOWS_MIN} calm windows with {parameters.packets_min} "
                f"packets or more to {name}, got {len(busy)} of {len(rows)}"
            )
        sides.append(window_matrix(busy))
    matrix, held = sides
    arrays = _grow(matrix, parameters)
    forest = forest_of(arrays, features=len(FEATURE_NAMES))
    calibration = calibrate(forest.scores(held), rate=parameters.false_alarm_rate)
    for name, percent in (("usual", 50), ("usual_low", 1), ("usual_high", 99)):
        arrays[name] = np.percentile(matrix, percent, axis=0).astype("<f8")
    scores = forest.scores(matrix)
    metrics = {
        "windows_trained": len(matrix),
        "windows_calibrated": len(held),
        "window_s": WINDOW_S,
        "false_alarms_calibration": calibration.false_alarms,
        "false_alarm_rate_obtained": calibration.false_alarms / calibration.windows,
        "false_alarm_rate_upper_95": round(calibration.upper_95, 6),
        "false_alarm_rate_is_resolved": calibration.is_resolved,
        "score_train_median": round(float(np.median(scores)), 6),
        "score_train_max": round(float(scores.max()), 6),
        "score_calibration_max": round(float(forest.scores(held).max()), 6),
    }
    return TrainedModel(arrays=arrays, calibration=calibration, metrics=metrics)


def over_threshold(
    model: TrainedModel, windows: NDArray[np.void], *, parameters: TrainingParameters
) -> dict[str, int]:
    """Return how many busy windows there are, and how many of them would be called unusual."""
    busy = busy_windows(windows, packets_min=parameters.packets_min)
    scores = forest_of(model.arrays, features=len(FEATURE_NAMES)).scores(window_matrix(busy))
    crossing = int((scores > model.calibration.threshold).sum())
    return {"windows": len(busy), "over_threshold": crossing}


def calibrate(scores: NDArray[np.float64], *, rate: float) -> Calibration:
    """Return the threshold that calm scores exceed at most at ``rate``.

    >>> round(calibrate(np.linspace(0.3, 0.5, 999), rate=0.01).threshold, 4)
    0.4982
    """
    if not 0.0 < rate < 1.0 or not len(scores):
        raise UsageError(f"expected scores and a rate between 0 and 1, got {len(scores)}, {rate}")
    ordered = np.sort(scores)
    rank = math.ceil((len(ordered) + 1) * (1.0 - rate) - 1e-9)
    is_resolved = rank <= len(ordered)
    top = float(ordered[-1])
    threshold = float(ordered[rank - 1]) if is_resolved else top + MARGIN * (1.0 - top)
    crossing = int((scores > threshold).sum())
    return Calibration(
        threshold=threshold,
        windows=len(ordered),
        false_alarms=crossing,
        is_resolved=is_resolved,
        upper_95=_upper_95(crossing, len(ordered)),
    )


def _upper_95(crossing: int, windows: int) -> float:
    """Bound a share from above, one-sided: 3/n for none seen, else Wilson (1927)."""
    if crossing == 0:
        return min(3.0 / windows, 1.0)
    z, share = 1.6449, crossing / windows
    middle = share + z * z / (2 * windows)
    spread = z * math.sqrt(share * (1 - share) / windows + (z / (2 * windows)) ** 2)
    return (middle + spread) / (1 + z * z / windows)


def _grow(
    matrix: NDArray[np.float64], parameters: TrainingParameters
) -> dict[str, NDArray[np.generic]]:
    try:
        from sklearn.ensemble import IsolationForest
    except ImportError as error:
        raise UsageError("training needs scikit-learn, which is not installed") from error
    grown = IsolationForest(
        n_estimators=parameters.trees,
        max_samples=min(parameters.sample_max, len(matrix)),
        random_state=parameters.seed,
    ).fit(matrix.astype(np.float32))
    return flatten([estimator.tree_ for estimator in grown.estimators_])


def flatten(trees: list[Any]) -> dict[str, NDArray[np.generic]]:
    """Lay scikit-learn's tree structures end to end, in the arrays of `ARRAY_DTYPES`."""
    columns: dict[str, list[NDArray[np.generic]]] = {name: [] for name in ARRAY_DTYPES}
    base = 0
    for tree in trees:
        is_leaf = tree.children_left < 0
        columns["roots"].append(np.array([base]))
        columns["feature"].append(np.where(is_leaf, -1, tree.feature))
        columns["threshold"].append(np.where(is_leaf, 0.0, tree.threshold))
        columns["left"].append(np.where(is_leaf, 0, tree.children_left + base))
        columns["right"].append(np.where(is_leaf, 0, tree.children_right + base))
        columns["samples"].append(tree.n_node_samples)
        base += tree.node_count
    return {
        name: np.concatenate(parts).astype(ARRAY_DTYPES[name]) for name, parts in columns.items()
    }
