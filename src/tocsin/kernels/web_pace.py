"""How fast a client asks: through pages, without credentials, or at a flood's rate."""

from __future__ import annotations

import numpy as np

from tocsin.kernels.access_lines import (
    PATH_HASH,
    PATH_MARKS,
    REFERRER_AT,
    REFERRER_END,
    STATUS,
    TS_NS,
)
from tocsin.kernels.lean import inlined
from tocsin.kernels.web_table import (
    CRAWL_MIN,
    CROWD_MIN,
    FLOOD_MIN,
    LEAK_NS,
    NOTHING_ROW,
    SEEN_WORDS,
    STATIC,
)

PATHS_FULL = 400
FLOODED_PER_SECOND_MAX = 1000
_FEW_PATHS = 4
_NS = 1_000_000_000
_UNAUTHORIZED = 401
_REFUSED_PERCENT = 80
_SECOND, _TOTAL, _CANDIDATE, _VOTES, _TOLD, CROWD = range(6)


@inlined
def is_crawl(one, facts, bounds):  # type: ignore[no-untyped-def]
    """Tell whether a client goes through pages faster than anybody reads, now or twice as far.

    A bucket that leaks: each page that was not asked for before, and that no page of the site
    led to, adds one. Images, styles and scripts are no pages.
    """
    if facts[PATH_MARKS] & STATIC or facts[REFERRER_END] - facts[REFERRER_AT] > 1:
        return False
    leaked_ns = one["last_ns"] - one["crawl_ns"]
    if leaked_ns >= one["crawl"] * bounds[LEAK_NS]:
        one["crawl"], one["crawled"], one["crawl_ns"] = 0, 0, one["last_ns"]
        one["crawled_due"] = bounds[CRAWL_MIN]
        for k in range(SEEN_WORDS):
            one["crawl_seen"][k] = np.uint64(0)
    elif leaked_ns >= bounds[LEAK_NS]:
        leaked = leaked_ns // bounds[LEAK_NS]
        one["crawl"] -= leaked
        one["crawl_ns"] += leaked * bounds[LEAK_NS]
    h = facts[PATH_HASH]
    bit, word = np.uint64(1) << np.uint64(h & 63), (h >> 6) % SEEN_WORDS
    if one["crawl_seen"][word] & bit != 0:
        return False
    one["crawl_seen"][word] |= bit
    one["crawl"] += 1
    one["crawled"] += 1
    if one["crawled"] % PATHS_FULL == 0:
        for k in range(SEEN_WORDS):
            one["crawl_seen"][k] = np.uint64(0)
    if one["crawl"] < bounds[CRAWL_MIN] or one["crawled"] < one["crawled_due"]:
        return False
    one["crawled_due"] = 2 * one["crawled"]
    return True


@inlined
def is_refused(one, facts, meaning, bounds):  # type: ignore[no-untyped-def]
    """Tell whether a client is refused again and again for want of credentials."""
    if facts[STATUS] != _UNAUTHORIZED or meaning != NOTHING_ROW:
        return False
    one["refused"] += 1
    total = one["refused"] + one["refused_before"]
    if total < one["refused_due"] or total * 100 < one["answered"] * _REFUSED_PERCENT:
        return False
    one["refused_due"] = 2 * total
    return True


@inlined
def is_flood(one, crowd, facts, bounds):  # type: ignore[no-untyped-def]
    """Tell whether a client, or all together, ask for few paths at a flood's rate."""
    second, h = crowd[_SECOND], facts[PATH_HASH]
    if not 0 <= facts[TS_NS] - second * _NS < _NS:
        second = facts[TS_NS] // _NS
    if second != one["second"]:
        one["second"], one["in_second"], one["second_distinct"] = second, 0, 0
        one["second_paths"] = np.uint64(0)
    one["in_second"] += 1
    bit = np.uint64(1) << np.uint64(h & 63)
    if one["second_paths"] & bit == 0:
        one["second_paths"] |= bit
        one["second_distinct"] += 1
    if second != crowd[_SECOND]:
        crowd[_SECOND], crowd[_TOTAL], crowd[_VOTES], crowd[_TOLD] = second, 0, 0, 0
    crowd[_TOTAL] += 1
    if crowd[_VOTES] == 0:  # the path that most ask for (Boyer and Moore, 1991)
        crowd[_CANDIDATE] = h
    crowd[_VOTES] += 1 if crowd[_CANDIDATE] == h else -1
    is_flood = one["in_second"] >= bounds[FLOOD_MIN] and one["second_distinct"] <= max(
        _FEW_PATHS, one["in_second"] // 10
    )
    is_crowd = crowd[_TOTAL] >= bounds[CROWD_MIN] and crowd[_VOTES] * 5 >= crowd[_TOTAL] * 2
    if not is_flood and not is_crowd:
        return False
    crowd[_TOLD] += 1
    return crowd[_TOLD] <= FLOODED_PER_SECOND_MAX
