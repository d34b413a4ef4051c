"""The engine: inputs in, commands out; no clock, no files, no threads.

Live and replay feed the same engine; whatever differs between them is a driver's
business. Each source has a lane that turns bytes into trips and windows; detectors turn
those into detections. Detections go through one door, in the order of (time, source,
offset): with ``hold`` (batch: sources are read one after the other) it opens at `finish`;
live it opens after each input, so that no source waits for another.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tocsin.core.codec import detection_from_plain, detection_to_plain
from tocsin.core.commands import OpenIncident, PreserveEvidence, UpdateIncident
from tocsin.core.detection import Counts
from tocsin.core.errors import UsageError
from tocsin.core.inputs import Block, SourceStatus, Tick
from tocsin.core.log_messages import AskedEvent
from tocsin.core.messages import Message
from tocsin.detect.base import AUTH_TRIPS, MESSAGES, PACKET_TRIPS, WINDOWS
from tocsin.incidents.memory import casebook_to_plain, fill_casebook
from tocsin.pipeline.lanes import LaneOptions, open_lane

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from tocsin.core.commands import Command
    from tocsin.core.detection import Detection, Selector
    from tocsin.core.errors import InputError
    from tocsin.core.inputs import Input
    from tocsin.detect.base import Detector
    from tocsin.features.lane import BlockRow, LaneStats, LaneYield
    from tocsin.incidents.accounts import Accounts
    from tocsin.incidents.case import Case
    from tocsin.pipeline.lanes import Lane
    from tocsin.pipeline.wiring import Wiring

_TRIPS_OF = {"packets": PACKET_TRIPS, "flows": PACKET_TRIPS, "log": AUTH_TRIPS}
_Waiting = tuple[int, str, int, int, "Detection"]


@dataclass(slots=True)
class Source:
    """One open source: its lane, its own detectors, and the site it belongs to."""

    name: str
    medium: str
    site: str
    lane: Lane
    detectors: list[Detector]


@dataclass(frozen=True, slots=True)
class Ended:
    """What stays of a source when its lane is gone: counts, and the index for evidence."""

    medium: str
    site: str
    stats: LaneStats
    index: Sequence[BlockRow]
    damage: InputError | None = None


class Engine:
    """Carry lanes, detectors, confirm and casebook over a stream of inputs."""

    def __init__(self, wiring: Wiring, *, hold: bool, live: bool = False, threads: int = 1) -> None:
        self._wiring = wiring
        self._hold = hold
        self._live = live
        self._threads = threads
        self._open: dict[str, Source] = {}
        self._sites: dict[str, str] = {}
        self._heap: list[_Waiting] = []
        self._arrivals = 0
        self._confirm = wiring.confirm()
        self._casebook = wiring.casebook()
        self.ended: dict[str, Ended] = {}
        self.detections: list[Detection] | None = None  # kept when a driver asks for them

    @property
    def accounts(self) -> Accounts:
        """Where every detection went so far."""
        return self._casebook.accounts

    @property
    def sources(self) -> Mapping[str, Source]:
        """The open sources by name."""
        return self._open

    def feed(self, item: Input) -> Iterator[Command]:
        """Take one input and yield the commands that it decides.

        Raises `OutOfOrderError` when a capture steps back too far (batch only): the driver
        answers with `forget` and `feed_sorted`.
        """
        match item:
            case Block():
                source = self._open[item.source]
                source.lane.feed(item)
                self._take(source)
            case SourceStatus():
                self._status(item)
            case Tick():
                for source in self._open.values():
                    source.lane.advance(item.now_ns)
                    self._take(source)
            case _:
                pass  # Reconfigure, Shed and Verdict change nothing that this engine decides
        if not self._hold:
            self._release()
        yield from self._commands()

    def feed_sorted(self, source: str, data: memoryview) -> None:
        """Take a whole capture at once, its packets in time order (batch only)."""
        from tocsin.features.packet_lane import PacketLane

        lane = self._open[source].lane
        if not isinstance(lane, PacketLane):
            raise UsageError("only captures are read in time order", where=source)
        lane.feed_sorted(data)
        self._take(self._open[source])

    def forget(self, source: str) -> None:
        """Drop a source and all it gave: it will be opened and read again in another way."""
        self._open.pop(source, None)
        self._heap = [entry for entry in self._heap if entry[1] != source]
        heapq.heapify(self._heap)

    def settle(self, source: str) -> None:
        """Wait until all that was fed of a source has been counted; raises as `feed` does."""
        self._open[source].lane.settle()

    def withdraw(self) -> list[Detection]:
        """Return the detections that wait for `finish`, in their order, and keep none."""
        waiting, self._heap = sorted(self._heap, key=_heap_order), []
        return [entry[-1] for entry in waiting]

    def adopt(self, name: str, ended: Ended, detections: Iterable[Detection]) -> None:
        """Take over a source that another engine read to its end (batch only)."""
        self.ended[name] = ended
        self._sites[name] = ended.site
        for detection in detections:
            self._queue(detection)

    def finish(self) -> Iterator[Command]:
        """End every source, let every detection through, and yield the last commands."""
        for name in list(self._open):
            self._end(name)
        self._release()
        for finding in self._confirm.finish():
            self._casebook.file(finding, site=self._sites[finding.detection.source])
        yield from self._commands()

    def _status(self, item: SourceStatus) -> None:
        match item.state:
            case "opened":
                options = LaneOptions(
                    live=self._live, fallback_ns=item.time_ns, threads=self._threads
                )
                self._open[item.source] = Source(
                    item.source,
                    item.medium,
                    item.site,
                    open_lane(item, wiring=self._wiring, options=options),
                    self._wiring.detectors(medium=item.medium),
                )
                self._sites[item.source] = item.site
            case "ended":
                self._end(item.source)
            case "idle":
                source = self._open[item.source]
                source.lane.advance(source.lane.watermark_ns + item.time_ns)
                self._take(source)
            case _:
                pass  # rotated and dropped carry no time of their own

    def _end(self, name: str) -> None:
        source = self._open.pop(name)
        source.lane.finish()
        self._take(source)
        lane = source.lane
        self.ended[name] = Ended(source.medium, source.site, lane.stats, lane.index, lane.damage)

    def _take(self, source: Source) -> None:
        found = source.lane.take()
        messages = _Messages(found.messages)
        for detector in source.detectors:
            rows = (
                messages.heard_by(detector)
                if detector.wants == MESSAGES
                else _rows(found, detector.wants, source.medium)
            )
            if rows is not None and len(rows):
                for detection in detector.judge(rows, source=source.name):
                    is_of_flows = source.medium == "flows"
                    self._queue(_of_flow_records(detection) if is_of_flows else detection)

    def _queue(self, d: Detection) -> None:
        self._arrivals += 1
        heapq.heappush(self._heap, (d.detected_ns, d.source, d.offset, self._arrivals, d))

    def _release(self) -> None:
        while self._heap:
            detection = heapq.heappop(self._heap)[-1]
            if self.detections is not None:
                self.detections.append(detection)
            for finding in self._confirm.judge(detection):
                self._casebook.file(finding, site=self._sites[finding.detection.source])

    def _commands(self) -> Iterator[Command]:
        for case, is_new in self._casebook.take_changed():
            incident = case.snapshot(identity=self._casebook.identity, pages=self._wiring.pages)
            yield OpenIncident(incident) if is_new else UpdateIncident(incident)
            yield PreserveEvidence(case.id, selectors_of(case))

    def state(self) -> dict[str, Any]:
        """Return all that must survive a restart, as plain values and arrays."""
        return {
            "sources": {
                s.name: {
                    "medium": s.medium,
                    "site": s.site,
                    "lane": s.lane.state(),
                    "detectors": [d.state() for d in s.detectors],
                }
                for s in self._open.values()
            },
            "sites": dict(self._sites),  # of ended sources too: their detections may wait
            "casebook": casebook_to_plain(self._casebook),
            "confirm": self._confirm.state(),
            "waiting": [
                detection_to_plain(entry[-1]) for entry in sorted(self._heap, key=_heap_order)
            ],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave; the engine must be fresh."""
        for name, kept in state["sources"].items():
            self._status(SourceStatus(name, "opened", kept["medium"], kept["site"]))
            source = self._open[name]
            source.lane.restore(kept["lane"])
            for detector, memory in zip(source.detectors, kept["detectors"], strict=True):
                detector.restore(memory)
        self._sites.update(state["sites"])
        fill_casebook(self._casebook, state["casebook"])
        self._confirm.restore(state["confirm"])
        for plain in state["waiting"]:
            self._queue(detection_from_plain(plain))


