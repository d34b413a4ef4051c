"""The addresses that selectors name, each with the span of time in which its lines count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.addresses import address_halves
from tocsin.kernels.access_search import AccessSearch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tocsin.core.detection import Selector

_FAR_NS = 1 << 62
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def is_within(
    scanned: NDArray[np.void], start_ns: int | NDArray[np.int64], end_ns: int | NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell which lines lie in a span; one without a stamp may lie in any."""
    inside = (scanned["ts_ns"] >= start_ns) & (scanned["ts_ns"] <= end_ns)
    return np.asarray(inside | (scanned["has_stamp"] == 0))


class AddressSpans:
    """The addresses of selectors, each with the span in which its lines count."""

    def __init__(self, selectors: Sequence[Selector]) -> None:
        spans: dict[str, tuple[int, int]] = {}
        for selector in selectors:
            for party in selector.near:
                start_ns, end_ns = spans.get(party, (selector.start_ns, selector.end_ns))
                spans[party] = (min(start_ns, selector.start_ns), max(end_ns, selector.end_ns))
        halves = [address_halves(party) for party in spans]
        self._halves = np.array(halves, dtype=np.uint64).reshape(-1, 2)
        self._times = np.array(list(spans.values()), dtype=np.int64).reshape(-1, 2)
        mixed = _mixed(self._halves[:, 0], self._halves[:, 1])
        order = np.argsort(mixed)
        self._mixed = mixed[order]
        self._halves, self._times = self._halves[order], self._times[order]

    def search(self, clock: NDArray[np.int64]) -> AccessSearch:
        """Return what finds the lines that may come from one of the addresses."""
        first_ns = int(self._times[:, 0].min(initial=_FAR_NS))
        last_ns = int(self._times[:, 1].max(initial=-_FAR_NS))
        return AccessSearch(self._halves, span=(first_ns, last_ns), clock=clock)

    def hold(self, scanned: NDArray[np.void]) -> NDArray[np.bool_]:
        """Tell which lines come from one of the addresses, within that address's span."""
        chosen = np.zeros(len(scanned), dtype=np.bool_)
        if len(self._mixed) == 0:
            return chosen
        hi, lo = scanned["src_hi"], scanned["src_lo"]
        found = _mixed(hi, lo)
        place = np.minimum(np.searchsorted(self._mixed, found), len(self._mixed) - 1)
        hit = np.flatnonzero((self._mixed[place] == found) & (scanned["has_source"] == 1))
        place = place[hit]
        same = (self._halves[place, 0] == hi[hit]) & (self._halves[place, 1] == lo[hit])
        same &= is_within(scanned[hit], self._times[place, 0], self._times[place, 1])
        chosen[hit] = same
        return chosen


def _mixed(hi: NDArray[np.uint64], lo: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix two halves into one word: a set of words is searched much faster than of pairs."""
    with np.errstate(over="ignore"):
        return np.asarray(hi * _GOLDEN ^ lo)
