"""The laws of the engine as functions over a way to run; plugin authors call the same.

Each takes a callable (`tocsin.testing.scenes.Run` or a narrower one) and raises
`LawBrokenError` with what was expected and what was found. The numbers are those of the
design; ``tests/laws`` holds each law against the engine, and against a double that breaks
it on purpose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Protocol

import numpy as np

from tocsin.core.times import NS_PER_S
from tocsin.testing import captures
from tocsin.testing.scenes import START_NS, Run, Stream, capture, moved

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tocsin.core.detection import Detection
    from tocsin.features.lane import LaneStats
    from tocsin.testing.scenes import Result

PANE_NS = 100_000_000
YEAR_S = 365 * 86_400.0
STEP_BACK_S = 0.05


class LawBrokenError(AssertionError):
    """A law does not hold; the message says which, what was expected and what was found."""


class Baseline(Protocol):
    """Rates of one host per second in, detections of spikes and level shifts out."""

    def __call__(self, packets_per_second: Sequence[int]) -> Sequence[Detection]:
        """Return the detections, in order."""
        ...


class Footprint(Protocol):
    """A capture in; (bytes of all tables before, after, detections) out."""

    def __call__(self, data: bytes) -> tuple[int, int, Sequence[Detection]]:
        """Return the sizes and what was raised."""
        ...


def check_cut(run: Run, streams: Sequence[Stream], *, cuts: Sequence[int]) -> None:
    """Law 1: any cut of a stream gives the same incidents in their final state."""
    _same("cut", run(streams).printed(), run(streams, cuts=cuts).printed(), f"cuts {list(cuts)}")


def check_drivers_agree(one: Run, other: Run, streams: Sequence[Stream]) -> None:
    """Law 1: replay and live give the same incidents when nothing is late."""
    _same("drivers", one(streams).printed(), other(streams).printed(), "another driver")


def check_same_attacks(one: Run, other: Run, streams: Sequence[Stream]) -> None:
    """Law 4: sources wait for no other, so live another source may open an incident.

    Who did what to whom, when, and all counts are the same; the id, the title and the time
    of detection may be those of the other view.
    """
    _same("drivers", _attacks(one(streams)), _attacks(other(streams)), "another interleaving")


def check_step_back(
    run: Run, packets: Sequence[captures.Packet], *, at: int, cuts: Sequence[int] = ()
) -> None:
    """Law 2: a packet that steps back 50 ms counts at its source's running maximum."""
    before_s = packets[at - 1].at_s
    level = Stream("capture.pcap", "packets", moved(packets, {at: before_s}))
    stepped = Stream("capture.pcap", "packets", moved(packets, {at: before_s - STEP_BACK_S}))
    _same(
        "time", run([level]).printed(), run([stepped], cuts=cuts).printed(), f"packet {at} -50 ms"
    )


def check_lone_jump(
    run: Run, packets: Sequence[captures.Packet], *, at: int, cuts: Sequence[int] = ()
) -> None:
    """Law 2: one packet that claims to be a year ahead moves no watermark."""
    before_s = packets[at - 1].at_s
    level = Stream("capture.pcap", "packets", moved(packets, {at: before_s}))
    jumped = Stream("capture.pcap", "packets", moved(packets, {at: before_s + YEAR_S}))
    _same(
        "time", run([level]).printed(), run([jumped], cuts=cuts).printed(), f"packet {at} + 1 year"
    )


def check_disorder(run: Run, packets: Sequence[captures.Packet], *, order: Sequence[int]) -> None:
    """Law 2: in batch a file that steps back far is read as if it were sorted.

    Places in the file differ, so incidents are compared without what is derived from them.
    """
    shuffled = Stream("capture.pcap", "packets", captures.pcap(packets[n] for n in order))
    wanted = _without_places(run([capture(packets)]))
    _same("time", wanted, _without_places(run([shuffled])), "another order in the file")


