"""Isolation forests as flat arrays, walked by one kernel.

Source: Liu, Ting, Zhou, *Isolation Forest*, ICDM 2008: a row that few random splits set
apart is strange. The score is ``2 ** -(mean path length / c(sample))``, in (0, 1), higher
= stranger, and equals ``-IsolationForest.score_samples`` of scikit-learn within 1e-8 (it
compares float32 values with float64 thresholds, and so do we).

All trees lie end to end. Node ``i`` is inner when ``feature[i] >= 0``: rows whose value is
at most ``threshold[i]`` go to ``left[i]``, others to ``right[i]``; both lie behind ``i``,
so that a walk ends whatever a model file says. Rows are walked in blocks of 64 per tree:
a tree then stays in the cache for the whole block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.errors import IntegrityError
from tocsin.kernels.compiled import kernel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_BLOCK_ROWS = 64
_EULER_GAMMA = 0.5772156649015329
NODES_MAX = 1_000_000
ARRAY_DTYPES: dict[str, str] = {
    "feature": "<i2",
    "threshold": "<f8",
    "left": "<i4",
    "right": "<i4",
    "samples": "<i4",
    "roots": "<i4",
}


@kernel
def path_lengths(
    matrix: NDArray[np.float32],
    feature: NDArray[np.int16],
    threshold: NDArray[np.float64],
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    length: NDArray[np.float64],
    roots: NDArray[np.int32],
    out: NDArray[np.float64],
) -> None:
    """Write each row's path length, summed over all trees, into ``out`` (rows,)."""
    rows = matrix.shape[0]
    for start in range(0, rows, _BLOCK_ROWS):
        end = min(start + _BLOCK_ROWS, rows)
        for row in range(start, end):
            out[row] = 0.0
        for root in roots:
            for row in range(start, end):
                node = root
                while feature[node] >= 0:
                    if matrix[row, feature[node]] <= threshold[node]:
                        node = left[node]
                    else:
                        node = right[node]
                out[row] += length[node]


