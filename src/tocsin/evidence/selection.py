"""From selectors to records: read the matching blocks again, and keep what matches.

Only blocks whose time span meets a selector's are read. When the detections say that more
records match than would be kept, a keyed sample of the blocks (with the first and the last
ones) stands for all of them, so that collecting costs at most about `DECODE_BYTES_MAX` of
reading; the counts then come from the detections, which are exact.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from tocsin.evidence.blocks import MARGIN_NS, Blocks
from tocsin.evidence.keeping import RECORD, Bound, Keeper, keyed_hash
from tocsin.evidence.packets import match_packets
from tocsin.evidence.reading import Gap, read_row, read_together

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from tocsin.core.detection import Selector
    from tocsin.evidence.reading import IndexRow, Source

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

    def first(self, most: int) -> Selected:
        """Return the same with the bytes of its first records only."""
        return replace(self, data=self.data[:most])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one incident wants of a source.

    ``expected`` is how many records the detections counted: beyond ``bound.records_max``
    blocks are sampled, and it is what ``matched`` says.
    """

    selectors: Sequence[Selector]
    expected: int = 0
    bound: Bound = field(default_factory=Bound)


def select(source: Source, wanted: Sequence[Wanted], *, lines: LineMatcher) -> list[Selected]:
    """Collect what each of ``wanted`` describes; a block that several ask for is read once.

    Selectors of other sources are left out. Raises nothing for bytes that changed or went away:
    see `Selected.gaps`.
    """
    blocks = Blocks(source.index)
    gatherings = [_Gathering(source, one, blocks, lines) for one in wanted]
    asked = frozenset[int]().union(*(gathering.reading for gathering in gatherings))
    rows = [source.index[number] for number in sorted(asked)]
    for start, end, data in _stretches(source, rows):
        for gathering in gatherings:
            gathering.take(start=start, end=end, data=data)
    return [gathering.selected() for gathering in gatherings]


def _stretches(source: Source, rows: Sequence[IndexRow]) -> Iterator[tuple[int, int, bytes | Gap]]:
    """Yield (begin, end, bytes or gap): a capture by blocks, a log by as much as adjoins."""
    if source.medium == "packets":
        for row in rows:
            yield row.first_offset, row.end_offset, read_row(source, row)
        return
    for start, data in read_together(source, rows):
        yield start, data.end_offset if isinstance(data, Gap) else start + len(data), data


class _Gathering:
    """What one incident keeps of a source; ``reading`` are the numbers of its blocks."""

    def __init__(self, source: Source, wanted: Wanted, blocks: Blocks, lines: LineMatcher) -> None:
        self._source, self._wanted = source, wanted
        self._own = [one for one in wanted.selectors if one.source == source.name]
        self._meeting = blocks.meeting(self._own)
        chosen: Sequence[int] = range(len(self._meeting))
        if wanted.expected > wanted.bound.records_max:
            rows = [source.index[number] for number in self._meeting]
            chosen = _sample(rows, key=wanted.bound.key)
        self.reading = frozenset(self._meeting[place] for place in chosen)
        self._rows = [source.index[self._meeting[place]] for place in chosen]
        self._keeper = Keeper(wanted.bound)
        self._gaps: list[Gap] = []
        self._find_lines = lines(self._own)
        self._next = 0  # of its rows

    def take(self, *, start: int, end: int, data: bytes | Gap) -> None:
        """Keep what matches of a stretch of the source that is whole blocks."""
        rows: list[IndexRow] = []
        while self._next < len(self._rows) and self._rows[self._next].end_offset <= end:
            rows.append(self._rows[self._next])
            self._next += 1
        for first, last in _runs(rows):
            if isinstance(data, Gap):
                self._gaps.append(Gap(first.first_offset, last.end_offset, data.reason))
                continue
            part = data[first.first_offset - start : last.end_offset - start]
            if self._source.medium == "packets":
                found = match_packets(part, row=first, selectors=self._own, margin_ns=MARGIN_NS)
            else:
                found = self._find_lines(part, base=first.first_offset)
            self._keeper.add(*found)

    def selected(self) -> Selected:
        """Return what was kept, and what is to be said of it."""
        keeper, is_whole = self._keeper, len(self.reading) == len(self._meeting)
        return Selected(
            source=self._source.name,
            medium=self._source.medium,
            rows=keeper.rows,
            data=tuple(keeper.data),
            matched=keeper.seen if is_whole else max(self._wanted.expected, keeper.seen),
            is_exact=keeper.is_exact and is_whole and not self._gaps,
            blocks_read=len(self.reading),
            blocks_matching=len(self._meeting),
            gaps=tuple(self._gaps[:GAPS_MAX]),
            gaps_total=len(self._gaps),
        )


def _runs(rows: Sequence[IndexRow]) -> Iterator[tuple[IndexRow, IndexRow]]:
    """Yield the first and the last row of each run that adjoins."""
    begin = 0
    for number in range(1, len(rows) + 1):
        if number == len(rows) or rows[number].first_offset != rows[number - 1].end_offset:
            yield rows[begin], rows[number - 1]
            begin = number


def _sample(rows: Sequence[IndexRow], *, key: int) -> list[int]:
    """Return the first two, the last two and a keyed choice, within `DECODE_BYTES_MAX`."""
    sizes = [row.end_offset - row.first_offset for row in rows]
    if sum(sizes) <= DECODE_BYTES_MAX:
        return list(range(len(rows)))
    offsets = np.array([row.first_offset for row in rows], dtype=np.int64)
    order = [0, len(rows) - 1, 1, len(rows) - 2]
    order += [int(i) for i in np.argsort(keyed_hash(offsets, key=key), kind="stable")]
    chosen: set[int] = set()
    room = DECODE_BYTES_MAX
    for i in order:
        if 0 <= i < len(rows) and i not in chosen and sizes[i] <= room:
            chosen.add(i)
            room -= sizes[i]
    return sorted(chosen)


__all__ = ["RECORD", "LineMatcher", "Selected", "Wanted", "select"]
