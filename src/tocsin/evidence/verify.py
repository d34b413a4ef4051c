"""Checking evidence against its manifests, and the manifests against the signed chain.

Works on a state folder, on one incident of it, and on an export alone (folder or zip).
Nothing in the evidence is trusted: no link is followed, sizes are bounded, names are
checked before they are used.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from tocsin.core.errors import IntegrityError, UsageError
from tocsin.evidence.chain import (
    PUBLIC,
    ChainRecord,
    Head,
    chain_problems,
    head_of,
    load_public_key,
    parse_lines,
)
from tocsin.evidence.export import unpack
from tocsin.evidence.folder import folder_problems
from tocsin.evidence.manifest import INCIDENT_ID, folder_name, parse_folder_name
from tocsin.evidence.vault import CHAIN_COPY, load_chain
from tocsin.store.database import connect
from tocsin.store.state import StateFolder
from tocsin.store.tables import CHAIN, HEAD, INCIDENT

if TYPE_CHECKING:
    from tocsin.store.database import Database

CHAIN_BYTES_MAX = 1 << 30
_EXPORT_FILES = frozenset({CHAIN_COPY, PUBLIC, "README.txt"})


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found: ``problems`` (any means exit 4), and notes that are none."""

    problems: tuple[str, ...]
    notes: tuple[str, ...]
    folders: int
    records: int
    head: Head


def verify(place: str, *, state: StateFolder, head: Head | None = None) -> Report:
    """Check a state folder, an incident's folder, an export (by path) or an incident's id.

    ``state`` is where an id is looked up. With ``head`` a tail that was cut off is found
    as well. Raises `UsageError` when there is nothing of that name.
    """
    path = Path(place)
    if path.is_file() and zipfile.is_zipfile(path):
        with tempfile.TemporaryDirectory(prefix="tocsin-verify-") as folder:
            unpack(path, folder=Path(folder))
            return _verify_export(Path(folder), head)
    if (path / "tocsin.db").exists():
        return _verify_state(StateFolder(path), None, head)
    if (path / CHAIN_COPY).is_file() and (path / PUBLIC).is_file():
        return _verify_export(path, head)
    if (path / CHAIN_COPY).is_file() and (path.absolute().parent / "tocsin.db").exists():
        return _verify_state(StateFolder(path.absolute().parent), None, head)
    named = parse_folder_name(path.name)
    if named and path.is_dir():
        root = path.absolute().parent.parent
        if (root / "tocsin.db").exists():
            return _verify_state(StateFolder(root), named[0], head)
        if (root / PUBLIC).is_file() or (path.absolute().parent / PUBLIC).is_file():
            return _verify_export(path.absolute().parent, head)
        raise UsageError("neither a state nor an export holds this folder", where=place)
    if INCIDENT_ID.fullmatch(place) and state.database.exists():
        return _verify_state(state, place, head)
    raise UsageError("no state, evidence folder, export or incident of this name", where=place)


def _verify_state(state: StateFolder, incident_id: str | None, head: Head | None) -> Report:
    database = connect(state.database, create=False)
    try:
        version = database.version()
        if version is None:  # a first run was killed before it made the tables
            note = "the database is still empty"
            return Report(tuple(_head_problems([], head)), (note,), 0, 0, head_of([]))
        if version != HEAD:
            message = f"version {version}, expected {HEAD}: run `tocsin store migrate`"
            raise UsageError(message, where=str(state.database))
        with database.begin() as connection:
            records = load_chain(connection)
        problems = _row_problems(database)
        if records:
            problems += chain_problems(records, key=load_public_key(state.keys / PUBLIC))
        wanted = _wanted(records, incident_id)
        if incident_id is not None and not wanted:
            raise UsageError(f"the chain holds no evidence of incident {incident_id}")
        copied, notes = _copy_problems(state.evidence / CHAIN_COPY, records)
        problems += copied + _head_problems(records, head)
    finally:
        database.close()
    for name, digest in wanted.items():
        problems += folder_problems(state.evidence / name, manifest_sha256=digest)
    if incident_id is None:
        for path in sorted(state.evidence.iterdir()) if state.evidence.is_dir() else ():
            if path.name in wanted or path.name == CHAIN_COPY:
                continue
            if parse_folder_name(path.name) or path.name.startswith(".staging-"):
                notes.append(f"{path.name}: not in the chain; left by a run that was killed")
            else:
                problems.append(f"{path.name}: added; no chain record names it")
    return Report(tuple(problems), tuple(notes), len(wanted), len(records), head_of(records))


