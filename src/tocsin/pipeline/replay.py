"""The replay driver: files in, the incidents of one engine out; performs nothing itself.

Sources are read one after the other, each to its end, so one lane's tables exist at a
time. A capture that steps back in time is read again in time order (DESIGN, law 2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tocsin.core.commands import OpenIncident, PreserveEvidence, UpdateIncident
from tocsin.core.errors import InputError, OutOfOrderError
from tocsin.core.inputs import SourceStatus
from tocsin.pipeline.engine import Engine
from tocsin.pipeline.newest import newest_stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tocsin.collect.source import Source
    from tocsin.core.commands import Command
    from tocsin.core.detection import Detection, Selector
    from tocsin.core.incident import Incident
    from tocsin.incidents.casebook import Accounts
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


def replay(
    sources: Sequence[Source],
    *,
    wiring: Wiring,
    progress: Callable[[str, int], None] | None = None,
) -> Outcome:
    """Read sources through one engine and return what it found.

    ``progress`` is called with a path and the bytes read of it, after each block. What is
    unreadable is collected in ``problems``; what was readable before it has been used.
    """
    engine = Engine(wiring, hold=True)
    outcome = Outcome(detections=[])
    engine.detections = outcome.detections
    commands: list[Command] = []
    for source in sources:
        opened = _opened(source, wiring)
        sha256, count = _read(engine, source, opened, commands, outcome.problems, progress)
        ended = engine.ended[source.path]
        outcome.reads.append(Read(source, sha256, count, ended, opened.newest))
    commands.extend(engine.finish())
    _keep_final(commands, outcome)
    outcome.accounts = engine.accounts
    return outcome


def _opened(source: Source, wiring: Wiring) -> SourceStatus:
    newest = None
    if source.medium == "log" and wiring.year is not None:
        newest = newest_stamp(source)
    return SourceStatus(
        source.path, "opened", source.medium, source.site, source.mtime_ns, newest=newest
    )


def _read(
    engine: Engine,
    source: Source,
    opened: SourceStatus,
    commands: list[Command],
    problems: list[InputError],
    progress: Callable[[str, int], None] | None,
) -> tuple[str, int]:
    commands.extend(engine.feed(opened))
    try:
        for block in source.blocks(is_hashed=True):
            commands.extend(engine.feed(block))
            if progress is not None:
                progress(source.path, source.bytes_read)
    except OutOfOrderError:
        _read_sorted(engine, source, opened, commands)
    except InputError as error:
        problems.append(error)
    commands.extend(engine.feed(SourceStatus(source.path, "ended")))
    damage = engine.ended[source.path].damage
    if damage is not None and source.damage is None:
        problems.append(damage)
    return source.sha256, source.bytes_read


def _read_sorted(
    engine: Engine, source: Source, opened: SourceStatus, commands: list[Command]
) -> None:
    """Read a capture again, its packets in time order."""
    engine.forget(source.path)
    commands.extend(engine.feed(opened))
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
