"""Which lines of a flow log selectors describe, read as the lane read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.addresses import address_halves
from tocsin.core.flow_record import FLOW_RECORD
from tocsin.parse.flow_lines import FlowReader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tocsin.core.detection import Selector

_WORDS_MAX = 8


def matching_flows(
    data: bytes, *, base: int, head: bytes, selectors: Sequence[Selector]
) -> NDArray[np.void]:
    """Return rows (`FLOW_RECORD`) of the lines that a selector describes, in order.

    A record matches when its span meets the selector's, an end is in ``near`` and the
    other in ``far`` (either way round), and ``port`` is one of its ports.
    """
    rows = _candidates(data, base=base, head=head, selectors=selectors)
    chosen = np.zeros(len(rows), dtype=np.bool_)
    for one in selectors:
        meets = (rows["start_ns"] <= one.end_ns) & (rows["end_ns"] >= one.start_ns)
        forth = _is_one(rows, "src", one.near) & _is_one(rows, "dst", one.far)
        back = _is_one(rows, "dst", one.near) & _is_one(rows, "src", one.far)
        if one.port is not None:
            meets &= (rows["src_port"] == one.port) | (rows["dst_port"] == one.port)
        if one.proto is not None:
            meets &= rows["proto"] == one.proto
        chosen |= meets & (forth | back)
    return np.asarray(rows[chosen])


def _candidates(
    data: bytes, *, base: int, head: bytes, selectors: Sequence[Selector]
) -> NDArray[np.void]:
    """Return the rows of all lines, or of those that mention a party when there are few."""
    reader = FlowReader(head=head)
    words = {word for one in selectors for word in one.near}
    few = 0 < len(words) <= _WORDS_MAX and all(one.near for one in selectors)
    if not few or any(":" in word for word in words):  # IPv6 may be written in many ways
        return reader.read(data, base=base)
    bounds: set[tuple[int, int]] = set()
    for word in words:
        at, text = 0, word.encode()
        while (at := data.find(text, at)) >= 0:
            end = data.find(b"\n", at) + 1 or len(data)
            bounds.add((data.rfind(b"\n", 0, at) + 1, end))
            at = end
    parts = [reader.read(data[a:b].removesuffix(b"\n"), base=base + a) for a, b in sorted(bounds)]
    return np.concatenate([np.zeros(0, dtype=FLOW_RECORD), *parts])


def _is_one(rows: NDArray[np.void], end: str, parties: Sequence[str]) -> NDArray[np.bool_]:
    if not parties:
        return np.ones(len(rows), dtype=np.bool_)
    halves = np.array([address_halves(party) for party in parties], dtype=np.uint64)
    known = np.zeros(len(rows), dtype=np.bool_)
    for hi, lo in halves[:64]:
        known |= (rows[f"{end}_hi"] == hi) & (rows[f"{end}_lo"] == lo)
    if len(halves) > 64:  # noqa: PLR2004 (too many to compare one by one)
        known |= np.isin(rows[f"{end}_lo"], halves[64:, 1])
    return known
