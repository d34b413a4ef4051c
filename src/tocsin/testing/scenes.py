"""Scenes and a way to run them: streams in, incidents in their final state out.

A *scene* is a few streams (captures, logs). A *way to run* is any callable that takes
streams and cuts and gives a `Result`; `EngineRun` is the engine's own. The laws of
`tocsin.testing.laws` are stated over ways to run, so that a plugin, or a double that
breaks a law on purpose, is tested by the same functions.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

from tocsin.core.commands import OpenIncident, UpdateIncident
from tocsin.core.errors import OutOfOrderError
from tocsin.core.inputs import Block, SourceStatus
from tocsin.core.parameters import Parameters
from tocsin.core.times import NS_PER_S
from tocsin.detect.registry import detector_classes
from tocsin.pipeline.engine import Engine
from tocsin.pipeline.wiring import Wiring
from tocsin.testing import captures, logs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tocsin.core.commands import Command
    from tocsin.core.detection import Detection
    from tocsin.core.incident import Incident
    from tocsin.features.lane import LaneStats
    from tocsin.incidents.accounts import Accounts

START_NS = int(captures.START_S) * NS_PER_S
ATTACKER = "203.0.113.9"


@dataclass(frozen=True, slots=True)
class Stream:
    """All bytes of one source; ``medium`` is "packets" or "log"."""

    source: str
    medium: str
    data: bytes
    site: str = "site"


@dataclass(slots=True)
class Result:
    """What a run gave: incidents in their final state by id, and the books."""

    incidents: dict[str, Incident] = field(default_factory=dict)
    detections: list[Detection] = field(default_factory=list)
    stats: dict[str, LaneStats] = field(default_factory=dict)
    accounts: Accounts | None = None

    def printed(self) -> list[dict[str, Any]]:
        """Return the incidents as a person gets them, ordered by first_seen and id."""
        ordered = sorted(self.incidents.values(), key=lambda one: (one.first_ns, one.id))
        return [one.to_json() for one in ordered]

    def perform(self, commands: Iterable[Command]) -> None:
        """Keep the last state of each incident."""
        for command in commands:
            match command:
                case OpenIncident(incident) | UpdateIncident(incident):
                    self.incidents[incident.id] = incident
                case _:
                    pass


class Run(Protocol):
    """A way to run streams; ``cuts`` are byte offsets at which every stream is cut."""

    def __call__(self, streams: Sequence[Stream], *, cuts: Sequence[int] = ()) -> Result:
        """Return what the streams give, each cut at ``cuts``."""
        ...


def wiring(
    *, parameters: Parameters | None = None, detectors: Sequence[str] | None = None
) -> Wiring:
    """Return a wiring of every detector (or of those named), each rule decisive by itself."""
    names = list(detector_classes()) if detectors is None else list(detectors)
    return Wiring(
        parameters=parameters or Parameters(),
        rules=tuple((f"rule-{name}", name) for name in names),
        confirmations={},
        pages={},
        year=2026,
    )


def blocks_of(stream: Stream, cuts: Sequence[int]) -> Iterator[Block]:
    """Yield a stream as blocks; cuts outside of it are left out."""
    inside = sorted({cut for cut in cuts if 0 < cut < len(stream.data)})
    edges = [0, *inside, len(stream.data)]
    for first, last in pairwise(edges):
        yield Block(stream.source, stream.data[first:last], first)


@dataclass(frozen=True, slots=True)
class EngineRun:
    """Run streams through the engine: as a replay (``is_live`` false) or as the daemon would.

    A replay reads one source after the other and holds all detections to the end; live,
    all sources are open at once and their blocks take turns. ``restarts`` are numbers of
    inputs after which the engine is thrown away and a fresh one goes on from its state.
    """

    wiring: Wiring = field(default_factory=wiring)
    is_live: bool = False
    restarts: frozenset[int] = frozenset()

    def __call__(self, streams: Sequence[Stream], *, cuts: Sequence[int] = ()) -> Result:
        """Return what the streams give, each cut at ``cuts``."""
        result = Result()
        try:
            engine = self._drive(self._order(streams, cuts), result)
        except OutOfOrderError:
            result = Result()
            engine = self._sorted(streams, result)
        result.perform(engine.finish())
        result.stats.update({name: ended.stats for name, ended in engine.ended.items()})
        result.accounts = engine.accounts
        return result

    def engine(self, result: Result) -> Engine:
        """Return a fresh engine that notes its detections in ``result``."""
        engine = Engine(self.wiring, hold=not self.is_live, live=self.is_live)
        engine.detections = result.detections
        return engine

    def _drive(self, inputs: Iterable[Block | SourceStatus], result: Result) -> Engine:
        engine = self.engine(result)
        for number, item in enumerate(inputs, start=1):
            result.perform(engine.feed(item))
            if number in self.restarts:
                state = copy.deepcopy(engine.state())
                result.stats.update({name: ended.stats for name, ended in engine.ended.items()})
                engine = self.engine(result)
                engine.restore(state)
        return engine

    def _order(
        self, streams: Sequence[Stream], cuts: Sequence[int]
    ) -> Iterator[Block | SourceStatus]:
        if not self.is_live:
            for stream in streams:
                yield _opened(stream)
                yield from blocks_of(stream, cuts)
                yield SourceStatus(stream.source, "ended")
            return
        yield from map(_opened, streams)
        waiting = [blocks_of(stream, cuts) for stream in streams]
        while waiting:
            for blocks in list(waiting):
                block = next(blocks, None)
                if block is None:
                    waiting.remove(blocks)
                else:
                    yield block

    def _sorted(self, streams: Sequence[Stream], result: Result) -> Engine:
        """Start again as the replay driver does, captures in time order."""
        engine = self.engine(result)
        for stream in streams:
            result.perform(engine.feed(_opened(stream)))
            if stream.medium == "packets":
                engine.feed_sorted(stream.source, memoryview(stream.data))
            else:
                for block in blocks_of(stream, ()):
                    result.perform(engine.feed(block))
            result.perform(engine.feed(SourceStatus(stream.source, "ended")))
        return engine


def _opened(stream: Stream) -> SourceStatus:
    return SourceStatus(stream.source, "opened", stream.medium, stream.site, time_ns=START_NS)


def capture(packets: Iterable[captures.Framed], *, source: str = "capture.pcap") -> Stream:
    """Return packets as a capture, in order of time."""
    ordered = sorted(packets, key=lambda packet: packet.at_s)
    return Stream(source, "packets", captures.pcap(ordered))


def log(lines: Iterable[bytes], *, source: str = "auth.log") -> Stream:
    """Return lines as a log, in the order given."""
    return Stream(source, "log", b"".join(lines))


def moved(packets: Sequence[captures.Packet], stamps: Mapping[int, float]) -> bytes:
    """Return a capture of the packets as they stand, some with another stamp (seconds)."""
    return captures.pcap(
        replace(packet, at_s=stamps.get(n, packet.at_s)) for n, packet in enumerate(packets)
    )


def scanned_web_server() -> list[captures.Packet]:
    """Return two calm minutes with a vertical scan of 60 ports at 5 s and a flood at 70 s."""
    packets = [
        *captures.calm_web(seconds=100),
        *captures.port_scan(at_s=5.0, ports=60),
        *captures.syn_flood(at_s=70.0, packets=600, rate_s=1000.0),
    ]
    return sorted(packets, key=lambda packet: packet.at_s)


def entered_host() -> list[bytes]:
    """Return 40 refused passwords from 3 s on, one that fits at 50 s, and a far guesser."""
    return [
        *logs.guessing(at_s=3.0, failures=40),
        logs.accepted(50.0, source=ATTACKER, port=40_100),
        *logs.guessing(at_s=60.0, failures=9, source="198.51.100.77"),
    ]


def attacked_site() -> tuple[Stream, Stream]:
    """Return the capture and the log of one site under attack."""
    return capture(scanned_web_server()), log(entered_host())


def guessed_ssh(*, tries: int = 40) -> tuple[Stream, Stream]:
    """Return one guessing attack as a capture and as the server's log, joined by ports."""
    packets: list[captures.Packet] = []
    lines: list[bytes] = []
    for n in range(tries):
        at_s, port = 3.0 + n, 40_000 + n
        packets += ssh_refusal(at_s, ATTACKER, port, "198.51.100.10")
        lines.append(logs.failed(at_s, source=ATTACKER, port=port))
    return capture(packets), log(lines)


def ssh_refusal(at_s: float, src: str, src_port: int, dst: str) -> list[captures.Packet]:
    """Return one short SSH connection of a refused password: about 2 kB in all."""
    push = captures.PSH | captures.ACK
    fin = captures.FIN | captures.ACK
    return [
        *captures.handshake(at_s, src, src_port, dst, 22),
        captures.Packet(at_s + 0.01, dst, 22, src, src_port, push, b"SSH-2.0-OpenSSH_9.6\r\n"),
        captures.Packet(at_s + 0.02, src, src_port, dst, 22, push, b"SSH-2.0-Go\r\n" + b"k" * 900),
        captures.Packet(at_s + 0.03, dst, 22, src, src_port, push, b"k" * 1000),
        captures.Packet(at_s + 0.5, src, src_port, dst, 22, fin),
        captures.Packet(at_s + 0.501, dst, 22, src, src_port, fin),
    ]