def check_merge(windows_of: Callable[[bytes], NDArray[np.void]], *, first: bytes, second: bytes,
                both: bytes) -> None:  # fmt: skip
    """Law 3: the windows of a whole are those of its parts, cut where windows end."""
    names = [n for n in windows_of(both).dtype.names or () if not n.endswith("_offset")]
    apart = np.concatenate([windows_of(first), windows_of(second)])[names]
    whole = windows_of(both)[names]
    _same("merge", sorted(apart.tolist()), sorted(whole.tolist()), "windows of the parts")


def check_counts_add(run: Run, one: Stream, other: Stream) -> None:
    """Law 3: one attack seen by two sources counts what each of them counts."""
    parts = [run([stream]).printed() for stream in (one, other)]
    (joined,) = run([one, other]).printed()
    wanted = {
        name: parts[0][0]["counts"][name] + parts[1][0]["counts"][name] for name in joined["counts"]
    }
    _same("merge", wanted, joined["counts"], "counts of the parts")


def check_panes(run: Run, stream: Stream, *, began_s: float, kind: str = "syn_flood") -> None:
    """Law 4: what a pane decides is raised at that pane's end, inside its first second."""
    found = [d for d in run([stream]).detections if d.kind == kind and not d.is_update]
    if len(found) != 1:
        _broken("panes", f"one {kind} is raised", f"{len(found)} are")
    late_ns = found[0].detected_ns - START_NS - round(began_s * NS_PER_S)
    if not 0 < late_ns <= NS_PER_S:
        _broken("panes", "raised within 1 s", f"after {late_ns / NS_PER_S} s")
    if found[0].detected_ns % PANE_NS:
        _broken("panes", "the end of a 100 ms pane", f"{found[0].detected_ns} ns")


def check_score_then_learn(
    judge: Baseline, *, calm: int, high: int, warm_up: int, shift_windows: int
) -> None:
    """Law 5: one anomalous window teaches nothing; a lasting shift does, and says so."""
    spiked = [*[calm] * warm_up, high, *[calm] * 5, high, *[calm] * 3]
    spikes = [d for d in judge(spiked) if d.kind == "traffic_spike"]
    if len(spikes) != 2:
        _broken("score, then learn", "both spikes are raised", f"{len(spikes)} are")
    usual = [d.expected or 0.0 for d in spikes]
    if max(usual) > calm * 1.2:
        _broken("score, then learn", f"a usual rate of {calm}", f"{usual}")
    lasting = list(judge([*[calm] * warm_up, *[high] * (shift_windows + 5)]))
    shifts = [d for d in lasting if d.kind == "baseline_shift"]
    if len(shifts) != 1:
        _broken("score, then learn", "one level shift is reported", f"{len(shifts)} are")
    shift = shifts[0]
    if abs(shift.observed - high) > high * 0.1 or abs((shift.expected or 0) - calm) > calm * 0.2:
        _broken("score, then learn", f"{calm} to {high}", f"{shift.expected} to {shift.observed}")
    if any(d.kind == "traffic_spike" and d.detected_ns > shift.detected_ns for d in lasting):
        _broken("score, then learn", "the new level is usual from then on", "a spike after it")


def check_bounded(run: Footprint, *, data: bytes, kind: str = "syn_flood") -> None:
    """Law 6: tables keep their size whatever addresses come, and the alarm is still given."""
    before, after, found = run(data)
    if after > before:
        _broken("bounded state", f"{before:,} bytes", f"{after:,} bytes")
    if not any(d.kind == kind for d in found):
        _broken("bounded state", f"a {kind} at the bound", "none")


def check_records(stats: LaneStats) -> None:
    """Law 7: every record is an event, weird or filtered, and nothing twice."""
    parts = stats.events + sum(stats.weird.values()) + stats.filtered
    if stats.records != parts:
        _broken("conservation", f"{stats.records} records", f"{parts} in {stats}")