def average_path(samples: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return c(n), the mean path of an unsuccessful search in a tree of n samples (eq. 1).

    >>> average_path(np.array([1, 2, 256], dtype=np.int32)).round(4).tolist()
    [0.0, 1.0, 10.2448]
    """
    count = samples.astype(np.float64)
    more = np.maximum(count, 3.0)
    mean = 2.0 * (np.log(more - 1.0) + _EULER_GAMMA) - 2.0 * (more - 1.0) / more
    return np.where(count <= 1.0, 0.0, np.where(count <= 2.0, 1.0, mean))


@dataclass(frozen=True, slots=True)
class Forest:
    """A validated forest; made by `forest_of`, never by hand.

    ``length`` float64 (nodes,) is depth + c(samples) of a node; ``expected`` float64
    (nodes,) the mean length over the training rows that reach it; ``norm`` the number of
    trees times c(rows that each tree was grown on).
    """

    feature: NDArray[np.int16]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    roots: NDArray[np.int32]
    length: NDArray[np.float64]
    expected: NDArray[np.float64]
    norm: float
    features: int

    def scores(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return float64 (rows,) in (0, 1), higher = stranger; ``matrix`` (rows, features)."""
        lengths = np.zeros(len(matrix), dtype=np.float64)
        path_lengths(
            self._narrow(matrix), self.feature, self.threshold, self.left, self.right,
            self.length, self.roots, lengths,
        )  # fmt: skip
        strange: NDArray[np.float64] = np.exp2(-lengths / self.norm)
        return strange

    def contributions(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return float64 (rows, features): how many bits of strangeness each feature gave.

        Path attribution (Saabas, *Interpreting random forests*, 2014, on path lengths):
        every split on a row's way changes the length to be expected; the change is
        credited to the split's feature. It adds up exactly: a row's score is
        ``usual_score * 2 ** sum(row)``. For few rows; walks all trees level by level.
        """
        narrow = self._narrow(matrix)
        credit = np.zeros((len(matrix), self.features), dtype=np.float64)
        at = np.broadcast_to(self.roots, (len(matrix), len(self.roots))).copy()
        while True:
            row, tree = np.nonzero(self.feature[at] >= 0)
            if not len(row):
                return credit / self.norm
            node = at[row, tree]
            split = self.feature[node]
            below = narrow[row, split] <= self.threshold[node]
            following = np.where(below, self.left[node], self.right[node])
            np.add.at(credit, (row, split), self.expected[node] - self.expected[following])
            at[row, tree] = following

    @property
    def usual_score(self) -> float:
        """The score of a row whose every split leaves the expected length as it was."""
        return float(np.exp2(-self.expected[self.roots].sum() / self.norm))

    def _narrow(self, matrix: NDArray[np.float64]) -> NDArray[np.float32]:
        if matrix.ndim != 2 or matrix.shape[1] != self.features:
            raise ValueError(f"expected (rows, {self.features}), got {matrix.shape}")
        return np.ascontiguousarray(matrix, dtype=np.float32)


def forest_of(
    arrays: Mapping[str, NDArray[np.generic]], *, features: int, where: str | None = None
) -> Forest:
    """Return a forest from the arrays of a model file (`ARRAY_DTYPES`), which may be hostile.

    ``samples`` int32 (nodes,) counts the training rows that reached a node. Raises
    `IntegrityError` when the arrays are not what a forest over ``features`` columns is.
    """
    for name, dtype in ARRAY_DTYPES.items():
        if name not in arrays or arrays[name].dtype != np.dtype(dtype) or arrays[name].ndim != 1:
            raise IntegrityError(f"expected {dtype} array {name!r} of one dimension", where=where)
    split = arrays["feature"].astype(np.int16)
    threshold = arrays["threshold"].astype(np.float64)
    left, right = arrays["left"].astype(np.int32), arrays["right"].astype(np.int32)
    samples, roots = arrays["samples"].astype(np.int32), arrays["roots"].astype(np.int32)
    nodes = len(split)
    if not 0 < nodes <= NODES_MAX or {len(threshold), len(left), len(right), len(samples)} != {
        nodes
    }:
        raise IntegrityError(f"expected up to {NODES_MAX:,} nodes, equally long", where=where)
    _check_nodes(split, threshold, left, right, samples, features=features, where=where)
    levels = _levels(split, left, right, roots, where=where)
    length = average_path(samples)
    for depth, level in enumerate(levels):
        length[level] += depth
    expected = _expected(levels, split, branches=(left, right), samples=samples, length=length)
    return Forest(
        feature=split,
        threshold=threshold,
        left=left,
        right=right,
        roots=roots,
        length=length,
        expected=expected,
        norm=max(float(average_path(samples[roots]).sum()), 1e-9),
        features=features,
    )


def _check_nodes(
    split: NDArray[np.int16],
    threshold: NDArray[np.float64],
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    samples: NDArray[np.int32],
    *,
    features: int,
    where: str | None,
) -> None:
    inner = np.flatnonzero(split >= 0)
    ok = (
        bool((split < features).all())
        and bool(np.isfinite(threshold[inner]).all())
        and bool((samples >= 1).all())
        and bool((left[inner] > inner).all() and (right[inner] > inner).all())
        and bool((left[inner] < len(split)).all() and (right[inner] < len(split)).all())
    )
    if not ok:
        raise IntegrityError("a node points outside its forest or its features", where=where)
    parts = samples[left[inner]].astype(np.int64) + samples[right[inner]]
    if not bool((parts == samples[inner]).all()):
        raise IntegrityError("the rows of two branches do not add up to their node's", where=where)


def _levels(
    split: NDArray[np.int16],
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    roots: NDArray[np.int32],
    *,
    where: str | None,
) -> list[NDArray[np.int32]]:
    """Return the nodes of each depth; each node must be met exactly once."""
    nodes = len(split)
    if not len(roots) or int(roots.min()) < 0 or int(roots.max()) >= nodes:
        raise IntegrityError("a root lies outside its forest", where=where)
    levels, met, level = [], 0, roots
    while len(level) and met <= nodes:
        levels.append(level)
        met += len(level)
        inner = level[split[level] >= 0]
        level = np.concatenate((left[inner], right[inner]))
    if met != nodes or len(np.unique(np.concatenate(levels))) != nodes:
        raise IntegrityError("its nodes do not form trees", where=where)
    return levels


def _expected(
    levels: list[NDArray[np.int32]],
    split: NDArray[np.int16],
    *,
    branches: tuple[NDArray[np.int32], NDArray[np.int32]],
    samples: NDArray[np.int32],
    length: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return each node's mean length over the rows that reach it, from the leaves up."""
    left, right = branches
    expected = length.copy()
    for level in reversed(levels):
        inner = level[split[level] >= 0]
        below, above = left[inner], right[inner]
        total = expected[below] * samples[below] + expected[above] * samples[above]
        expected[inner] = total / samples[inner]
    return expected
