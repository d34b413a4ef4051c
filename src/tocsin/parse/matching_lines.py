"""Which lines selectors describe, by what the scanner reads in them.

The same readers that fed the detectors decide here, so a line that merely mentions an
address is not evidence against it. Few parties are first looked for as text, and only the
lines that mention one are scanned; with many parties those that may come from one of them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.core.networks import NO_PROXIES
from tocsin.kernels.access_scan import AccessScan, AccessTexts
from tocsin.kernels.auth_entry import NAME_BYTES
from tocsin.kernels.byte_search import places_of
from tocsin.kernels.log_scan import Scanner, read_only, scan_columns
from tocsin.kernels.web_clients import NOT_PLAIN
from tocsin.parse.address_spans import AddressSpans, is_within
from tocsin.parse.known import known_templates, log_tables
from tocsin.parse.sparse_rows import SparseRows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from tocsin.core.detection import Selector
    from tocsin.core.networks import Proxies
    from tocsin.kernels.log_scan import Stamps
    from tocsin.parse.shared_lines import SharedLines

LINE = np.dtype([("offset", "i8"), ("length", "i8"), ("ts_ns", "i8"), ("has_stamp", "u1")])
WORDS_MAX = 8
_LINE_FEED = ord("\n")


class LineSearch:
    """Finds the lines that selectors describe; made once, then given block after block.

    ``stamps`` is how the lane read times, ``proxies`` whom it believed; ``shared`` is what all
    searches of a log have in common.
    """

    def __init__(
        self,
        selectors: Sequence[Selector],
        *,
        stamps: Stamps,
        proxies: Proxies = NO_PROXIES,
        shared: SharedLines | None = None,
    ) -> None:
        self._stamps = stamps
        self._access = _access_scan(stamps)
        self._sparse = SparseRows(known_templates(), stamps=stamps, proxies=proxies)
        self._spans = AddressSpans([s for s in selectors if s.near])
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

        self._shared = None if self._about or proxies.networks else shared
        if self._shared is not None:
            self._shared.join(selectors)

    def find(self, data: bytes, *, base: int) -> NDArray[np.void]:
        """Return the lines of ``data`` that a selector describes (dtype `LINE`), in order.

        ``base`` is the offset of ``data`` in the source; ``length`` includes the line feed.
        """
        seen = self._shared.rows(data, base=base) if self._shared is not None else None
        if seen is not None:
            return _lines(seen, self._spans.hold(seen))
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
            within = is_within(scanned, selector.start_ns, selector.end_ns)
            chosen |= _about(data, scanned, selector.users) & within
        places = {"offset": starts + base, "length": ends - starts}
        return _lines(
            {"ts_ns": scanned["ts_ns"], "has_stamp": scanned["has_stamp"], **places}, chosen
        )


def _lines(
    columns: Mapping[str, NDArray[Any]] | NDArray[np.void], chosen: NDArray[np.bool_]
) -> NDArray[np.void]:
    """Return the chosen ones of lines as rows (dtype `LINE`)."""
    rows = np.zeros(int(np.count_nonzero(chosen)), dtype=LINE)
    for name in LINE.names or ():
        rows[name] = columns[name][chosen]
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
