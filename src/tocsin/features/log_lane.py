"""The log lane: from the bytes of one log to authentication trips.

Whole records are scanned in place; a record that a block cuts is kept (bounded) and
stitched, it alone. At most `BATCH_ROWS` records at a time pass from the scanner to the
authentication kernel, so that their rows stay in the processor's cache.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tocsin.core.parameters import Parameters
from tocsin.features.access_table import AccessTable
from tocsin.features.auth_table import AuthTable
from tocsin.features.lane import LaneStats, LaneYield
from tocsin.features.log_index import LogIndex
from tocsin.features.log_rhythm import LogRhythm
from tocsin.features.template_table import TemplateTable
from tocsin.features.web_amounts import WebAmountTable
from tocsin.kernels import layouts, log_counts, scanner
from tocsin.kernels.access_scan import AccessTexts
from tocsin.kernels.log_scan import BATCH_ROWS, LogTables, Scanner, Stamps, read_only
from tocsin.kernels.record_carry import RecordCarry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tocsin.core.inputs import Block
    from tocsin.core.messages import Message
    from tocsin.features.lane import Beside, BlockRow

_NO_WINDOWS = np.zeros(0, dtype=layouts.TARGET_WINDOW)
_NO_FLOWS = np.zeros(0, dtype=layouts.FLOW)
_NOTHING = LaneYield(np.zeros(0, dtype=layouts.AUTH_TRIP), _NO_WINDOWS, _NO_FLOWS)


class RowReader(Protocol):
    """Reads what the scanner leaves; see `tocsin.parse.sparse_rows.SparseRows`."""

    def read(
        self, data: NDArray[np.uint8], rows: NDArray[np.void], told: NDArray[np.uint8]
    ) -> None:
        """Read what kernels left of ``rows``, filling them in place."""
        ...

    def take_messages(self) -> list[tuple[tuple[int, int], Message]]:
        """Return what was read since the last call, each with its place in the log's order."""
        ...

    def advance(self) -> None:
        """End every record that waits for more lines."""
        ...

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        ...

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        ...


LATE_NS = 2_000_000_000  # the lines of one record are written at once


class RuleReader(Protocol):
    """Hears what rules ask of dense lines; see `tocsin.pipeline.rule_lines.RuleLines`."""

    def read(
        self, data: NDArray[np.uint8], rows: NDArray[np.void], told: NDArray[np.uint8]
    ) -> None:
        """Read the lines that a rule may be about; leaves ``rows`` as they are."""
        ...

    def take_messages(self) -> list[Message]:
        """Return what was read since the last call."""
        ...

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        ...

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        ...


RING = 4  # batches of rows: one is scanned, the others wait to be counted