def _verify_export(root: Path, head: Head | None) -> Report:
    copy = root / CHAIN_COPY
    records = _read_copy(copy)
    problems = chain_problems(records, key=load_public_key(root / PUBLIC))
    problems += _head_problems(records, head)
    every = _wanted(records, None)
    present = {path.name for path in root.iterdir()} - _EXPORT_FILES
    exported = {parsed[0] for name in present if (parsed := parse_folder_name(name))}
    wanted = {
        name: digest
        for name, digest in every.items()
        if (parsed := parse_folder_name(name)) and parsed[0] in exported
    }
    for name, digest in wanted.items():
        problems += folder_problems(root / name, manifest_sha256=digest)
    problems += [
        f"{name}: added; no chain record names it" for name in sorted(present - set(wanted))
    ]
    if not wanted:
        problems.append("the export holds no evidence folder that its chain names")
    return Report(tuple(problems), (), len(wanted), len(records), head_of(records))


def _wanted(records: list[ChainRecord], incident_id: str | None) -> dict[str, str]:
    """Return folder name -> manifest hash of the chain's records, all or one incident's."""
    wanted: dict[str, str] = {}
    for record in records:
        try:
            values = record.values()
            name = folder_name(values["incident"], values["manifest_version"])
        except (IntegrityError, ValueError):
            continue  # said by chain_problems
        if incident_id is None or values["incident"] == incident_id:
            wanted[name] = values["manifest_sha256"]
    return wanted


def _row_problems(database: Database) -> list[str]:
    """Compare the chain's columns with its signed bodies, and incidents with the chain."""
    problems = []
    with database.begin() as connection:
        sealed = set()
        for row in connection.execute(sa.select(CHAIN).order_by(CHAIN.c.seq)):
            sealed.add((row.incident_id, row.manifest_sha256))
            try:
                values = ChainRecord(row.record_hash, row.signature, row.body).values()
            except IntegrityError:
                continue
            signed = (
                values["seq"], values["incident"], values["manifest_version"],
                values["manifest_sha256"], values["previous"],
            )  # fmt: skip
            if signed != tuple(row)[:5]:
                problems.append(f"chain record {row.seq}: its row differs from what was signed")
        for incident_id, body in connection.execute(sa.select(INCIDENT.c.id, INCIDENT.c.body)):
            digest = json.loads(body)["state"].get("manifest_sha256")
            if digest is not None and (incident_id, digest) not in sealed:
                problems.append(f"incident {incident_id}: its evidence is missing from the chain")
    return problems


def _copy_problems(path: Path, records: list[ChainRecord]) -> tuple[list[str], list[str]]:
    """Compare the plain copy with the store; a copy that is merely short is a note."""
    if not path.exists():
        return ([f"{CHAIN_COPY}: missing"] if records else []), []
    try:
        copied = _read_copy(path)
    except IntegrityError as error:
        return [str(error)], []
    for place, (kept, copy) in enumerate(zip(records, copied, strict=False), start=1):
        if kept != copy:
            return [f"{CHAIN_COPY}: line {place} differs from the store"], []
    if len(copied) > len(records):
        extra = len(copied) - len(records)
        return [f"{CHAIN_COPY}: {extra} records more than the store: its tail was cut"], []
    if len(copied) < len(records):
        return [], [f"{CHAIN_COPY}: {len(records) - len(copied)} records behind the store"]
    return [], []


def _head_problems(records: list[ChainRecord], head: Head | None) -> list[str]:
    if head is None or head.count == 0:
        return []
    if len(records) < head.count:
        return [f"the chain's tail was cut: {len(records)} records, the head says {head.count}"]
    found = records[head.count - 1].hash
    if found != head.hash:
        return [f"chain record {head.count}: hash {found}, the head says {head.hash}"]
    return []


def _read_copy(path: Path) -> list[ChainRecord]:
    try:
        if path.is_symlink() or path.stat().st_size > CHAIN_BYTES_MAX:
            raise IntegrityError("a link, or too large to be a chain", where=str(path))
        whole, _, _ = path.read_text("utf-8").rpartition("\n")  # a kill may cut the last line
        return parse_lines(whole, where=str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise IntegrityError("the chain's copy can't be read", where=str(path)) from error
