"""From selectors to records: read the matching blocks again, and keep what matches.

Only blocks whose time span meets a selector's are read. When the detections say that more
records match than would be kept, a keyed sample of the blocks (with the first and the last
ones) stands for all of them, so that collecting costs at most about `DECODE_BYTES_MAX` of
reading; the counts then come from the detections, which are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from tocsin.core.addresses import address_halves
from tocsin.core.times import NS_PER_S
from tocsin.evidence.keeping import RECORD, Bound, Keeper, keyed_hash
from tocsin.evidence.packets import match_packets
from tocsin.evidence.reading import Gap, read_row, read_together
from tocsin.kernels.address_filter import may_hold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tocsin.core.detection import Selector
    from tocsin.evidence.reading import IndexRow, Source

MARGIN_NS = NS_PER_S
DECODE_BYTES_MAX = 64 << 20
GAPS_MAX = 100


class LineMatcher(Protocol):
    """Says once for some selectors how their lines are found in whole lines of a log."""

    def __call__(self, selectors: Sequence[Selector]) -> LineFinder:
        """Return what finds the lines that the selectors describe."""
        ...


class LineFinder(Protocol):
    """Finds lines, block after block."""

    def __call__(self, data: bytes, *, base: int) -> tuple[NDArray[np.void], list[bytes]]:
        """Return rows (dtype `RECORD`) in order, and each line's bytes with its line end."""
        ...


@dataclass(frozen=True, slots=True)
class Selected:
    """The records of one source that belong to an incident.

    ``rows`` (dtype `RECORD`) in order of their offset, ``data`` their bytes (a packet, or a
    line with its line end). ``matched`` is how many match, of which ``len(rows)`` are held;
    ``is_exact`` when these are the same. ``gaps`` are blocks that could not be used.
    """

    source: str
    medium: str
    rows: NDArray[np.void]
    data: tuple[bytes, ...]
    matched: int
    is_exact: bool
    blocks_read: int
    blocks_matching: int
    gaps: tuple[Gap, ...] = ()
    gaps_total: int = 0


def select(
    source: Source,
    *,
    selectors: Sequence[Selector],
    lines: LineMatcher,
    expected: int = 0,
    bound: Bound | None = None,
) -> Selected:
    """Collect what ``selectors`` of this source describe.

    ``expected`` is how many records the detections counted: beyond ``bound.records_max``
    blocks are sampled, and it is what ``matched`` says. Selectors of other sources are
    left out. Raises nothing for bytes that changed or went away: see `Selected.gaps`.
    """
    bound = bound or Bound()
    own = [one for one in selectors if one.source == source.name]
    meeting = [row for row in source.index if any(_meets(row, one) for one in own)]
    is_sampled = expected > bound.records_max
    reading = _sample(meeting, key=bound.key) if is_sampled else meeting
    keeper, gaps, find_lines = Keeper(bound), [], lines(own)
    if source.medium == "packets":
        for row in reading:
            data = read_row(source, row)
            if isinstance(data, Gap):
                gaps.append(data)
            else:
                keeper.add(*match_packets(data, row=row, selectors=own, margin_ns=MARGIN_NS))
    else:
        for base, data in read_together(source, reading):
            if isinstance(data, Gap):
                gaps.append(data)
            else:
                keeper.add(*find_lines(data, base=base))
    is_whole = len(reading) == len(meeting)
    return Selected(
        source=source.name,
        medium=source.medium,
        rows=keeper.rows,
        data=tuple(keeper.data),
        matched=keeper.seen if is_whole else max(expected, keeper.seen),
        is_exact=keeper.is_exact and is_whole and not gaps,
        blocks_read=len(reading),
        blocks_matching=len(meeting),
        gaps=tuple(gaps[:GAPS_MAX]),
        gaps_total=len(gaps),
    )


def _meets(row: IndexRow, selector: Selector) -> bool:
    """Tell whether a block may hold records of the selector: by its time, then its addresses."""
    if row.first_ns > selector.end_ns + MARGIN_NS or row.last_ns < selector.start_ns - MARGIN_NS:
        return False
    if row.addresses is None:
        return True
    return all(
        not parties or any(may_hold(row.addresses, *address_halves(party)) for party in parties)
        for parties in (selector.near, selector.far)
    )


def _sample(rows: Sequence[IndexRow], *, key: int) -> list[IndexRow]:
    """Return the first two, the last two and a keyed choice, within `DECODE_BYTES_MAX`."""
    sizes = [row.end_offset - row.first_offset for row in rows]
    if sum(sizes) <= DECODE_BYTES_MAX:
        return list(rows)
    offsets = np.array([row.first_offset for row in rows], dtype=np.int64)
    order = [0, len(rows) - 1, 1, len(rows) - 2]
    order += [int(i) for i in np.argsort(keyed_hash(offsets, key=key), kind="stable")]
    chosen: set[int] = set()
    room = DECODE_BYTES_MAX
    for i in order:
        if 0 <= i < len(rows) and i not in chosen and sizes[i] <= room:
            chosen.add(i)
            room -= sizes[i]
    return [rows[i] for i in sorted(chosen)]


__all__ = ["RECORD", "LineMatcher", "Selected", "select"]