def check_accounts(result: Result) -> None:
    """Law 7: every detection is attached, suppressed or opens."""
    books, total = result.accounts, len(result.detections)
    if books is None or books.attached + books.suppressed + books.opened != total:
        _broken("conservation", f"{total} detections", f"{books}")
    if books.opened != len(result.incidents):
        _broken("conservation", f"{len(result.incidents)} incidents", f"{books.opened} opened")
    if books.suppressed != sum(books.by_rule.values()):
        _broken("conservation", f"{books.suppressed} suppressed by name", f"{books.by_rule}")


def check_cost(rows_of: Callable[[bytes], int], *, packets: Sequence[captures.Packet]) -> None:
    """Law 8: a silence costs nothing, however long: the same rows after an hour as a year."""
    counts = []
    for gap_s in (3600.0, YEAR_S):
        later = [_later(packet, gap_s) for packet in packets]
        counts.append(rows_of(captures.pcap([*packets, *later])))
    if counts[1] > counts[0]:
        _broken("cost follows events", f"{counts[0]} rows", f"{counts[1]} after a year")


def check_idempotence(run: Run, streams: Sequence[Stream]) -> None:
    """Law 9: the same input gives the same incidents with the same ids."""
    _same("idempotence", run(streams).printed(), run(streams).printed(), "the second time")


def check_restart(
    run: Run, restarted: Run, streams: Sequence[Stream], *, cuts: Sequence[int]
) -> None:
    """Law 9: a restart from a checkpoint loses nothing and repeats nothing."""
    whole, halves = run(streams, cuts=cuts), restarted(streams, cuts=cuts)
    _same("restart", whole.printed(), halves.printed(), "a restart")
    _same("restart", whole.accounts, halves.accounts, "a restart")
    for name, stats in whole.stats.items():
        _same("restart", stats, halves.stats[name], f"a restart, {name}")


def _later(packet: captures.Packet, gap_s: float) -> captures.Packet:
    return captures.Packet(
        packet.at_s + gap_s, packet.src, packet.src_port, packet.dst, packet.dst_port,
        packet.flags, packet.payload,
    )  # fmt: skip


def _without_places(result: Result) -> list[dict[str, Any]]:
    kept = [{k: v for k, v in one.items() if k != "id"} for one in result.printed()]
    return sorted(kept, key=lambda one: (one["first_seen"], one["title"]))


def _attacks(result: Result) -> list[dict[str, Any]]:
    names = ("kind", "kinds", "attackers", "victims", "users", "severity", "counts", "sources",
             "first_seen", "last_seen")  # fmt: skip
    kept = [{name: one[name] for name in names} for one in result.printed()]
    return sorted(kept, key=lambda one: (one["first_seen"], one["kind"]))


def _same(law: str, wanted: object, found: object, after: str) -> None:
    if wanted == found:
        return
    _broken(law, *_difference(wanted, found), after=after)


def _difference(wanted: object, found: object) -> tuple[str, str]:
    """Return the first pair that differs, as text: whole incidents are too long to read."""
    if isinstance(wanted, list) and isinstance(found, list):
        if len(wanted) != len(found):
            return f"{len(wanted)} of {_names(wanted)}", f"{len(found)} of {_names(found)}"
        pair = next((a, b) for a, b in zip(wanted, found, strict=True) if a != b)
        return _difference(*pair)
    if isinstance(wanted, dict) and isinstance(found, dict):
        key = next(k for k in {**wanted, **found} if wanted.get(k) != found.get(k))
        deeper = _difference(wanted.get(key), found.get(key))
        return f"{key}: {deeper[0]}", f"{key}: {deeper[1]}"
    return repr(wanted), repr(found)


def _names(found: list[Any]) -> list[object]:
    return [one.get("title", one) if isinstance(one, dict) else one for one in found[:8]]


def _broken(law: str, wanted: str, found: str, *, after: str = "") -> NoReturn:
    after = f" ({after})" if after else ""
    raise LawBrokenError(f"law of {law}: expected {wanted}, found {found}{after}")
