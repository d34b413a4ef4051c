"""What was read before: inputs by the SHA-256 of their decompressed content.

A file that only grew is found by the hash of its first `PREFIX_BYTES`: the driver hashes
as many bytes as the known row has, and if they agree goes on behind them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tocsin.store.tables import INPUT, RUN_INCIDENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PREFIX_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class KnownInput:
    """One input that was taken in whole.

    ``prefix_sha256`` is of its first `PREFIX_BYTES` (of all when it is shorter);
    ``stats`` are the counts to print when it is not processed again.
    """

    sha256: str
    bytes: int
    path: str
    prefix_sha256: str
    taken_in_ns: int
    run_id: str
    stats: Mapping[str, Any] = field(default_factory=dict)


def put_input(connection: sa.Connection, known: KnownInput, *, incident_ids: Iterable[str]) -> None:
    """Write an input and which incidents came of it; those must be in the store already.

    Reading the same input again replaces both.
    """
    values = {
        "bytes": known.bytes,
        "path": known.path,
        "prefix_sha256": known.prefix_sha256,
        "taken_in_ns": known.taken_in_ns,
        "run_id": known.run_id,
        "stats": json.dumps(dict(known.stats), separators=(",", ":")),
    }
    where = INPUT.c.sha256 == known.sha256
    if connection.execute(sa.update(INPUT).where(where).values(**values)).rowcount == 0:
        connection.execute(sa.insert(INPUT).values(sha256=known.sha256, **values))
    connection.execute(sa.delete(RUN_INCIDENT).where(RUN_INCIDENT.c.input_sha256 == known.sha256))
    rows = [
        {"input_sha256": known.sha256, "incident_id": incident_id}
        for incident_id in sorted(set(incident_ids))
    ]
    if rows:
        connection.execute(sa.insert(RUN_INCIDENT), rows)


def find_input(connection: sa.Connection, sha256: str) -> KnownInput | None:
    """Return the input with this content, if it was taken in."""
    row = connection.execute(sa.select(INPUT).where(INPUT.c.sha256 == sha256)).one_or_none()
    return None if row is None else _known(row)


def find_candidates(connection: sa.Connection, *, prefix_sha256: str) -> list[KnownInput]:
    """Return inputs that begin with this prefix, longest first; the caller compares the rest."""
    query = (
        sa.select(INPUT)
        .where(INPUT.c.prefix_sha256 == prefix_sha256)
        .order_by(INPUT.c.bytes.desc())
    )
    return [_known(row) for row in connection.execute(query)]


def find_grown(
    connection: sa.Connection, *, prefix_sha256: str, bytes_now: int
) -> list[KnownInput]:
    """Return shorter inputs that begin alike, longest first; the caller compares the rest.

    Only inputs of at least `PREFIX_BYTES` can be found by a full prefix; a caller with a
    shorter one asks `find_shorter`.
    """
    query = (
        sa.select(INPUT)
        .where(INPUT.c.prefix_sha256 == prefix_sha256, INPUT.c.bytes < bytes_now)
        .order_by(INPUT.c.bytes.desc())
    )
    return [_known(row) for row in connection.execute(query)]


def find_shorter(connection: sa.Connection, *, path: str) -> list[KnownInput]:
    """Return inputs of under `PREFIX_BYTES` that were read at ``path``, longest first."""
    query = (
        sa.select(INPUT)
        .where(INPUT.c.path == path, INPUT.c.bytes < PREFIX_BYTES)
        .order_by(INPUT.c.bytes.desc())
    )
    return [_known(row) for row in connection.execute(query)]


def incident_ids_of(connection: sa.Connection, sha256: str) -> list[str]:
    """Return the ids of the incidents that came of an input, sorted."""
    query = sa.select(RUN_INCIDENT.c.incident_id).where(RUN_INCIDENT.c.input_sha256 == sha256)
    return sorted(connection.execute(query).scalars())


def _known(row: sa.Row[Any]) -> KnownInput:
    return KnownInput(
        sha256=row.sha256,
        bytes=row.bytes,
        path=row.path,
        prefix_sha256=row.prefix_sha256,
        taken_in_ns=row.taken_in_ns,
        run_id=row.run_id,
        stats=json.loads(row.stats),
    )
