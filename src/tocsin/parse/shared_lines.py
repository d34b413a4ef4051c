"""One look at an access log for many searches: which lines may be of any of their addresses.

Evidence of many incidents is read from one log. What each would look for by itself is looked for
once: the lines of all their addresses are found and read by kernels, and each search takes its own
out of them. Only plain access lines are shared, each of which is read whatever stands around it;
where another line is among them, every search reads that part by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tocsin.kernels.access_scan import AccessScan, AccessTexts
from tocsin.kernels.log_scan import Scanner, read_only, scan_columns
from tocsin.kernels.web_clients import NOT_PLAIN
from tocsin.parse.address_spans import AddressSpans
from tocsin.parse.known import log_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tocsin.core.detection import Selector
    from tocsin.kernels.access_search import AccessSearch
    from tocsin.kernels.log_scan import Stamps

SEARCHES_MIN = 8  # fewer are quicker each by itself
KEPT_BYTES_MAX = 64 << 20  # of the log, whose lines are kept for the searches that come next
SEEN = np.dtype([("offset", "i8"), ("length", "i8"), ("ts_ns", "i8"), ("src_hi", "u8"),
                 ("src_lo", "u8"), ("has_stamp", "u1"), ("has_source", "u1")])  # fmt: skip
_OF_ROWS = ("ts_ns", "src_hi", "src_lo", "has_stamp", "has_source")


class _Look(NamedTuple):
    """What was seen from ``begin`` to ``end`` of a log; no rows where a line was not plain."""

    begin: int
    end: int
    rows: NDArray[np.void] | None


class SharedLines:
    """The lines of one log that several searches share; all join before the first asks."""

    def __init__(self, stamps: Stamps) -> None:
        self._stamps = stamps
        self._selectors: list[Selector] = []
        self._searches = 0
        self._search: AccessSearch | None = None
        self._looks: list[_Look] = []

    def join(self, selectors: Sequence[Selector]) -> None:
        """Take in what one more search looks for: selectors that each name an address."""
        self._selectors += selectors
        self._searches += 1

    def rows(self, data: bytes, *, base: int) -> NDArray[np.void] | None:
        """Return the lines (dtype `SEEN`) of ``data`` that may be of any search, in order.

        None where they must be looked for by each. ``base`` is the offset of ``data``.
        """
        if self._searches < SEARCHES_MIN:
            return None
        parts, at, end = [], base, base + len(data)
        for look in self._looks:
            if look.end <= at or look.begin >= end:
                continue
            if look.begin > at:
                parts.append(self._look(data[at - base : look.begin - base], at))
            parts.append(look)
            at = look.end
        if at < end:
            parts.append(self._look(data[at - base :], at))
        self._keep(parts)
        rows = [part.rows for part in parts if part.rows is not None]
        if len(rows) < len(parts):
            return None
        joined = rows[0] if len(rows) == 1 else np.concatenate(rows or [np.zeros(0, dtype=SEEN)])
        first, last = np.searchsorted(joined["offset"], (base, end))
        return joined[first:last]

    def _keep(self, looks: Sequence[_Look]) -> None:
        self._looks = sorted({one.begin: one for one in (*self._looks, *looks)}.values(),
                             key=lambda one: one.begin)  # fmt: skip
        held = sum(one.end - one.begin for one in self._looks)
        while held > KEPT_BYTES_MAX and len(self._looks) > 1:
            held -= self._looks[0].end - self._looks[0].begin
            del self._looks[0]

    def _look(self, data: bytes, begin: int) -> _Look:
        if self._search is None:
            clock = Scanner(log_tables(), stamps=self._stamps).clock
            self._search = AddressSpans(self._selectors).search(clock)
            self._access = AccessScan(AccessTexts(), templates=log_tables().web_rows, clock=clock)
        bounds = self._search.lines(read_only(data))
        rows = np.zeros(len(bounds), dtype=SEEN)
        if len(bounds):
            text = b"".join([data[a:b] for a, b in bounds.tolist()])
            scanned = scan_columns(text, tables=log_tables(), stamps=self._stamps)
            told = self._access.read(read_only(text), scanned)[0]
            if (told == NOT_PLAIN).any():
                return _Look(begin, begin + len(data), None)
            rows["offset"] = bounds[:, 0] + begin
            rows["length"] = bounds[:, 1] - bounds[:, 0]
            for name in _OF_ROWS:
                rows[name] = scanned[name]
        return _Look(begin, begin + len(data), rows)
