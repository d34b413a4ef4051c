"""The vault: evidence folders and the chain that seals them, safe against a kill anywhere.

Order of things: a folder is staged, on disk, renamed (`preserve`); then its chain record
is committed in the driver's one transaction together with incidents and inputs (`seal`);
then the chain's plain copy is brought up to date (`publish`). A folder without a chain
record is a leftover of a killed run: the next run removes it (`clean`).
"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tocsin.core.errors import NotPermittedError
from tocsin.core.times import rfc3339
from tocsin.evidence.chain import (
    ChainRecord,
    Head,
    head_of,
    load_or_make_key,
    make_record,
    parse_lines,
)
from tocsin.evidence.manifest import Manifest, folder_name, parse_folder_name
from tocsin.evidence.staging import sync_folder, write_folder
from tocsin.store.tables import CHAIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tocsin.core.incident import Incident
    from tocsin.evidence.selection import Selected
    from tocsin.store.database import Database
    from tocsin.store.state import StateFolder

CHAIN_COPY = "chain.jsonl"
_STAGING = ".staging-"


class Vault:
    """Evidence of one state; its caller holds the state's lock.

    A run calls `clean` at its start, `preserve` for each incident, `seal` for each
    manifest inside its transaction, and `publish` after the commit.
    """

    def __init__(self, state: StateFolder, database: Database) -> None:
        self.state = state
        self.database = database
        self._known: dict[str, tuple[int, str]] | None = None

    def clean(self) -> list[str]:
        """Remove what a killed run left, complete the chain's copy; return removed names."""
        self._known = None
        sealed = {folder_name(*one) for one in self._sealed()} | self._copied()
        removed = []
        for path in sorted(self.state.evidence.iterdir()):
            is_staged = path.name.startswith(_STAGING)
            is_folder = parse_folder_name(path.name) is not None and path.is_dir()
            if is_staged or (is_folder and not path.is_symlink() and path.name not in sealed):
                _remove(path)
                removed.append(path.name)
        self.publish()
        return removed

    def preserve(
        self,
        incident: Incident,
        *,
        selections: Sequence[Selected],
        versions: Mapping[str, Any],
    ) -> Manifest:
        """Write an incident's evidence; the same content as last time writes nothing new.

        Not inside the driver's transaction (it reads the store once). Raises
        `NotPermittedError` when the folder can't be written.
        """
        version, digest = self._versions().get(incident.id, (0, ""))
        staged = self.state.evidence / f"{_STAGING}{folder_name(incident.id, 1)}"
        try:
            _remove(staged)
            staged.mkdir(mode=0o700)
            found = write_folder(
                staged, incident=incident, selections=selections, versions=versions
            )
            if found == digest:
                _remove(staged)
                return self._manifest(incident.id, version, digest, is_new=False)
            target = self.state.evidence / folder_name(incident.id, version + 1)
            _remove(target)  # not in the chain: of this run, or of a killed one
            staged.rename(target)
            sync_folder(self.state.evidence)
        except OSError as error:
            reason = error.strerror or "failed"
            raise NotPermittedError(f"can't keep evidence: {reason}", where=str(staged)) from error
        return self._manifest(incident.id, version + 1, found, is_new=True)

    def seal(
        self, connection: sa.Connection, *, manifest: Manifest, recorded_ns: int
    ) -> ChainRecord | None:
        """Append the manifest to the chain, in the caller's transaction.

        ``None`` when the manifest is in the chain already. The record counts when the
        transaction is committed; after a rollback make a new `Vault`.
        """
        if not manifest.is_new:
            return None
        record = make_record(
            load_or_make_key(self.state.keys),
            head=_head(connection),
            incident_id=manifest.incident_id,
            manifest_version=manifest.version,
            manifest_sha256=manifest.sha256,
            recorded_at=rfc3339(recorded_ns) or "",
            host=socket.gethostname(),
            user=_user(),
        )
        values = record.values()
        connection.execute(
            sa.insert(CHAIN).values(
                seq=values["seq"],
                incident_id=manifest.incident_id,
                manifest_version=manifest.version,
                manifest_sha256=manifest.sha256,
                previous_hash=values["previous"],
                record_hash=record.hash,
                body=record.body,
                signature=record.signature,
            )
        )
        if self._known is not None:
            self._known[manifest.incident_id] = (manifest.version, manifest.sha256)
        return record

    def head(self) -> Head:
        """Return count and hash of the chain, to be printed and sent (``str`` of it)."""
        with self.database.begin() as connection:
            return _head(connection)

    def publish(self) -> None:
        """Bring ``evidence/chain.jsonl``, the plain copy, up to the committed chain."""
        with self.database.begin() as connection:
            records = load_chain(connection)
        path = self.state.evidence / CHAIN_COPY
        wanted = "".join(record.line() for record in records).encode()
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            with os.fdopen(os.open(path, flags, 0o600), "r+b") as stream:
                present = stream.read(len(wanted) + 1)
                # A copy that says something else is left as it is: `verify` reports it.
                if wanted.startswith(present) and present != wanted:
                    stream.seek(len(present))
                    stream.write(wanted[len(present) :])
                    stream.flush()
                    os.fsync(stream.fileno())
        except OSError as error:
            reason = error.strerror or "failed"
            raise NotPermittedError(f"can't write the chain: {reason}", where=str(path)) from error

    def _copied(self) -> set[str]:
        """Return the folders that the plain copy names.

        A store that lost its tail, or came back from a backup, must not make `clean`
        destroy what was sealed.
        Raises `IntegrityError` for a copy that can't be read.
        """
        path = self.state.evidence / CHAIN_COPY
        if not path.exists():
            return set()
        whole, _, _ = path.read_text("utf-8", "replace").rpartition(
            "\n"
        )  # a kill may cut the last line
        values = [one.values() for one in parse_lines(whole, where=str(path))]
        return {folder_name(one["incident"], one["manifest_version"]) for one in values}

    def _versions(self) -> dict[str, tuple[int, str]]:
        if self._known is None:
            self._known = {}
            for (incident_id, version), digest in sorted(self._sealed().items()):
                self._known[incident_id] = (version, digest)
        return self._known

    def _sealed(self) -> dict[tuple[str, int], str]:
        with self.database.begin() as connection:
            query = sa.select(
                CHAIN.c.incident_id, CHAIN.c.manifest_version, CHAIN.c.manifest_sha256
            )
            return {(row[0], row[1]): row[2] for row in connection.execute(query)}

    def _manifest(self, incident_id: str, version: int, digest: str, *, is_new: bool) -> Manifest:
        path = f"{self.state.evidence.name}/{folder_name(incident_id, version)}"
        return Manifest(incident_id, version, path, digest, is_new)


def load_chain(connection: sa.Connection) -> list[ChainRecord]:
    """Return the chain's records in the order of their numbers."""
    query = sa.select(CHAIN.c.record_hash, CHAIN.c.signature, CHAIN.c.body).order_by(CHAIN.c.seq)
    return [ChainRecord(row[0], row[1], row[2]) for row in connection.execute(query)]


def _head(connection: sa.Connection) -> Head:
    query = sa.select(CHAIN.c.seq, CHAIN.c.record_hash).order_by(CHAIN.c.seq.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return head_of([]) if row is None else Head(row[0], row[1])


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no entry for this number in the password database
        return str(os.getuid())
