"""Which lines selectors describe, by what the scanner reads in them.

The same readers that fed the detectors decide here, so a line that merely mentions an
address is not evidence against it. Few parties are first looked for as text, and only the
lines that mention one are scanned; with many parties those that may come from one of them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.addresses import address_halves
from tocsin.core.networks import NO_PROXIES
from tocsin.kernels.access_scan import AccessScan, AccessTexts
from tocsin.kernels.access_search import AccessSearch
from tocsin.kernels.auth_entry import NAME_BYTES
from tocsin.kernels.byte_search import places_of
from tocsin.kernels.log_scan import Scanner, read_only, scan_columns
from tocsin.kernels.web_clients import NOT_PLAIN
from tocsin.parse.known import known_templates, log_tables
from tocsin.parse.sparse_rows import SparseRows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from tocsin.core.detection import Selector
    from tocsin.core.networks import Proxies
    from tocsin.kernels.log_scan import Stamps

LINE = np.dtype([("offset", "i8"), ("length", "i8"), ("ts_ns", "i8"), ("has_stamp", "u1")])
WORDS_MAX = 8
_LINE_FEED = ord("\n")
_FAR_NS = 1 << 62
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class LineSearch:
    """Finds the lines that selectors describe; made once, then given block after block.

    ``stamps`` is how the lane read times, ``proxies`` whom it believed.
    """

    def __init__(
        self, selectors: Sequence[Selector], *, stamps: Stamps, proxies: Proxies = NO_PROXIES
    ) -> None:
        self._stamps = stamps
        self._access = _access_scan(stamps)
        self._sparse = SparseRows(known_templates(), stamps=stamps, proxies=proxies)
        self._spans = _Spans([s for s in selectors if s.near])
        self._about = [s for s in selectors if not s.near]
        words = {word for s in selectors for word in (*s.near, *s.users) if word}
        is_narrow = _are_few(words) and all(s.near or s.users for s in selectors)
        self._words = words if is_narrow else set[str]()
        # Behind a proxy the client doesn't stand first.
        is_read_whole = is_narrow or self._about or proxies.networks
        self._search = (
            None
            if is_read_whole
            else self._spans.search(Scanner(log_tables(), stamps=stamps).clock)
        )

    def find(self, data: bytes, *, base: int) -> NDArray[np.void]:
        """Return the lines of ``data`` that a selector describes (dtype `LINE`), in order.

        ``base`` is the offset of ``data`` in the source; ``length`` includes the line feed.
        """
        if self._words:
            bounds = _mentioning(data, self._words)
        elif self._search is not None:
            bounds = self._search.lines(read_only(data))
        else:
            bounds = _bounds(data)
        if len(bounds) == 0:
            return np.zeros(0, dtype=LINE)
        starts, ends = bounds[:, 0], bounds[:, 1]
        if int((ends - starts).sum()) < len(data):
            data = b"".join([data[a:b] for a, b in bounds.tolist()])
        scanned = scan_columns(data, tables=log_tables(), stamps=self._stamps)
        buffer = read_only(data)
        told = self._access.read(buffer, scanned)[0]
        told[told != NOT_PLAIN] = 0  # a kernel has read them: what they mean is of no interest here
        self._sparse.read(buffer, scanned, told)
        self._sparse.take_messages()
        chosen = self._spans.hold(scanned)
        for selector in self._about:
            within = _within(scanned, selector.start_ns, selector.end_ns)
            chosen |= _about(data, scanned, selector.users) & within
        rows = np.zeros(int(np.count_nonzero(chosen)), dtype=LINE)
        rows["offset"] = starts[chosen] + base
        rows["length"] = (ends - starts)[chosen]
        rows["ts_ns"] = scanned["ts_ns"][chosen]
        rows["has_stamp"] = scanned["has_stamp"][chosen]
        return rows


@lru_cache(maxsize=1)
def _access_scan(stamps: Stamps) -> AccessScan:
    """Return what reads access lines; its counts of clients are of no interest, so all share it."""
    clock = Scanner(log_tables(), stamps=stamps).clock
    return AccessScan(AccessTexts(), templates=log_tables().web_rows, clock=clock)


def _are_few(words: Collection[str]) -> bool:
    """Tell whether to look for words as text; an IPv6 address may be written in many ways."""
    return 0 < len(words) <= WORDS_MAX and not any(":" in word for word in words)


def _bounds(data: bytes) -> NDArray[np.int64]:
    """Return where each line begins and ends (n, 2), its line feed included."""
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == _LINE_FEED) + 1
    if len(data) and (len(ends) == 0 or ends[-1] != len(data)):
        ends = np.append(ends, len(data))
    return np.stack([np.concatenate([[0], ends[:-1]])[: len(ends)], ends], axis=1)


def _mentioning(data: bytes, words: Iterable[str]) -> NDArray[np.int64]:
    """Return where each line begins and ends (n, 2) that holds one of the words, wherever in it."""
    bounds: set[tuple[int, int]] = set()
    for word in words:
        end = 0
        for at in places_of(data, word.encode("utf-8", "surrogateescape")).tolist():
            if at >= end:
                end = data.find(b"\n", at) + 1 or len(data)
                bounds.add((data.rfind(b"\n", 0, at) + 1, end))
    return np.array(sorted(bounds), dtype=np.int64).reshape(-1, 2)


def _within(
    scanned: NDArray[np.void], start_ns: int | NDArray[np.int64], end_ns: int | NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell which lines lie in a span; one without a stamp may lie in any."""
    inside = (scanned["ts_ns"] >= start_ns) & (scanned["ts_ns"] <= end_ns)
    return np.asarray(inside | (scanned["has_stamp"] == 0))


class _Spans:
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
        same &= _within(scanned[hit], self._times[place, 0], self._times[place, 1])
        chosen[hit] = same
        return chosen


def _mixed(hi: NDArray[np.uint64], lo: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix two halves into one word: a set of words is searched much faster than of pairs."""
    with np.errstate(over="ignore"):
        return np.asarray(hi * _GOLDEN ^ lo)


def _about(data: bytes, scanned: NDArray[np.void], users: Sequence[str]) -> NDArray[np.bool_]:
    """Tell which lines name one of the users; detectors know a name by its first 32 bytes."""
    if not users:
        return np.ones(len(scanned), dtype=np.bool_)
    wanted = {user.encode("utf-8", "surrogateescape") for user in users}
    sizes = np.minimum(scanned["user_length"], NAME_BYTES)
    fitting = np.flatnonzero(np.isin(sizes, [len(user) for user in wanted]))
    places = zip(scanned["user_at"][fitting].tolist(), sizes[fitting].tolist(), strict=True)
    chosen = np.zeros(len(scanned), dtype=np.bool_)
    chosen[fitting] = [data[at : at + size] in wanted for at, size in places]
    return chosen
