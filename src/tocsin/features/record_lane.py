"""The flow lane: from the lines of one flow log to the trips that packets would give.

Flow logs are written when flows end, so they are out of order by start. All that a log
tells is held and sorted, up to `HELD_RECORDS` records; of a longer log, what is older than
one hour before the newest record (or, should that be too little, the older half) is
stepped then, and what comes later than that is counted as late (DESIGN, law 2).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tocsin.core.codec import message_from_plain, message_to_plain
from tocsin.core.flow_record import FLOW_RECORD
from tocsin.features.flow_packets import BANNER, packets_of
from tocsin.features.lane import LaneYield
from tocsin.features.log_index import LogIndex
from tocsin.features.packet_lane import PacketLane
from tocsin.kernels import flow_table, layouts
from tocsin.kernels.decode import DECODED
from tocsin.kernels.packet_tables import BATCH_PACKETS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tocsin.core.inputs import Block
    from tocsin.core.messages import Message
    from tocsin.core.parameters import Parameters
    from tocsin.features.lane import BlockRow

HELD_RECORDS, HELD_MESSAGES, RECORDS_AT_ONCE = 1 << 16, 1 << 16, 1 << 13
_LATENESS_NS = 3600 * 1_000_000_000
_KEPT_BYTES_MAX = (64 << 10) + 1
_STAMPED = np.dtype([("offset", "i8"), ("ts_ns", "i8"), ("has_stamp", "u1")])


class LineReader(Protocol):
    """Reads whole lines; see `tocsin.parse.flow_lines.FlowReader`."""

    weird: dict[str, int]
    records: int
    events: int
    columns: tuple[str, ...]
    kind: str
    messages: list[Message]
    separator: str

    def read(self, data: bytes, *, base: int) -> NDArray[np.void]:
        """Return a row (dtype `FLOW_RECORD`) per line that tells of a flow."""
        ...


class RecordLane(PacketLane):
    """Carry one flow log's reader, held packets, tables, counts and index.

    Memory: the tables of the packet lane, about 110 bytes for each record that is held and
    120 for each packet of an end that is yet to come.
    """

    def __init__(
        self,
        source: str,
        *,
        reader: LineReader,
        parameters: Parameters,
        since_ns: int | None = None,
        until_ns: int | None = None,
    ) -> None:
        super().__init__(source, parameters=parameters, live=True)  # late ones are counted
        self._reader = reader
        self._span = since_ns, until_ns
        self._line, self._line_offset = b"", 0
        self._new: list[NDArray[np.void]] = []
        self._new_total = 0
        self._waiting = np.zeros(0, dtype=FLOW_RECORD)  # by start
        self._held = np.zeros(0, dtype=DECODED)  # packets of later ends, by time
        self._told: list[Message] = []  # and not given out yet
        self._lines = LogIndex()
        self._banner = np.frombuffer(BANNER, dtype=np.uint8)

    @property
    def index(self) -> list[BlockRow]:
        """One row per about 1 MiB, the unfinished one included."""
        return self._lines.all()

    def feed(self, block: Block) -> None:
        """Take the next bytes of the source, any cut."""
        data = bytes(block.data)
        self.stats.bytes += len(data)
        if not self._line:
            self._line_offset = block.offset
        first = data.find(b"\n") + 1
        self._line = (self._line + (data[:first] if first else data))[:_KEPT_BYTES_MAX]
        if not first:
            return
        self._take_lines(self._line.removesuffix(b"\n"), self._line_offset)
        last = data.rfind(b"\n") + 1
        if last > first:
            self._take_lines(data[first : last - 1], block.offset + first)
        self._line, self._line_offset = data[last:][:_KEPT_BYTES_MAX], block.offset + last

    def _take_lines(self, data: bytes, base: int) -> None:
        rows = self._reader.read(data, base=base)
        self._count()
        self._hear()
        if len(rows) == 0:
            return
        stamped = np.zeros(len(rows), dtype=_STAMPED)
        stamped["offset"], stamped["ts_ns"], stamped["has_stamp"] = (
            rows["offset"],
            rows["start_ns"],
            1,
        )
        end = int(rows["offset"][-1] + rows["length"][-1])
        self._lines.add(stamped, end_offset=end)
        since_ns, until_ns = self._span
        inside = np.ones(len(rows), dtype=np.bool_)
        if since_ns is not None:
            inside &= rows["start_ns"] >= since_ns
        if until_ns is not None:
            inside &= rows["start_ns"] <= until_ns
        left_out = len(rows) - int(np.count_nonzero(inside))
        self.stats.filtered += left_out
        rows = rows[inside]
        if len(rows):
            self._note(0, rows["start_ns"], rows["end_ns"])
        self.stats.packets += int(rows["packets_out"].sum() + rows["packets_in"].sum())
        self.stats.flows += len(rows)
        self._hold(rows)

    def _hear(self) -> None:
        """Take over what lines said besides flows."""
        told, self._reader.messages = self._reader.messages, []
        since_ns, until_ns = self._span
        for message in told:
            if (since_ns is None or message.at_ns >= since_ns) and (
                until_ns is None or message.at_ns <= until_ns
            ):
                self._told.append(message)
        if len(self._told) >= HELD_MESSAGES:
            self._told.sort(key=_order)
            self._messages += self._told[: HELD_MESSAGES // 2]
            self._told = self._told[HELD_MESSAGES // 2 :]

    def _hold(self, rows: NDArray[np.void]) -> None:
        while self._new_total + len(rows) >= HELD_RECORDS:  # at fixed counts, however blocks cut
            room = HELD_RECORDS - self._new_total
            self._new.append(rows[:room])
            rows, self._new_total = rows[room:], 0
            records = self._sorted()
            newest_ns = int(records["start_ns"][-1])
            middle_ns = int(records["start_ns"][len(records) // 2])
            self._release(records, max(newest_ns - _LATENESS_NS, middle_ns))
        self._new.append(rows)
        self._new_total += len(rows)

    def _sorted(self) -> NDArray[np.void]:
        """Return all records that wait, by the start of their conversations."""
        records = np.concatenate([self._waiting, *self._new])
        self._new = []
        return records[np.lexsort((records["offset"], records["start_ns"]))]

    def _release(self, records: NDArray[np.void], until_ns: int) -> None:
        """Step all packets up to a time; keep the rest, and the records that begin later."""
        stop = int(np.searchsorted(records["start_ns"], until_ns, side="right"))
        for first in range(0, stop, RECORDS_AT_ONCE):
            last = min(first + RECORDS_AT_ONCE, stop)
            packets = np.concatenate([self._held, packets_of(records[first:last])])
            self._held = packets[np.argsort(packets["ts_ns"], kind="stable")]
            # What begins at the time of the next record waits for it.
            self._step(until_ns if last == stop else int(records["start_ns"][last]) - 1)
        if not stop:
            self._step(until_ns)
        self._waiting = records[stop:].copy()

    def _step(self, until_ns: int) -> None:
        packets = self._held
        stop = int(np.searchsorted(packets["ts_ns"], until_ns, side="right"))
        for first in range(0, stop, BATCH_PACKETS):
            part = packets[first : min(first + BATCH_PACKETS, stop)]
            self._rows[: len(part)] = part
            with np.errstate(over="ignore"):
                flow_table.place(self._rows, len(part), self._tables.key[0])
            self._observe(self._banner, self._rows, len(part))
        self._held = packets[stop:].copy()

    def _give_out(self, until_ns: int) -> None:
        self._told.sort(key=_order)
        stop = bisect_right(self._told, until_ns, key=lambda message: message.at_ns)
        self._messages += self._told[:stop]
        self._told = self._told[stop:]

    def advance(self, now_ns: int) -> None:
        """Let time move on while the source is idle."""
        self._give_out(now_ns - _LATENESS_NS)
        self._release(self._sorted(), now_ns - _LATENESS_NS)
        self._new_total = 0
        super().advance(now_ns - _LATENESS_NS)

    def finish(self) -> None:
        """Take the last line, step what is held, and end every episode."""
        if self._line:
            self._take_lines(self._line, self._line_offset)
            self._line = b""
        self._release(self._sorted(), np.iinfo(np.int64).max)
        self._give_out(np.iinfo(np.int64).max)
        super().finish()

    def take(self) -> LaneYield:
        """Return what was found since the last take; no rates of packets, which no record holds."""
        found = super().take()
        trips = found.trips
        rates = np.isin(trips["code"], (layouts.SPIKE, layouts.LEVEL_SHIFT))
        return LaneYield(trips[~rates], found.windows[:0], found.flows, found.messages)

    def _count(self) -> None:
        stats, reader = self.stats, self._reader
        stats.records = reader.records
        stats.weird = dict(reader.weird)
        stats.events = reader.events - stats.filtered

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps, as arrays and plain values."""
        reader = self._reader
        self._waiting, self._new_total = self._sorted(), 0
        return super().state() | {
            "held": self._held.copy(),
            "waiting": self._waiting.copy(),
            "line": (self._line, self._line_offset),
            "lines": self._lines.state(),
            "told": [message_to_plain(message) for message in self._told],
            "reader": (reader.kind, reader.columns, reader.separator, reader.records, reader.events,
                       dict(reader.weird)),
        }  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        super().restore(state | {"index": []})
        self._held, self._waiting = state["held"], state["waiting"]
        self._line, self._line_offset = state["line"]
        self._lines.restore(state["lines"])
        reader = self._reader
        self._told = [message_from_plain(plain) for plain in state["told"]]
        (reader.kind, reader.columns, reader.separator, reader.records, reader.events,
         weird) = state["reader"]  # fmt: skip
        reader.weird = dict(weird)


def _order(message: Message) -> tuple[int, int]:
    return message.at_ns, message.offset
