"""Which packets of a block belong to an incident: the decode kernel, then masks.

When few addresses are wanted their bytes are looked for first, and only packets that hold
them are decoded; what they mean there the decode kernel says.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.addresses import address_bytes, address_halves
from tocsin.evidence.keeping import RECORD
from tocsin.kernels.byte_search import places_of
from tocsin.kernels.decode import DECODED, ODD, decode
from tocsin.kernels.fragments import attribute, fresh_fragments
from tocsin.kernels.framing import FULL, LIES, PACKET, fresh_framing, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tocsin.core.detection import Selector
    from tocsin.evidence.reading import IndexRow

_ROWS_MAX = 65_536
_NEEDLES_MAX = 16
_KEY = np.uint64(0)  # of a table that lives for one block


def match_packets(
    data: bytes, *, row: IndexRow, selectors: Sequence[Selector], margin_ns: int
) -> tuple[NDArray[np.void], list[bytes]]:
    """Return the packets of a block that match any selector: rows (`RECORD`) and bytes.

    The time span of each selector is widened by ``margin_ns`` on both sides: what the same
    parties did just before and after belongs to the picture. A later fragment whose first lies
    in an earlier block has no ports here: a selector that names a port leaves it out.
    """
    needles = _needles(selectors)
    hits = None
    if needles is not None:
        hits = np.sort(np.concatenate([places_of(data, needle) for needle in needles]))
        if len(hits) == 0:
            return np.zeros(0, dtype=RECORD), []
    buffer = np.frombuffer(data, dtype=np.uint8)
    state = fresh_framing() if row.framing is None else row.framing.copy()
    index = np.empty(min(max(row.records, 1), _ROWS_MAX), dtype=PACKET)
    found: list[NDArray[np.void]] = []
    packets: list[bytes] = []
    fragments, odd = fresh_fragments(), np.zeros(len(ODD), dtype=np.int64)
    at, status = 0, FULL
    while status == FULL:
        n, at, status = walk(  # type: ignore[no-untyped-call]
            buffer, at, len(buffer), row.first_offset, state, index, len(index)
        )
        # ``at`` of the walk is a position in this buffer, its base the block's first byte.
        part = index[:n] if hits is None else _holding(index[:n], hits)
        columns = np.zeros(len(part), dtype=DECODED)
        if decode(buffer, part, len(part), columns):  # type: ignore[no-untyped-call]
            with np.errstate(over="ignore"):  # hashes wrap round; matters in plain Python only
                attribute(columns, len(part), fragments, _KEY, odd)  # type: ignore[no-untyped-call]
        chosen = part[_matches(columns, selectors, margin_ns) & (part["link"] != LIES)]
        rows = np.zeros(len(chosen), dtype=RECORD)
        for name in ("offset", "ts_ns", "caplen", "wirelen", "link"):
            rows[name] = chosen[name]
        found.append(rows)
        places = zip(chosen["at"].tolist(), chosen["caplen"].tolist(), strict=True)
        packets.extend(data[start : start + caplen] for start, caplen in places)
        if n == 0:
            break
    return np.concatenate(found), packets


def _needles(selectors: Sequence[Selector]) -> list[bytes] | None:
    """Return the addresses of which each packet wanted holds one, as it holds it.

    None when that says too little: a selector of any address, or too many of them.
    """
    texts: set[str] = set()
    for selector in selectors:
        sides = [set(side) for side in (selector.near, selector.far) if side and "*" not in side]
        if not sides:
            return None
        texts |= min(sides, key=len)
    needles = []
    for text in texts:
        with suppress(ValueError):  # a text that is no address is in no packet
            needles.append(address_bytes(text))
    return needles if 0 < len(needles) <= _NEEDLES_MAX else None


def _holding(index: NDArray[np.void], hits: NDArray[np.int64]) -> NDArray[np.void]:
    """Return the packets that hold a place, in order."""
    after = np.unique(np.searchsorted(index["at"], hits, side="right"))
    return index[after[after > 0] - 1]


def address_mask(
    hi: NDArray[np.uint64], lo: NDArray[np.uint64], texts: Sequence[str]
) -> NDArray[np.bool_]:
    """Tell which addresses are among ``texts``; none given, or one with ``*``: all are.

    Raises nothing for a text that is no address: it matches nothing.
    """
    if not texts or any("*" in text for text in texts):
        return np.ones(len(hi), dtype=bool)
    mask = np.zeros(len(hi), dtype=bool)
    for high, lows in _halves(tuple(texts)):
        same = lo == lows[0] if len(lows) == 1 else np.isin(lo, lows)
        mask |= (hi == high) & same
    return mask


@lru_cache(maxsize=64)
def _halves(texts: tuple[str, ...]) -> tuple[tuple[np.uint64, NDArray[np.uint64]], ...]:
    """Return each high half with the low halves that go with it."""
    groups: dict[int, list[int]] = {}
    for text in texts:
        with suppress(ValueError):
            high, low = address_halves(text)
            groups.setdefault(high, []).append(low)
    return tuple((np.uint64(h), np.array(lows, dtype=np.uint64)) for h, lows in groups.items())


def _matches(
    columns: NDArray[np.void], selectors: Sequence[Selector], margin_ns: int
) -> NDArray[np.bool_]:
    mask = np.zeros(len(columns), dtype=bool)
    for selector in selectors:
        mask |= _match(columns, selector, margin_ns)
    return mask


def _match(columns: NDArray[np.void], selector: Selector, margin_ns: int) -> NDArray[np.bool_]:
    times = columns["ts_ns"]
    mask = (times >= selector.start_ns - margin_ns) & (times <= selector.end_ns + margin_ns)
    if not mask.any():
        return np.asarray(mask)
    if selector.proto is not None:
        mask &= columns["proto"] == selector.proto
    if selector.port is not None:
        mask &= (columns["src_port"] == selector.port) | (columns["dst_port"] == selector.port)
    source = columns["src_hi"], columns["src_lo"]
    target = columns["dst_hi"], columns["dst_lo"]
    out = address_mask(*source, selector.near) & address_mask(*target, selector.far)
    back = address_mask(*target, selector.near) & address_mask(*source, selector.far)
    return np.asarray(mask & (out | back))
