"""Which blocks of a source may hold records of a selector: by their times, then their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.addresses import address_halves
from tocsin.core.times import NS_PER_S
from tocsin.kernels.address_filter import WORDS, may_hold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tocsin.core.detection import Selector
    from tocsin.evidence.reading import IndexRow

MARGIN_NS = NS_PER_S
_ANY = np.full(WORDS, 0xFFFF_FFFF_FFFF_FFFF, dtype=np.uint64)


class Blocks:
    """The index of a source as columns."""

    def __init__(self, index: Sequence[IndexRow]) -> None:
        self._first_ns = np.array([row.first_ns for row in index], dtype=np.int64)
        self._last_ns = np.array([row.last_ns for row in index], dtype=np.int64)
        filters = [row.addresses for row in index]
        self._filters = None
        if any(one is not None for one in filters):
            self._filters = np.stack([_ANY if one is None else one for one in filters])

    def meeting(self, selectors: Sequence[Selector]) -> list[int]:
        """Return the numbers of the blocks that one of the selectors may be about, in order."""
        found = np.zeros(len(self._first_ns), dtype=np.bool_)
        for one in selectors:
            left = self._first_ns <= one.end_ns + MARGIN_NS
            left &= self._last_ns >= one.start_ns - MARGIN_NS
            for parties in (one.near, one.far):
                if parties and self._filters is not None:
                    numbers = np.flatnonzero(left & ~found)
                    left[numbers] = self._may_hold(numbers, parties)
            found |= left
        return np.flatnonzero(found).tolist()

    def _may_hold(self, numbers: NDArray[np.intp], parties: Sequence[str]) -> NDArray[np.bool_]:
        filters = np.asarray(self._filters)[numbers]
        held = np.zeros(len(numbers), dtype=np.bool_)
        for party in parties:
            held |= may_hold(filters, *address_halves(party))
        return held
