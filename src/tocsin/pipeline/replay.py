"""The replay driver: files in, the incidents of one engine out; performs nothing itself.

Sources are read one after the other, each to its end, so one lane's tables exist at a
time; with more jobs, some at once. A capture that steps back in time is read again in time
order (DESIGN, law 2).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from tocsin.core.commands import OpenIncident, PreserveEvidence, UpdateIncident
from tocsin.core.errors import InputError, OutOfOrderError
from tocsin.core.inputs import SourceStatus
from tocsin.pipeline.engine import Engine
from tocsin.pipeline.parallel import read_beside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tocsin.collect.source import Source
    from tocsin.core.commands import Command
    from tocsin.core.detection import Detection, Selector
    from tocsin.core.incident import Incident
    from tocsin.incidents.accounts import Accounts
    from tocsin.pipeline.engine import Ended
    from tocsin.pipeline.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Read:
    """One source as it was read: its content's hash and length, and what the lane kept.

    ``newest`` is as in `SourceStatus`.
    """

    source: Source
    sha256: str
    bytes: int
    ended: Ended
    newest: tuple[int, int] | None = None


@dataclass(slots=True)
class Outcome:
    """What a replay gave: incidents in their final state, and all that explains them."""

    incidents: list[Incident] = field(default_factory=list)
    selectors: dict[str, tuple[Selector, ...]] = field(default_factory=dict)
    reads: list[Read] = field(default_factory=list)
    problems: list[InputError] = field(default_factory=list)
    detections: list[Detection] = field(default_factory=list)
    accounts: Accounts | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """All that reading one source gave; what `tocsin.pipeline.parallel` hands over."""

    sha256: str
    bytes: int
    ended: Ended
    newest: tuple[int, int] | None
    detections: list[Detection]
    problems: list[InputError]


def replay(
    sources: Sequence[Source],
    *,
    wiring: Wiring,
    jobs: int = 1,
    progress: Callable[[str, int], None] | None = None,
) -> Outcome:
    """Read sources through one engine and return what it found.

    ``progress`` is called with a path and the bytes read of it, after each block. What is
    unreadable is collected in ``problems``; what was readable before it has been used.
    ``jobs`` says how many cores may be used, and changes nothing else: sources are read in
    processes or threads, their detections decided on together.
    """
    engine = Engine(wiring, hold=True)
    outcome = Outcome(detections=[])
    engine.detections = outcome.detections
    beside = read_beside(sources, take=partial(take, wiring=wiring), jobs=jobs)
    for source in sources:
        taken = beside.get(source.path)
        if taken is None:
            taken = take(source, wiring=wiring, threads=jobs, progress=progress)
        elif progress is not None:
            progress(source.path, taken.bytes)
        engine.adopt(source.path, taken.ended, taken.detections)
        outcome.problems.extend(taken.problems)
        outcome.reads.append(Read(source, taken.sha256, taken.bytes, taken.ended, taken.newest))
    _keep_final(engine.finish(), outcome)
    outcome.accounts = engine.accounts
    return outcome


def take(
    source: Source,
    *,
    wiring: Wiring,
    threads: int = 1,
    progress: Callable[[str, int], None] | None = None,
) -> Taken:
    """Read one source to its end and return what its lane and its detectors found."""
    newest = None
    if source.medium == "log" and wiring.year is not None:
        from tocsin.pipeline.newest import newest_stamp

        newest = newest_stamp(source)
    opened = SourceStatus(
        source.path, "opened", source.medium, source.site, source.mtime_ns, newest=newest
    )
    engine = Engine(wiring, hold=True, threads=threads)
    problems = _read(engine, source, opened, threads, progress)
    deque(engine.feed(SourceStatus(source.path, "ended")), maxlen=0)
    ended = engine.ended[source.path]
    if ended.damage is not None and source.damage is None:
        problems.append(ended.damage)
    return Taken(source.sha256, source.bytes_read, ended, newest, engine.withdraw(), problems)


def _read(
    engine: Engine,
    source: Source,
    opened: SourceStatus,
    threads: int,
    progress: Callable[[str, int], None] | None,
) -> list[InputError]:
    """Feed a source's blocks; return what ended them early. Nothing is decided meanwhile."""
    deque(engine.feed(opened), maxlen=0)
    try:
        for block in source.blocks(is_hashed=True, is_threaded=threads > 1):
            deque(engine.feed(block), maxlen=0)
            if progress is not None:
                progress(source.path, source.bytes_read)
        engine.settle(source.path)
    except OutOfOrderError:
        _read_sorted(engine, source, opened)
    except InputError as error:
        return [error]
    return []


def _read_sorted(engine: Engine, source: Source, opened: SourceStatus) -> None:
    """Read a capture again, its packets in time order."""
    engine.forget(source.path)
    deque(engine.feed(opened), maxlen=0)
    for _ in source.blocks(is_hashed=True):
        pass  # the hash covers the content in its own order
    engine.feed_sorted(source.path, source.map())


def _keep_final(commands: Iterable[Command], outcome: Outcome) -> None:
    final: dict[str, Incident] = {}
    for command in commands:
        match command:
            case OpenIncident(incident) | UpdateIncident(incident):
                final[incident.id] = incident
            case PreserveEvidence(incident_id, selectors):
                outcome.selectors[incident_id] = selectors
            case _:
                pass
    outcome.incidents = sorted(final.values(), key=lambda i: (i.first_ns, i.id))
