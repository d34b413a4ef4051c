"""Each law catches a double that breaks it on purpose; without these a law proves nothing."""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from tocsin.core.inputs import Block
from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.traffic_spike import TrafficSpike
from tocsin.features.lane import LaneStats
from tocsin.features.packet_lane import PacketLane
from tocsin.testing import captures, laws
from tocsin.testing.conformance import PACKET_CODES, packet_trip
from tocsin.testing.laws import LawBrokenError
from tocsin.testing.scenes import (
    START_NS,
    EngineRun,
    Result,
    Stream,
    capture,
    guessed_ssh,
    log,
    scanned_web_server,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from tocsin.core.detection import Detection

pytestmark = pytest.mark.timeout(300)

RUN = EngineRun()
NS = 1_000_000_000


def edges(stream: Stream, cuts: Sequence[int]) -> list[tuple[int, int]]:
    """Return the (first, last) of each block."""
    inside = sorted({cut for cut in cuts if 0 < cut < len(stream.data)})
    return list(itertools.pairwise([0, *inside, len(stream.data)]))


def records(data: bytes) -> list[tuple[int, int]]:
    """Return the (first, last) of each record of a capture."""
    found, at = [], 24
    while at < len(data):
        end = at + 16 + int.from_bytes(data[at + 8 : at + 12], "little")
        found.append((at, end))
        at = end
    return found


def drops_the_tail(streams: Sequence[Stream], *, cuts: Sequence[int] = ()) -> Result:
    """Run, but lose the record that a block's end cuts."""
    kept = []
    for stream in streams:
        torn = {edge for _, edge in edges(stream, cuts)}
        parts = [stream.data[:24]]
        for first, last in records(stream.data):
            if not any(first < edge < last for edge in torn):
                parts.append(stream.data[first:last])
        kept.append(replace(stream, data=b"".join(parts)))
    return RUN(kept)


def restamped(streams: Sequence[Stream], *, cuts: Sequence[int] = ()) -> Result:
    """Run, but give every record the newest time of the block that it begins in."""
    bent = []
    for stream in streams:
        data = bytearray(stream.data)
        for first, last in edges(stream, cuts):
            inside = [at for at, _ in records(stream.data) if first <= at < last]
            newest = max(_stamp(stream.data, at) for at in inside) if inside else 0
            for at in inside:
                data[at : at + 4] = (newest // NS).to_bytes(4, "little")
                data[at + 4 : at + 8] = (newest % NS).to_bytes(4, "little")
        bent.append(replace(stream, data=bytes(data)))
    return RUN(bent)


def _stamp(data: bytes, at: int) -> int:
    seconds = int.from_bytes(data[at : at + 4], "little")
    return seconds * NS + int.from_bytes(data[at + 4 : at + 8], "little")


def reads_in_file_order(streams: Sequence[Stream], *, cuts: Sequence[int] = ()) -> Result:
    """Run, but never sort: what steps back comes late and keeps the newest time."""
    return EngineRun(is_live=True)(streams, cuts=cuts)


def believes_every_stamp(streams: Sequence[Stream], *, cuts: Sequence[int] = ()) -> Result:
    """Run, but take every record in the order of its own stamp, whatever it claims."""
    placed = []
    for stream in streams:
        data = stream.data
        ordered = sorted(records(data), key=lambda record: _stamp(data, record[0]))
        parts = [data[first:last] for first, last in ordered]
        placed.append(replace(stream, data=data[:24] + b"".join(parts)))
    return RUN(placed, cuts=cuts)


def drops_the_late(streams: Sequence[Stream], *, cuts: Sequence[int] = ()) -> Result:
    """Run, but lose every record that steps back in time, however little."""
    kept = []
    for stream in streams:
        parts, newest = [stream.data[:24]], 0
        for first, last in records(stream.data):
            if _stamp(stream.data, first) >= newest:
                parts.append(stream.data[first:last])
                newest = _stamp(stream.data, first)
        kept.append(replace(stream, data=b"".join(parts)))
    return RUN(kept, cuts=cuts)


def test_dropping_the_tail_of_a_block_breaks_the_cut() -> None:
    with pytest.raises(LawBrokenError, match="law of cut"):
        laws.check_cut(drops_the_tail, [capture(scanned_web_server())], cuts=range(5000, 9000, 50))


def test_taking_the_newest_time_of_a_batch_breaks_the_cut() -> None:
    with pytest.raises(LawBrokenError, match="law of cut"):
        laws.check_cut(restamped, [capture(scanned_web_server())], cuts=[4000, 9000, 40_000])


def test_believing_a_lone_jump_breaks_the_law_of_time() -> None:
    with pytest.raises(LawBrokenError, match="law of time"):
        laws.check_lone_jump(believes_every_stamp, scanned_web_server(), at=45)


def test_dropping_what_steps_back_a_little_breaks_the_law_of_time() -> None:
    packets = captures.port_scan(at_s=5.0, ports=60)

    with pytest.raises(LawBrokenError, match="law of time"):
        laws.check_step_back(drops_the_late, packets, at=40)


def test_reading_a_disordered_file_as_it_stands_breaks_the_law_of_time() -> None:
    packets = scanned_web_server()
    order = [*range(400, len(packets)), *range(400)]

    with pytest.raises(LawBrokenError, match="law of time"):
        laws.check_disorder(reads_in_file_order, packets, order=order)


def windows_of(data: bytes) -> NDArray[np.void]:
    """Return the closed windows of a capture."""
    lane = PacketLane("capture.pcap", parameters=Parameters())
    lane.feed(Block("capture.pcap", data, 0))
    lane.finish()
    return lane.take().windows


def counts_twice(data: bytes) -> NDArray[np.void]:
    """Return windows in which the first one of a run is counted twice."""
    rows = windows_of(data).copy()
    rows["packets_in"][0] *= 2
    return rows


def keeps_empty_windows(data: bytes) -> int:
    """Return how many rows there would be with one per minute, empty or not."""
    starts = windows_of(data)["start_ns"]
    return int((starts.max() - starts.min()) // (60 * NS)) + 1


def test_counting_twice_breaks_the_merge() -> None:
    packets = [p for n in range(4) for p in captures.page_fetch(30.0 * n, "192.0.2.10", 40_000 + n,
                                                               "198.51.100.10")]  # fmt: skip

    with pytest.raises(LawBrokenError, match="law of merge"):
        laws.check_merge(
            counts_twice,
            first=captures.pcap(packets[:16]),
            second=captures.pcap(packets[16:]),
            both=captures.pcap(packets),
        )


def test_a_window_for_every_minute_of_silence_breaks_the_law_of_cost() -> None:
    with pytest.raises(LawBrokenError, match="law of cost follows events"):
        laws.check_cost(keeps_empty_windows, packets=captures.calm_web(seconds=5))


def counts_both_views(streams: Sequence[Stream], *, cuts: Sequence[int] = ()) -> Result:
    """Run, but count what a second source adds twice."""
    result = RUN(streams, cuts=cuts)
    if len(streams) > 1:
        for name, one in result.incidents.items():
            result.incidents[name] = replace(one, counts=one.counts + one.counts)
    return result


def test_counting_a_second_source_twice_breaks_the_merge() -> None:
    one = capture(captures.port_scan(at_s=5.0, ports=30), source="one.pcap")
    late = [replace(p, dst="198.51.100.11") for p in captures.port_scan(at_s=90.0, ports=40)]

    with pytest.raises(LawBrokenError, match="law of merge"):
        laws.check_counts_add(counts_both_views, one, capture(late, source="two.pcap"))


@dataclass(frozen=True, slots=True)
class Delayed:
    """Run, but date every detection ``late_ns`` after it was decided."""

    late_ns: int

    def __call__(self, streams: Sequence[Stream], *, cuts: Sequence[int] = ()) -> Result:
        result = RUN(streams, cuts=cuts)
        result.detections[:] = [
            replace(d, detected_ns=d.detected_ns + self.late_ns) for d in result.detections
        ]
        return result


@pytest.mark.parametrize(
    ("late_ns", "complaint"),
    [(60 * NS, "raised within 1 s"), (1_000_000, "the end of a 100 ms pane")],
)
def test_judging_when_a_window_closes_or_between_panes_is_caught(
    late_ns: int, complaint: str
) -> None:
    flood = capture(captures.syn_flood(at_s=20.0, packets=1000, rate_s=1000.0))

    with pytest.raises(LawBrokenError, match=complaint):
        laws.check_panes(Delayed(late_ns), flood, began_s=20.0)


def learner(rates: Sequence[int], *, weight: float, shifts: bool) -> list[Detection]:
    """Score a rate against a mean that has *already* learned it."""
    found, mean, odd = [], float(rates[0]), 0
    for second, rate in enumerate(rates):
        mean += weight * (rate - mean)
        if rate > 3 * mean:
            found.append(spike(second, rate=rate, usual=mean, kind="traffic_spike"))
            odd += 1
        if shifts and odd == 3:
            found.append(spike(second, rate=rate, usual=mean, kind="baseline_shift"))
    return found


def spike(second: int, *, rate: float, usual: float, kind: str) -> Detection:
    """Return a detection of a rate above the usual one."""
    (found,) = _spikes().judge(packet_trip(PACKET_CODES[5]), source="capture.pcap")
    at_ns = START_NS + second * NS
    return replace(found, kind=kind, observed=float(rate), expected=usual, detected_ns=at_ns)


def _spikes() -> TrafficSpike:
    return TrafficSpike(Policy(rule="rule", parameters=Parameters()))


@pytest.mark.parametrize(
    ("weight", "complaint"), [(0.2, "a usual rate of 5"), (0.6, "both spikes are raised")]
)
def test_learning_before_scoring_is_caught(weight: float, complaint: str) -> None:
    with pytest.raises(LawBrokenError, match=complaint):
        laws.check_score_then_learn(
            lambda rates: learner(rates, weight=weight, shifts=False),
            calm=5, high=60, warm_up=40, shift_windows=12,
        )  # fmt: skip


def test_never_learning_a_lasting_shift_is_caught() -> None:
    with pytest.raises(LawBrokenError, match="one level shift is reported"):
        laws.check_score_then_learn(
            lambda rates: learner(rates, weight=0.0, shifts=False),
            calm=5, high=60, warm_up=40, shift_windows=12,
        )  # fmt: skip


@dataclass(slots=True)
class GrowingTable:
    """A table with a row per source address; or one that gives up when it is full."""

    rows_max: int | None = None
    rows: dict[bytes, int] = field(default_factory=dict)

    def __call__(self, data: bytes) -> tuple[int, int, list[Detection]]:
        before = 4096 if self.rows_max else 64 * len(self.rows)
        for first, _ in records(data):
            source = data[first + 42 : first + 46]
            if self.rows_max is None or len(self.rows) < self.rows_max:
                self.rows[source] = self.rows.get(source, 0) + 1
        return before, 4096 if self.rows_max else 64 * len(self.rows), []


@pytest.mark.parametrize(
    ("table", "complaint"),
    [(GrowingTable(), "expected 0 bytes"), (GrowingTable(rows_max=64), "a syn_flood at the bound")],
)
def test_a_table_that_grows_and_one_that_gives_up_are_caught(
    table: GrowingTable, complaint: str
) -> None:
    flood = captures.pcap(captures.syn_flood(at_s=1.0, packets=2000, rate_s=2000.0))

    with pytest.raises(LawBrokenError, match=complaint):
        laws.check_bounded(table, data=flood)


def test_losing_weird_records_is_caught() -> None:
    found = RUN([log([b"no stamp at all\n", *[b"\xff\xfe\n"] * 3])])
    stats = copy.deepcopy(found.stats["auth.log"])
    laws.check_records(stats)

    with pytest.raises(LawBrokenError, match="expected 4 records, found 0"):
        laws.check_records(replace(stats, weird={}))


def test_counting_a_record_as_event_and_as_weird_is_caught() -> None:
    with pytest.raises(LawBrokenError, match="expected 3 records, found 4"):
        laws.check_records(LaneStats(records=3, events=3, weird={"truncated": 1}))


def test_a_detection_that_nobody_books_is_caught() -> None:
    found = RUN(guessed_ssh())
    laws.check_accounts(found)
    found.detections.append(found.detections[0])

    with pytest.raises(LawBrokenError, match="expected 10 detections"):
        laws.check_accounts(found)


def test_an_incident_that_was_never_opened_is_caught() -> None:
    found = RUN(guessed_ssh())
    found.incidents.clear()

    with pytest.raises(LawBrokenError, match="expected 0 incidents, found 1 opened"):
        laws.check_accounts(found)


@dataclass(slots=True)
class RandomIds:
    """Run, but number incidents as they come."""

    counter: itertools.count[int] = field(default_factory=itertools.count)

    def __call__(self, streams: Sequence[Stream], *, cuts: Sequence[int] = ()) -> Result:
        result = RUN(streams, cuts=cuts)
        renamed = [
            replace(one, id=f"{next(self.counter):012x}") for one in result.incidents.values()
        ]
        result.incidents = {one.id: one for one in renamed}
        return result


def test_ids_that_are_not_derived_are_caught() -> None:
    with pytest.raises(LawBrokenError, match="law of idempotence: expected id"):
        laws.check_idempotence(RandomIds(), guessed_ssh())


def forgets(streams: Sequence[Stream], *, cuts: Sequence[int] = ()) -> Result:
    """Run, but start from nothing at the first cut."""
    first, second = Result(), Result()
    del cuts
    halves = [records(stream.data)[len(records(stream.data)) // 2][0] for stream in streams]
    for stream, half in zip(streams, halves, strict=True):
        first = RUN([replace(stream, data=stream.data[:half])])
        second = RUN([replace(stream, data=stream.data[:24] + stream.data[half:])])
    second.incidents = {**first.incidents, **second.incidents}
    return second


def test_forgetting_everything_in_a_restart_is_caught() -> None:
    capture_alone = guessed_ssh()[:1]

    with pytest.raises(LawBrokenError, match="law of restart"):
        laws.check_restart(RUN, forgets, capture_alone, cuts=[20_000])


def test_another_driver_that_finds_less_is_caught() -> None:
    def half_blind(streams: Sequence[Stream], *, cuts: Sequence[int] = ()) -> Result:
        return RUN(streams[:1], cuts=cuts)

    with pytest.raises(LawBrokenError, match="law of drivers"):
        laws.check_drivers_agree(RUN, half_blind, guessed_ssh())
    with pytest.raises(LawBrokenError, match="law of drivers: expected users"):
        laws.check_same_attacks(RUN, half_blind, guessed_ssh())