def selectors_of(case: Case) -> tuple[Selector, ...]:
    """Return what evidence to collect: the widest selector per episode, in a fixed order."""
    chosen = dict.fromkeys(d.selector for d in case.details.values())
    return tuple(sorted(chosen, key=lambda s: (s.source, s.start_ns, s.first_offset, repr(s))))


def _of_flow_records(d: Detection) -> Detection:
    """Say of a detection that records of a flow log stand behind it, not packets."""
    selector = replace(d.selector, medium="flows")
    return replace(d, selector=selector, counts=Counts(events=d.counts.flows, flows=d.counts.flows))


def _heap_order(entry: _Waiting) -> tuple[int, str, int, int]:
    return entry[:4]


class _Messages:
    """The messages of one take, sorted out by the detectors that hear them."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._all = messages
        self._kinds = {type(one) for one in messages}
        self._heard: dict[tuple[type[Message], ...], Sequence[Message]] = {}

    def heard_by(self, detector: Detector) -> Sequence[Message]:
        """Return what a detector hears, in order; one that does not say what hears all.

        What only event rules ask for they alone hear of.
        """
        hears = getattr(detector, "hears", (Message,))
        if hears not in self._heard:
            kinds = {kind for kind in self._kinds if issubclass(kind, hears)}
            kinds -= {AskedEvent} - set(hears)
            self._heard[hears] = [one for one in self._all if type(one) in kinds] if kinds else ()
        return self._heard[hears]


def _rows(found: LaneYield, wants: str, medium: str) -> NDArray[np.void] | None:
    if wants == WINDOWS:
        return found.windows if medium == "packets" else None
    return found.trips if wants == _TRIPS_OF[medium] else None
