"""The packet lane: from the bytes of one capture to trips, windows and flows.

Whole records are decoded in place, `BATCH_PACKETS` at a time so that their rows stay in
the processor's cache; a record that a block cuts is kept and stitched, it alone.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.core.errors import InputError, OutOfOrderError
from tocsin.features import packet_trips
from tocsin.features.capture_index import CaptureIndex
from tocsin.features.lane import LaneStats, LaneYield
from tocsin.features.payloads import payloads
from tocsin.kernels import decode, flow_table, fragments, framing, layouts
from tocsin.kernels import packets as pk
from tocsin.kernels import panes as pn
from tocsin.kernels.packet_tables import BATCH_PACKETS, packet_state, packet_tables
from tocsin.kernels.surges import TRIPS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tocsin.core.inputs import Block
    from tocsin.core.messages import Message
    from tocsin.core.parameters import Parameters
    from tocsin.features.lane import Beside, BlockRow
    from tocsin.features.payloads import Conversations

RING = 4  # batches of rows: one is decoded, the others wait to be counted
_OUTPUTS = (pn.SPIKES, pn.GROUPS, pn.FLOODS, pn.GUESSES, pn.WINDOWS, pn.FLOWS)
_NOTHING = LaneYield(
    np.zeros(0, dtype=layouts.PACKET_TRIP),
    np.zeros(0, dtype=layouts.TARGET_WINDOW),
    np.zeros(0, dtype=layouts.FLOW),
)
_STITCH_BYTES = 128 << 10
_REASONS = {
    framing.TOO_LONG: f"is more than {framing.RECORD_BYTES_MAX:,} bytes",
    framing.NOT_A_CAPTURE: "the bytes are no capture header",
    framing.BAD_BLOCK: "a block is malformed",
    framing.TOO_MANY_INTERFACES: f"more than {framing.INTERFACES_MAX:,} interfaces, or more than"
    f" {framing.KINDS_MAX} that differ in link type, clock or snap length",
}


def _read_only(data: bytes | bytearray | memoryview) -> NDArray[np.uint8]:
    """View bytes as the kernels take them: one form, so that they are compiled once."""
    buffer = np.frombuffer(data, dtype=np.uint8)
    buffer.flags.writeable = False
    return buffer


def _joined(parts: list[NDArray[np.void]]) -> NDArray[np.void]:
    return np.concatenate(parts) if len(parts) > 1 else parts[0]


class PacketLane:
    """Carry one capture's framing, tables, counts and index.

    ``conversations`` reads the payloads that are marked; without one none is read. With
    ``beside`` batches are counted in a thread of its own while the next ones are decoded
    (batch only): a block's buffer must stay as it is until the next but one is fed.
    ``damage`` is set when the capture can't be walked on (what came before has been
    used); later bytes are then ignored. Memory: the tables of `packet_tables`, about 2 MB
    of rows, one record of at most 4 MiB.
    """

    def __init__(
        self,
        source: str,
        *,
        parameters: Parameters,
        live: bool = False,
        flows_wanted: bool = False,
        since_ns: int | None = None,
        until_ns: int | None = None,
        conversations: Conversations | None = None,
        beside: Beside | None = None,
    ) -> None:
        self.source = source
        self._beside = beside
        self._handover = nullcontext() if beside is None else beside.lock
        self._conversations = conversations
        self._messages: list[Message] = []
        self.stats = LaneStats()
        self.damage: InputError | None = None
        self._parameters = parameters
        self._tables = packet_tables(
            parameters,
            is_live=live,
            flows_wanted=flows_wanted,
            since_ns=pn.NEVER_NS if since_ns is None else since_ns,
            until_ns=np.iinfo(np.int64).max if until_ns is None else until_ns,
        )
        self._state = packet_state()
        self._framing = framing.fresh_framing()
        self._packets = np.zeros(BATCH_PACKETS, dtype=framing.PACKET)
        self._ring = [np.zeros(BATCH_PACKETS, dtype=decode.DECODED) for _ in range(RING)]
        self._rows = self._ring[0]
        self._fragments = fragments.fresh_fragments()
        self._odd = np.zeros(len(decode.ODD), dtype=np.int64)
        self._tail = b""
        self._tail_offset = 0
        self._index = CaptureIndex()
        self._found: list[LaneYield] = []

    @property
    def watermark_ns(self) -> int:
        """Nothing earlier can still come out: all panes before the open one are closed."""
        return int(max(self._state[pn.PANE], 0)) * pn.PANE_NS

    @property
    def index(self) -> list[BlockRow]:
        """Rows of what was read, the unfinished one included."""
        return self._index.all()

    def feed(self, block: Block) -> None:
        """Take the next bytes of the source, any cut; raises `OutOfOrderError` (batch)."""
        if self.damage is not None:
            return
        buffer = _read_only(block.data)
        start = self._stitch(buffer, block.offset) if self._tail else 0
        if start < 0:
            return
        done = self._walk(buffer, start=start, base=block.offset)
        self._tail = buffer[done:].tobytes()
        self._tail_offset = block.offset + done
        if self._beside is not None:
            self._beside.end_block()

    def _stitch(self, buffer: NDArray[np.uint8], offset: int) -> int:
        """Complete the kept record; return where the rest of the buffer begins, -1: nowhere."""
        kept = len(self._tail)
        for taken in (min(_STITCH_BYTES, len(buffer)), len(buffer)):
            joined = np.frombuffer(self._tail + buffer[:taken].tobytes(), dtype=np.uint8)
            done = self._walk(joined, start=0, base=self._tail_offset, one_pass=True)
            if done >= kept:
                self._tail = b""
                return done - kept
            if done:
                self._tail = self._tail[done:]
                self._tail_offset += done
                kept -= done
        self._tail += buffer.tobytes()
        del offset
        return -1

    def _walk(
        self, buffer: NDArray[np.uint8], *, start: int, base: int, one_pass: bool = False
    ) -> int:
        """Decode and count whole records from ``start`` on; return where the rest begins."""
        position, status = start, framing.FULL
        while status == framing.FULL and self.damage is None:
            before = self._framing.copy()
            n, position, status = framing.walk(
                buffer, position, len(buffer), base, self._framing, self._packets, BATCH_PACKETS
            )
            if n:
                packets = self._packets[:n]
                self._decode(buffer, packets)
                self._index.add(
                    packets,
                    end_offset=base + position,
                    framing=before,
                    after=self._framing,
                    decoded=self._rows,
                )
                self._note(n, packets["ts_ns"])
                self._hand_on(buffer, n)
            if status in _REASONS:
                self.damage = self._damaged(status, buffer, position, base=base)
            if one_pass and status != framing.FULL:
                break
        return position

    def _damaged(
        self, status: int, buffer: NDArray[np.uint8], position: int, *, base: int
    ) -> InputError:
        reason = _REASONS[status]
        if status == framing.TOO_LONG:
            record = buffer[position : position + 16].tobytes()
            reason = f"record length {framing.claimed_bytes(record, self._framing):,} {reason}"
        return InputError(reason, path=self.source, offset=base + position)

    def _note(self, n: int, *times: NDArray[np.int64]) -> None:
        stats = self.stats
        low, high = int(min(t.min() for t in times)), int(max(t.max() for t in times))
        stats.first_ns = low if stats.first_ns is None else min(stats.first_ns, low)
        stats.last_ns = high if stats.last_ns is None else max(stats.last_ns, high)
        stats.records += n

    def _decode(self, buffer: NDArray[np.uint8], packets: NDArray[np.void]) -> None:
        is_marked = decode.decode(buffer, packets, len(packets), self._rows)
        with np.errstate(over="ignore"):
            if is_marked:
                key = self._tables.key[0]
                fragments.attribute(self._rows, len(packets), self._fragments, key, self._odd)
            flow_table.place(self._rows, len(packets), self._tables.key[0])

    def _hand_on(self, buffer: NDArray[np.uint8], n: int) -> None:
        """Count a decoded batch, at once or beside the decoding of the next one."""
        if self._beside is None:
            self._observe(buffer, self._rows, n)
            return
        self._beside.begin(self._observe, buffer, self._rows, n)
        self._ring.append(self._ring.pop(0))
        self._rows = self._ring[0]

    def _observe(self, buffer: NDArray[np.uint8], rows: NDArray[np.void], n: int) -> None:
        first = 0
        while first < n:
            with np.errstate(over="ignore"):  # hashes wrap round; matters in plain Python only
                taken, status = pk.observe(buffer, rows, first, n, self._tables, self._state)
            first += taken
            self._read_marks(buffer, rows)
            if status == pk.OUTPUT_FULL:
                self._collect()
            elif status == pk.OUT_OF_ORDER:
                raise OutOfOrderError(
                    source=self.source,
                    offset=int(rows[first]["offset"]),
                    step_back_ns=int(self._state[pn.STEP_NS]),
                )
        if self._beside is not None:
            self._collect()

    def _read_marks(self, buffer: NDArray[np.uint8], rows: NDArray[np.void]) -> None:
        """Hand the payloads that the kernel marked to their readers."""
        n = int(self._state[pn.MARKS])
        self._state[pn.MARKS] = 0
        if n and self._conversations is not None:
            found = list(self._conversations.read(payloads(self._tables.marks[:n], rows, buffer)))
            with self._handover:
                self._messages += found

    def feed_sorted(self, data: memoryview) -> None:
        """Take a whole capture at once, its packets in order of (time, place)."""
        buffer = _read_only(data)
        parts, position, status = [], 0, framing.FULL
        while status == framing.FULL:
            before = self._framing.copy()
            n, position, status = framing.walk(
                buffer, position, len(buffer), 0, self._framing, self._packets, BATCH_PACKETS
            )
            if n:
                part = self._packets[:n].copy()
                self._index.add(
                    part,
                    end_offset=position,
                    framing=before,
                    after=self._framing,
                    decoded=self._rows,
                    is_decoded=False,
                )
                self._note(n, part["ts_ns"])
                parts.append(part)
        if status in _REASONS:
            self.damage = self._damaged(status, buffer, position, base=0)
        self._tail, self._tail_offset = bytes(data[position:]), position
        whole = np.concatenate(parts) if parts else self._packets[:0]
        order = np.argsort(whole["ts_ns"], kind="stable")
        for first in range(0, len(order), BATCH_PACKETS):
            part = whole[order[first : first + BATCH_PACKETS]]
            self._decode(buffer, part)
            self._hand_on(buffer, len(part))

    def settle(self) -> None:
        """Wait until what was handed on has been counted."""
        if self._beside is not None:
            self._beside.settle()

    def advance(self, now_ns: int) -> None:
        """Let time move on while the source is idle."""
        self.settle()
        with np.errstate(over="ignore"):
            pk.conclude(self._tables, self._state, now_ns, 0)

    def finish(self) -> None:
        """End the source: every window closes, every flow and episode is given out."""
        self.settle()
        if self._beside is not None:
            self._beside.close()
        if self._tail and self.damage is None:
            self.damage = InputError(
                f"ends inside a record, {len(self._tail):,} bytes of it are there",
                path=self.source,
                offset=self._tail_offset,
            )
        with np.errstate(over="ignore"):
            while pk.conclude(self._tables, self._state, 0, 1) == pk.OUTPUT_FULL:
                self._collect()
        self._collect()
        for part in self._found:  # what an open pane decided is known at the last record
            np.minimum(part.trips["at_ns"], self._state[pn.CLOCK_NS], out=part.trips["at_ns"])

    def take(self) -> LaneYield:
        """Return what was found since the last take, trips in time order."""
        if self._beside is None or not self._beside.is_open:
            self._collect()
        with self._handover:
            messages, self._messages = self._messages, []
            found, self._found = self._found, []
        if not found:
            return replace(_NOTHING, messages=messages) if messages else _NOTHING
        trips = _joined([part.trips for part in found])
        order = np.lexsort((trips["code"], trips["offset"], trips["at_ns"]))
        windows = _joined([part.windows for part in found])
        by_start = np.lexsort((windows["lo"], windows["hi"], windows["start_ns"]))
        flows = _joined([part.flows for part in found])
        return LaneYield(trips[order], windows[by_start], flows, messages)

    def _collect(self) -> None:
        """Empty the kernel's outputs into rows of the common layouts."""
        tables, state, parameters = self._tables, self._state, self._parameters
        self._count()
        surges = tables.surge_trips[: tables.surging[TRIPS]]
        if not any(state[slot] for slot in _OUTPUTS) and not len(surges):
            return
        parts = [tables.spike_trips[: state[pn.SPIKES]].copy()]
        if state[pn.GROUPS]:
            groups = tables.group_trips[: state[pn.GROUPS]]
            parts.append(packet_trips.scan_trips(groups, parameters))
        if state[pn.FLOODS]:
            floods = tables.flood_trips[: state[pn.FLOODS]]
            parts.append(packet_trips.flood_trips(floods, parameters))
        if state[pn.GUESSES]:
            guesses = tables.guess_trips[: state[pn.GUESSES]]
            parts.append(packet_trips.guess_trips(guesses, parameters))
        if len(surges):
            parts.append(packet_trips.surge_trips(surges))
            tables.surging[TRIPS] = 0
        trips = _joined(parts)
        windows = tables.windows[: state[pn.WINDOWS]].copy()
        flows = _NOTHING.flows
        if state[pn.FLOWS]:
            flows = packet_trips.flows_of(tables.flows_out[: state[pn.FLOWS]])
        with self._handover:
            self._found.append(LaneYield(trips, windows, flows))
        tables.spike_trips[: state[pn.SPIKES]] = np.zeros(1, dtype=layouts.PACKET_TRIP)
        for slot in _OUTPUTS:
            state[slot] = 0

    def _count(self) -> None:
        stats, state = self.stats, self._state
        stats.events = stats.packets = int(state[pn.EVENTS])
        stats.filtered = int(state[pn.FILTERED])
        stats.late, stats.disorder = int(state[pn.LATE]), int(state[pn.DISORDER])
        stats.unread = int(state[pn.UNREAD])
        stats.bytes, stats.flows = int(state[pn.BYTES]), int(state[pn.FLOWS_TOTAL])
        counts = enumerate(self._tables.weird.tolist())
        stats.weird = {decode.WEIRD[code]: count for code, count in counts if count}
        counts = enumerate(self._odd.tolist())
        stats.odd = {decode.ODD[bit]: count for bit, count in counts if count}

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps, as arrays and plain values."""
        self.settle()
        return {
            "tables": {name: array.copy() for name, array in self._tables._asdict().items()},
            "state": self._state.copy(),
            "framing": self._framing.copy(),
            "fragments": self._fragments.copy(),
            "odd": self._odd.copy(),
            "tail": np.frombuffer(self._tail, dtype=np.uint8).copy(),
            "tail_offset": self._tail_offset,
            "index": self._index.state(),
            "stats": replace(self.stats, weird=dict(self.stats.weird), odd=dict(self.stats.odd)),
            "conversations": self._conversations.state() if self._conversations else [],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        for name, array in state["tables"].items():
            getattr(self._tables, name)[:] = array
        self._state[:] = state["state"]
        self._framing[:] = state["framing"]
        self._fragments[:], self._odd[:] = state["fragments"], state["odd"]
        self._tail, self._tail_offset = state["tail"].tobytes(), state["tail_offset"]
        self._index.restore(state["index"])
        self.stats = state["stats"]
        if self._conversations is not None:
            self._conversations.restore(state["conversations"])
