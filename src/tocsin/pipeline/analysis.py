"""One ``analyze`` run: what is new is replayed, kept in one transaction, and handed back.

Killed at any point, a run leaves either nothing or everything: evidence folders that no
chain record names are removed by the next run, and ids are derived from what was seen, so
the next run ends where this one would have.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tocsin.collect.identity import first_64k_sha256, matches_prefix
from tocsin.collect.walk import gather
from tocsin.evidence.vault import Vault
from tocsin.pipeline.replay import replay
from tocsin.store.database import open_database
from tocsin.store.incidents import load_incidents, put_incidents
from tocsin.store.intake import (
    KnownInput,
    find_candidates,
    incident_ids_of,
    put_input,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tocsin.collect.source import Source
    from tocsin.collect.walk import Skipped
    from tocsin.core.errors import InputError
    from tocsin.core.incident import Incident
    from tocsin.pipeline.preserving import Preserved
    from tocsin.pipeline.replay import Outcome, Read
    from tocsin.pipeline.wiring import Wiring
    from tocsin.store.database import Database
    from tocsin.store.state import StateFolder


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked for."""

    paths: tuple[str, ...]
    site: str = ""
    is_again: bool = False
    with_evidence: bool = True
    run_id: str = ""
    jobs: int = 1
    versions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Analysis:
    """What a run gave: every incident of the named inputs, new ones and known ones."""

    incidents: list[Incident] = field(default_factory=list)
    fresh: Outcome | None = None
    preserved: dict[str, Preserved] = field(default_factory=dict)
    known: dict[str, KnownInput] = field(default_factory=dict)
    skipped: tuple[Skipped, ...] = ()
    problems: list[InputError] = field(default_factory=list)
    head: str = ""
    wall_s: float = 0.0


def analyze(
    request: Request,
    *,
    wiring: Wiring,
    state: StateFolder,
    progress: Callable[[str, int], None] | None = None,
) -> Analysis:
    """Run once over ``request.paths`` and return what they hold.

    Raises `NotPermittedError` when another process holds the state.
    """
    began = time.perf_counter()
    with ExitStack() as stack:
        state.prepare()
        stack.enter_context(state.lock("analyze"))
        database = open_database(state.database)
        stack.callback(database.close)
        vault = Vault(state, database)
        vault.clean()
        gathered = gather(list(request.paths), site=request.site, spool_dir=state.ring)
        analysis = Analysis(skipped=gathered.skipped, problems=list(gathered.problems))
        fresh = _sort_out(gathered.sources, request, database, analysis)
        outcome = replay(fresh, wiring=wiring, jobs=request.jobs, progress=progress)
        analysis.fresh = outcome
        analysis.problems.extend(outcome.problems)
        if request.with_evidence and outcome.incidents:
            analysis.preserved = _preserved(outcome, request, wiring, vault)
        _commit(request, analysis, outcome, vault, database)
        vault.publish()
        analysis.head = str(vault.head())
    analysis.incidents.sort(key=lambda incident: (incident.first_ns, incident.id))
    analysis.wall_s = time.perf_counter() - began
    return analysis


def _sort_out(
    sources: Sequence[Source], request: Request, database: Database, analysis: Analysis
) -> list[Source]:
    """Set aside what was taken in before; load its incidents; return what is new."""
    fresh: list[Source] = []
    known_ids: set[str] = set()
    with database.begin() as connection:
        for source in sources:
            known = None if request.is_again else _known(source, connection)
            if known is None:
                fresh.append(source)
            else:
                analysis.known[source.path] = known
                known_ids.update(incident_ids_of(connection, known.sha256))
        if known_ids:
            analysis.incidents.extend(load_incidents(connection, ids=sorted(known_ids)))
    return fresh


def _known(source: Source, connection: Any) -> KnownInput | None:
    """Return the input with exactly this content, if it was taken in before."""
    if source.is_stream:
        return None
    for known in find_candidates(connection, prefix_sha256=first_64k_sha256(source)):
        if source.is_as_stored and source.size_bytes != known.bytes:
            continue
        is_same = matches_prefix(source, length=known.bytes, sha256=known.sha256)
        if is_same and (source.is_as_stored or not source.read_range(known.bytes, 1)):
            return known
    return None


def _preserved(
    outcome: Outcome, request: Request, wiring: Wiring, vault: Vault
) -> dict[str, Preserved]:
    """Collect the evidence of every incident, by its id."""
    from tocsin.pipeline.preserving import Reader, preserve

    reader = Reader(wiring.year, wiring.zone, wiring.proxies, request.jobs)
    return preserve(
        outcome.incidents,
        selectors=outcome.selectors,
        reads=outcome.reads,
        vault=vault,
        versions=request.versions,
        reader=reader,
    )


def _commit(
    request: Request, analysis: Analysis, outcome: Outcome, vault: Vault, database: Database
) -> None:
    """Write incidents, inputs and chain records in one transaction."""
    now_ns = time.time_ns()
    final = [
        analysis.preserved[i.id].incident if i.id in analysis.preserved else i
        for i in outcome.incidents
    ]
    with database.begin() as connection:
        for preserved in analysis.preserved.values():
            if preserved.manifest is not None:
                vault.seal(connection, manifest=preserved.manifest, recorded_ns=now_ns)
        put_incidents(connection, final)
        for read in outcome.reads:
            put_input(
                connection,
                _taken_in(read, request, now_ns),
                incident_ids=[i.id for i in final if read.source.path in dict(i.sources)],
            )
    analysis.incidents.extend(final)


def _taken_in(read: Read, request: Request, now_ns: int) -> KnownInput:
    stats = read.ended.stats
    return KnownInput(
        sha256=read.sha256,
        bytes=read.bytes,
        path=read.source.path,
        prefix_sha256=first_64k_sha256(read.source),
        taken_in_ns=now_ns,
        run_id=request.run_id,
        stats={"records": stats.records, "events": stats.events, "weird": dict(stats.weird)},
    )