class LogLane:
    """Carry one log's scanner, authentication table, counts and index.

    ``fallback_ns`` is the time of stamps without a year, normally the file's modification
    time; ``newest`` is the (month, day) of the newest stamp when ``year`` is given. Memory:
    the authentication table (18 MB), 8 MB of rows, one record of at most 64 KiB. ``beside`` as
    in `tocsin.features.packet_lane.PacketLane`.
    """

    def __init__(
        self,
        source: str,
        *,
        tables: LogTables,
        parameters: Parameters | None = None,
        live: bool = False,
        year: int | None = None,
        zone: str = "UTC",
        fallback_ns: int = 0,
        newest: tuple[int, int] | None = None,
        since_ns: int | None = None,
        until_ns: int | None = None,
        beside: Beside | None = None,
        reader: RowReader | None = None,
        access_texts: AccessTexts | None = None,
        rule_reader: RuleReader | None = None,
    ) -> None:
        self.source = source
        self._reader = reader
        self._rule_reader = rule_reader
        self._beside = beside
        self.stats = LaneStats()
        self._live = live
        self._tables = tables
        stamps = Stamps(year=year, zone=zone, fallback_ns=fallback_ns, newest=newest)
        self._scanner = Scanner(tables, stamps=stamps)
        parameters = parameters or Parameters()
        self._access = AccessTable(
            access_texts or AccessTexts(), tables=tables, clock=self._scanner.clock,
            parameters=parameters,
        )  # fmt: skip
        self._auth = AuthTable(
            parameters, live=live, fallback_ns=fallback_ns, services=tables.services
        )
        self._rhythm = LogRhythm(parameters)
        self._amounts = WebAmountTable(parameters.sketch_key)
        self._templates = TemplateTable(parameters, live=live, fallback_ns=fallback_ns)
        self._span = (since_ns, until_ns) if since_ns is not None or until_ns is not None else None
        self._is_inside = since_ns is None
        self._carry = RecordCarry()
        self._index = LogIndex()
        self._ring = [np.zeros(BATCH_ROWS, dtype=scanner.LOG_ROW) for _ in range(RING)]

    @property
    def damage(self) -> None:
        """Any bytes are lines: a log is read to its end."""

    @property
    def watermark_ns(self) -> int:
        """Nothing earlier can still come out."""
        return self._auth.running_ns

    @property
    def index(self) -> list[BlockRow]:
        """One row per about 1 MiB, the unfinished one included."""
        return self._index.all()

    def feed(self, block: Block) -> None:
        """Take the next bytes of the source, any cut."""
        buffer = read_only(block.data)
        self.stats.bytes += len(buffer)
        if self._live and self._auth.has_begun:
            self._scanner.move_year(self._auth.running_ns)
        start = self._carry.join(buffer)
        whole = self._carry.whole()
        if whole is not None:
            self._scan(read_only(whole.data), offset=whole.offset, skipped=whole.skipped)
        if start < len(buffer):
            done = self._scan(buffer, start=start, offset=block.offset, is_whole=False)
            self._carry.keep(buffer[done:], block.offset + done)
        if self._beside is not None:
            self._beside.end_block()

    def finish(self) -> None:
        """Take the last record, though no line feed ends it, and end every episode."""
        whole = self._carry.flush()
        if whole is not None:  # its line feed is ours, not the source's
            self._scan(read_only(whole.data), offset=whole.offset, skipped=whole.skipped - 1)
        self.settle()
        if self._reader is not None:
            self._reader.advance()
        if self._beside is not None:
            self._beside.close()
        self._auth.finish()
        self._templates.finish()
        self._count_times()

    def settle(self) -> None:
        """Wait until what was handed on has been counted."""
        if self._beside is not None:
            self._beside.settle()

    def advance(self, now_ns: int) -> None:
        """Let time move on while the source is idle."""
        self.settle()
        if self._reader is not None and now_ns >= self.watermark_ns + LATE_NS:
            self._reader.advance()
        self._auth.advance(now_ns)
        if self._auth.has_begun:
            self._rhythm.advance(self._auth.running_ns)
        self._templates.advance(now_ns)

    def take(self) -> LaneYield:
        """Return what was found since the last take; beside another thread, only at the end."""
        if self._beside is not None and self._beside.is_open:
            return _NOTHING
        found = [
            ((one.offset, 1), one)
            for part in (self._access, self._rhythm, self._amounts, self._templates)
            for one in part.take_messages()
        ]
        if self._reader is not None:
            found += self._reader.take_messages()
        if self._rule_reader is not None:
            found += [((one.offset, 1), one) for one in self._rule_reader.take_messages()]
        found.sort(key=_order)
        messages = [one for _, one in found]
        return LaneYield(self._auth.take(), _NO_WINDOWS, _NO_FLOWS, messages)

    def _scan(
        self,
        buffer: NDArray[np.uint8],
        *,
        offset: int,
        start: int = 0,
        is_whole: bool = True,
        skipped: int = 0,
    ) -> int:
        """Scan records from ``start`` on; return the position after the last one.

        ``skipped`` is how many bytes of a single over-long record were not kept.
        """
        position = start
        while position < len(buffer):
            n, position = self._scanner.scan(
                buffer, self._ring[0], start=position, base=offset, is_last=is_whole
            )
            if n == 0:
                break
            rows, end_offset = self._ring[0][:n], offset + position + skipped
            if self._beside is None:
                self._observe(buffer, rows, end_offset)
            else:
                self._beside.begin(self._observe, buffer, rows, end_offset)
                self._ring.append(self._ring.pop(0))
        return position

    def _observe(self, buffer: NDArray[np.uint8], rows: NDArray[np.void], end_offset: int) -> None:
        """Count a batch of scanned records, the last of which ends at ``end_offset``."""
        told = self._access.read(buffer, rows)
        if self._rule_reader is not None:  # first: the other fills rows
            self._rule_reader.read(buffer, rows, told)
        if self._reader is not None:
            self._reader.read(buffer, rows, told)
        self._templates.mark(buffer, rows, told)
        self._index.add(rows, end_offset=end_offset)
        joined = _joined(rows)
        are_joined = bool(joined.any())
        self.stats.records += len(rows) - int(np.count_nonzero(joined))
        if self._span is not None:
            rows = self._within(rows, *self._span)
        self._count(rows[~_joined(rows)] if are_joined else rows)
        self._rhythm.observe(buffer, rows)
        self._amounts.observe(rows)
        self._templates.read(buffer, rows)
        self._auth.take_rows(buffer, rows, self._tables.roles)
        self._count_times()

    def _within(
        self, rows: NDArray[np.void], since_ns: int | None, until_ns: int | None
    ) -> NDArray[np.void]:
        """Return the rows of the span that was asked for; one without a stamp goes with the last.

        What is left out is only counted: nothing learns from it.
        """
        stamped = rows["has_stamp"] == 1
        inside = np.ones(len(rows), dtype=np.bool_)
        if since_ns is not None:
            inside &= rows["ts_ns"] >= since_ns
        if until_ns is not None:
            inside &= rows["ts_ns"] <= until_ns
        last = np.maximum.accumulate(np.where(stamped, np.arange(len(rows)), -1))
        inside = np.where(last >= 0, inside[last], self._is_inside)
        self._is_inside = bool(inside[-1])
        self.stats.filtered += int(np.count_nonzero(~inside & ~_joined(rows)))
        return np.asarray(rows[inside])

    def _count(self, rows: NDArray[np.void]) -> None:
        counts = log_counts.fresh_counts()
        log_counts.count(rows, len(rows), counts)
        stats = self.stats
        stats.events += int(counts[log_counts.WEIRD_AT + scanner.FINE])
        stats.untemplated += int(counts[log_counts.UNTEMPLATED])
        for code in np.flatnonzero(counts[log_counts.WEIRD_AT + 1 :]) + 1:
            reason = scanner.WEIRD[code]
            total = int(counts[log_counts.WEIRD_AT + code])
            stats.weird[reason] = stats.weird.get(reason, 0) + total
        if counts[log_counts.HAS_TIMES]:
            first, last = int(counts[log_counts.FIRST_NS]), int(counts[log_counts.LAST_NS])
            stats.first_ns = first if stats.first_ns is None else min(stats.first_ns, first)
            stats.last_ns = last if stats.last_ns is None else max(stats.last_ns, last)

    def _count_times(self) -> None:
        self.stats.late = self._auth.late
        self.stats.disorder = self._auth.disorder

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps, as arrays and plain values."""
        self.settle()
        return {
            "access": self._access.state(),
            "auth": self._auth.state(),
            "carry": self._carry.state(),
            "clock": self._scanner.clock.copy(),
            "index": self._index.state(),
            "is_inside": self._is_inside,
            "rhythm": self._rhythm.state(),
            "amounts": self._amounts.state(),
            "reader": None if self._reader is None else self._reader.state(),
            "rule_reader": None if self._rule_reader is None else self._rule_reader.state(),
            "templates": self._templates.state(),
            "stats": replace(self.stats, weird=dict(self.stats.weird)),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._access.restore(state["access"])
        self._auth.restore(state["auth"])
        self._carry.restore(state["carry"])
        self._templates.restore(state["templates"])
        self._scanner.clock[:] = state["clock"]
        self._index.restore(state["index"])
        self._rhythm.restore(state["rhythm"])
        self._amounts.restore(state["amounts"])
        self._is_inside = state["is_inside"]
        self.stats = state["stats"]
        if self._reader is not None and state["reader"] is not None:
            self._reader.restore(state["reader"])
        if self._rule_reader is not None and state["rule_reader"] is not None:
            self._rule_reader.restore(state["rule_reader"])


def _order(placed: tuple[tuple[int, int], Message]) -> tuple[int, int]:
    return placed[0]


def _joined(rows: NDArray[np.void]) -> NDArray[np.bool_]:
    return np.asarray(rows["mark"] == scanner.JOINED)
