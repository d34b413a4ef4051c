"""Which lines selectors describe, by what the scanner reads in them.

The same templates that fed the detectors decide here, so a line that merely mentions an
address is not evidence against it. Few parties are first looked for as text, and only the
lines that mention one are scanned; many parties cost one scan of the whole block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.addresses import address_halves
from tocsin.kernels.auth_entry import NAME_BYTES
from tocsin.kernels.byte_search import places_of
from tocsin.kernels.log_scan import scan_columns
from tocsin.parse.known import log_tables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from tocsin.core.detection import Selector
    from tocsin.kernels.log_scan import Stamps

LINE = np.dtype([("offset", "i8"), ("length", "i8"), ("ts_ns", "i8"), ("has_stamp", "u1")])
WORDS_MAX = 8
_LINE_FEED = ord("\n")
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def matching_lines(
    data: bytes, *, base: int, selectors: Sequence[Selector], stamps: Stamps
) -> NDArray[np.void]:
    """Return the lines of ``data`` that a selector describes (dtype `LINE`), in order.

    ``base`` is the offset of ``data`` in the source; ``length`` includes the line feed.
    ``stamps`` is how the lane read times.
    """
    words = {word for s in selectors for word in (*s.near, *s.users) if word}
    if _are_few(words) and all(s.near or s.users for s in selectors):
        starts, ends = _mentioning(data, words)
        data = b"".join([data[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)])
    else:
        starts, ends = _bounds(data)
    scanned = scan_columns(data, tables=log_tables(), stamps=stamps)
    chosen = _chosen(data, scanned, selectors)
    rows = np.zeros(int(np.count_nonzero(chosen)), dtype=LINE)
    rows["offset"] = starts[chosen] + base
    rows["length"] = (ends - starts)[chosen]
    rows["ts_ns"] = scanned["ts_ns"][chosen]
    rows["has_stamp"] = scanned["has_stamp"][chosen]
    return rows


def _are_few(words: Collection[str]) -> bool:
    """Tell whether to look for words as text; an IPv6 address may be written in many ways."""
    return 0 < len(words) <= WORDS_MAX and not any(":" in word for word in words)


def _bounds(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each line begins and ends, its line feed included."""
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == _LINE_FEED) + 1
    if len(data) and (len(ends) == 0 or ends[-1] != len(data)):
        ends = np.append(ends, len(data))
    return np.concatenate([[0], ends[:-1]]).astype(np.int64)[: len(ends)], ends


def _mentioning(data: bytes, words: Iterable[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each line begins and ends that holds one of the words, wherever in it."""
    bounds: set[tuple[int, int]] = set()
    for word in words:
        end = 0
        for at in places_of(data, word.encode("utf-8", "surrogateescape")).tolist():
            if at >= end:
                end = data.find(b"\n", at) + 1 or len(data)
                bounds.add((data.rfind(b"\n", 0, at) + 1, end))
    lines = np.array(sorted(bounds), dtype=np.int64).reshape(-1, 2)
    return lines[:, 0], lines[:, 1]


def _chosen(
    data: bytes, scanned: NDArray[np.void], selectors: Sequence[Selector]
) -> NDArray[np.bool_]:
    chosen = _from(scanned, [s for s in selectors if s.near])
    for selector in selectors:
        if not selector.near:
            within = _within(scanned, selector.start_ns, selector.end_ns)
            chosen |= _about(data, scanned, selector.users) & within
    return chosen


def _within(
    scanned: NDArray[np.void], start_ns: int | NDArray[np.int64], end_ns: int | NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell which lines lie in a span; one without a stamp may lie in any."""
    inside = (scanned["ts_ns"] >= start_ns) & (scanned["ts_ns"] <= end_ns)
    return np.asarray(inside | (scanned["has_stamp"] == 0))


def _from(scanned: NDArray[np.void], selectors: Sequence[Selector]) -> NDArray[np.bool_]:
    """Tell which lines come from an address of a selector, within that address's span."""
    spans: dict[str, tuple[int, int]] = {}
    for selector in selectors:
        for party in selector.near:
            start_ns, end_ns = spans.get(party, (selector.start_ns, selector.end_ns))
            spans[party] = (min(start_ns, selector.start_ns), max(end_ns, selector.end_ns))
    if not spans:
        return np.zeros(len(scanned), dtype=np.bool_)
    halves = np.array([address_halves(party) for party in spans], dtype=np.uint64)
    mixed = _mixed(halves[:, 0], halves[:, 1])
    order = np.argsort(mixed)
    mixed, halves = mixed[order], halves[order]
    times = np.array(list(spans.values()), dtype=np.int64)[order]
    found = _mixed(scanned["src_hi"], scanned["src_lo"])
    place = np.minimum(np.searchsorted(mixed, found), len(mixed) - 1)
    hit = (mixed[place] == found) & (scanned["has_source"] == 1)
    hit &= (halves[place, 0] == scanned["src_hi"]) & (halves[place, 1] == scanned["src_lo"])
    return np.asarray(hit & _within(scanned, times[place, 0], times[place, 1]))


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
