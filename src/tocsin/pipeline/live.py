"""The live driver: growing files in, incidents as they happen, effects performed.

Evidence of an incident that still grows is collected at most every ``EVIDENCE_EVERY_S``
and when the driver stops. A checkpoint is written every ``CHECKPOINT_EVERY_S`` and at the
stop; after a crash the driver reads again from the last one, derives the same incidents,
and tells of none that the store already knows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from tocsin.collect.growing import Position
from tocsin.collect.source import open_source
from tocsin.collect.tail import Tail
from tocsin.core.commands import OpenIncident, PreserveEvidence, UpdateIncident
from tocsin.core.errors import InputError
from tocsin.core.inputs import Block, SourceStatus
from tocsin.evidence.vault import Vault
from tocsin.pipeline.checkpoint import read_checkpoint, write_checkpoint
from tocsin.pipeline.engine import Ended, Engine
from tocsin.pipeline.preserving import Reader, preserve
from tocsin.pipeline.replay import Read
from tocsin.store.incidents import load_incidents, put_incidents

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tocsin.core.commands import Command
    from tocsin.core.detection import Selector
    from tocsin.core.incident import Incident
    from tocsin.pipeline.wiring import Wiring
    from tocsin.store.database import Database
    from tocsin.store.state import StateFolder

EVIDENCE_EVERY_S, CHECKPOINT_EVERY_S, TAKE_TIMEOUT_S, IDLE_S = 30.0, 60.0, 1.0, 5.0
CHECKPOINT = "checkpoint.npz"
Tell = Callable[["Incident", str], None]  # an incident and "opened" or "updated"


@dataclass(slots=True)
class _Pending:
    """Incidents whose evidence and row wait to be written."""

    incidents: dict[str, Incident] = field(default_factory=dict)
    selectors: dict[str, tuple[Selector, ...]] = field(default_factory=dict)
    since_s: float = 0.0


class Watch:
    """Follow files until `stop`; one writer of the state, held by the caller's lock."""

    def __init__(
        self,
        paths: Sequence[str],
        *,
        wiring: Wiring,
        state: StateFolder,
        database: Database,
        tell: Tell,
        complain: Callable[[InputError], None],
        versions: dict[str, Any],
    ) -> None:
        self._engine = Engine(wiring, hold=False, live=True)
        self._wiring = wiring
        self._state = state
        self._database = database
        self._vault = Vault(state, database)
        self._tell = tell
        self._complain = complain
        self._versions = versions
        self._pending = _Pending()
        self._told = self._known_ids()
        self._checkpoint_s = time.monotonic()
        self._paths = tuple(paths)
        positions = self._resume()
        self._tail = Tail(list(paths), site="watch", positions=positions, idle_s=IDLE_S)

    def stop(self) -> None:
        """Ask the loop to end; safe in a signal handler."""
        self._tail.stop()

    def run(self) -> None:
        """Follow the files; returns after `stop`, everything written."""
        with self._tail as tail:
            while True:
                try:
                    item = tail.take(timeout_s=TAKE_TIMEOUT_S)
                except InputError as error:
                    self._complain(error)
                    continue
                if item is None and tail.is_stopped:
                    break
                if item is not None:
                    self._perform(self._feed(item))
                self._write_when_due()
            positions = self._positions()
        self._write_pending()
        self._write_checkpoint(positions)

    def _feed(self, item: Block | SourceStatus) -> Iterable[Command]:
        if isinstance(item, SourceStatus):
            if item.state == "opened" and item.source in self._engine.sources:
                return ()
            if item.state == "idle":
                item = SourceStatus(item.source, "idle", time_ns=int(IDLE_S * 1e9))
            if item.state != "opened" and item.source not in self._engine.sources:
                return ()
        return self._engine.feed(item)

    def _perform(self, commands: Iterable[Command]) -> None:
        pending = self._pending
        for command in commands:
            match command:
                case OpenIncident(incident) | UpdateIncident(incident):
                    is_told = incident.id in self._told
                    self._told.add(incident.id)
                    self._tell(incident, "updated" if is_told else "opened")
                    if not pending.incidents:
                        pending.since_s = time.monotonic()
                    pending.incidents[incident.id] = incident
                case PreserveEvidence(incident_id, selectors):
                    pending.selectors[incident_id] = selectors
                case _:
                    pass  # notifying and containing come with their own drivers

    def _write_when_due(self) -> None:
        now_s = time.monotonic()
        if self._pending.incidents and now_s - self._pending.since_s >= EVIDENCE_EVERY_S:
            self._write_pending()
        if now_s - self._checkpoint_s >= CHECKPOINT_EVERY_S:
            self._write_pending()
            self._write_checkpoint(self._positions())

    def _write_pending(self) -> None:
        """Preserve, seal and store what changed, in one transaction."""
        pending, self._pending = self._pending, _Pending()
        if not pending.incidents:
            return
        reads = self._reads()
        preserved = preserve(
            list(pending.incidents.values()),
            selectors=pending.selectors,
            reads=reads,
            vault=self._vault,
            versions=self._versions,
            reader=Reader(self._wiring.year, self._wiring.zone, self._wiring.proxies),
        ).values()
        now_ns = time.time_ns()
        with self._database.begin() as connection:
            for one in preserved:
                if one.manifest is not None:
                    self._vault.seal(connection, manifest=one.manifest, recorded_ns=now_ns)
            put_incidents(connection, [one.incident for one in preserved])
        self._vault.publish()

    def _reads(self) -> list[Read]:
        """Return the followed files as they can be read again now."""
        reads = []
        for source in self._engine.sources.values():
            try:
                opened = open_source(source.name, site=source.site, spool_dir=self._state.ring)
            except InputError as error:
                self._complain(error)
                continue
            ended = Ended(source.medium, source.site, source.lane.stats, source.lane.index)
            reads.append(Read(opened, "", source.lane.stats.bytes, ended))
        return reads

    def _positions(self) -> dict[str, Position]:
        found = {path: self._tail.position(path) for path in self._paths}
        return {path: position for path, position in found.items() if position is not None}

    def _write_checkpoint(self, positions: dict[str, Position]) -> None:
        self._checkpoint_s = time.monotonic()
        write_checkpoint(
            self._state.journal / CHECKPOINT,
            {
                "positions": {path: asdict(position) for path, position in positions.items()},
                "engine": self._engine.state(),
            },
        )

    def _resume(self) -> dict[str, Position]:
        kept = read_checkpoint(self._state.journal / CHECKPOINT)
        if kept is None or set(kept["positions"]) - set(self._paths):
            return {}
        self._engine.restore(kept["engine"])
        return {path: Position(**position) for path, position in kept["positions"].items()}

    def _known_ids(self) -> set[str]:
        with self._database.begin() as connection:
            return {incident.id for incident in load_incidents(connection)}
