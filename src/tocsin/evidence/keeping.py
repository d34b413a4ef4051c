"""Which of the matching records are kept: all, or beyond a bound the ends and a fair sample.

The sample is bottom-k by a keyed hash of each record's offset: it does not depend on the
order or on the cut of the reading, and an attacker who does not know the key can't choose
what falls into it (Cohen and Kaplan, "Summarizing data using bottom-k sketches", 2007).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

RECORDS_MAX = 100_000
BYTES_MAX = 64 << 20
ENDS = 1_000  # first and last records kept beyond the bound
SAMPLE = 2_000
# One record kept: ``link`` and ``wirelen`` are 0 for log lines; ``ts_ns`` may be NO_TIME.
RECORD = np.dtype(
    [
        ("offset", "i8"),
        ("ts_ns", "i8"),
        ("caplen", "i8"),
        ("wirelen", "i8"),
        ("link", "i4"),
        ("hash", "u8"),
    ]
)
NO_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Bound:
    """How much one source of an incident may keep, and the key of the sample."""

    records_max: int = RECORDS_MAX
    bytes_max: int = BYTES_MAX
    ends: int = ENDS
    sample: int = SAMPLE
    key: int = 0x746F_6373_696E_0001


@dataclass(slots=True)
class Keeper:
    """Takes matching records in the order of their offsets; holds at most `Bound`.

    ``seen`` counts all that came, ``is_exact`` tells whether all of them are held.
    """

    bound: Bound
    seen: int = 0
    held_bytes: int = 0
    is_exact: bool = True
    _parts: list[NDArray[np.void]] = field(default_factory=lambda: [np.zeros(0, dtype=RECORD)])
    data: list[bytes] = field(default_factory=list)

    @property
    def rows(self) -> NDArray[np.void]:
        """What is held, dtype `RECORD`, in order; ``data`` are the bytes of each."""
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        return self._parts[0]

    def add(self, rows: NDArray[np.void], data: Sequence[bytes]) -> None:
        """Take rows (dtype `RECORD`, ``hash`` filled in here) with their bytes."""
        if len(rows) == 0:
            return
        rows["hash"] = keyed_hash(rows["offset"], key=self.bound.key)
        self.seen += len(rows)
        self._parts.append(rows)
        self.data.extend(data)
        self.held_bytes += sum(map(len, data))
        if len(self.data) > self.bound.records_max or self.held_bytes > self.bound.bytes_max:
            self.is_exact = False
        if not self.is_exact:
            self._prune()

    def _prune(self) -> None:
        rows = self.rows
        n, ends = len(rows), self.bound.ends
        sizes = np.fromiter(map(len, self.data), dtype=np.int64, count=n)
        quarter = self.bound.bytes_max // 4
        first = _within(np.arange(min(ends, n)), sizes, quarter)
        last = _within(np.arange(n - 1, max(n - 1 - ends, -1), -1), sizes, quarter)
        by_hash = np.argsort(rows["hash"], kind="stable")[: self.bound.sample]
        chosen = np.unique(np.concatenate([first, last, _within(by_hash, sizes, 2 * quarter)]))
        self._parts = [rows[chosen]]
        self.data = [self.data[i] for i in chosen.tolist()]
        self.held_bytes = int(sizes[chosen].sum())


def keyed_hash(values: NDArray[np.int64], *, key: int) -> NDArray[np.uint64]:
    """Mix offsets with a key; the finalizer of SplitMix64 (Steele et al., OOPSLA 2014), twice."""
    mixed = values.astype(np.uint64) ^ np.uint64(key & 0xFFFF_FFFF_FFFF_FFFF)
    for _ in range(2):
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
        mixed = (mixed ^ (mixed >> np.uint64(31))) + np.uint64(key & 0xFFFF_FFFF_FFFF_FFFF)
    return mixed


def _within(
    order: NDArray[np.int64], sizes: NDArray[np.int64], bytes_max: int
) -> NDArray[np.int64]:
    """Return the longest beginning of ``order`` whose records fit into ``bytes_max``."""
    return order[np.cumsum(sizes[order]) <= bytes_max]
