"""One zip with an incident's evidence, the chain and the public key: verifies alone.

The whole chain goes along (numbers, ids, hashes; no evidence of other incidents), because
only the whole shows that no record was taken out, and can be held against a head.
The same state gives the same bytes.
"""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

from tocsin.core.errors import IntegrityError, UsageError
from tocsin.evidence.chain import PUBLIC, head_of
from tocsin.evidence.manifest import folder_name, parse_folder_name
from tocsin.evidence.vault import CHAIN_COPY, load_chain

if TYPE_CHECKING:
    from pathlib import Path

    from tocsin.store.database import Database
    from tocsin.store.state import StateFolder

UNPACKED_BYTES_MAX = 4 << 30
MEMBERS_MAX = 10_000
_MEMBER = re.compile(r"(?:([A-Za-z0-9_-]+(?:\.v[0-9]+)?)/)?([A-Za-z0-9][A-Za-z0-9._-]{0,100})")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_README = """\
Evidence of incident {incident}, exported by Tocsin.

With Tocsin:   tocsin evidence verify THIS.zip [--head {head}]

By hand, in this folder:
  1. cd {incident} && sha256sum -c SHA256SUMS     (each version's folder: {folders})
  2. sha256sum {incident}/manifest.json must be the manifest_sha256 in the body of one of
     the records of chain.jsonl.
  3. For each line of chain.jsonl: the SHA-256 of "body" (its exact bytes) is "hash";
     "previous" in the body is the "hash" of the line before (64 zeros in the first).
  4. "signature" is hexadecimal Ed25519 over the bytes of "body", by chain.pub:
     openssl pkeyutl -verify -pubin -inkey chain.pub -rawin -in BODY -sigfile SIGNATURE

Head of the chain when this was exported (compare it with one that was printed or sent
earlier; without that a tail that was cut off can't be seen):
  {head}
"""


def export(incident_id: str, *, state: StateFolder, database: Database, target: Path) -> Path:
    """Write an incident's evidence as a zip to ``target`` (which must not exist yet).

    Raises `UsageError` when the chain holds nothing of this incident or ``target`` exists,
    `IntegrityError` when a sealed folder is missing.
    """
    with database.begin() as connection:
        records = load_chain(connection)
    folders = [
        folder_name(values["incident"], values["manifest_version"])
        for values in (record.values() for record in records)
        if values["incident"] == incident_id
    ]
    if not folders:
        raise UsageError(f"the chain holds no evidence of incident {incident_id}")
    readme = _README.format(incident=incident_id, head=head_of(records), folders=", ".join(folders))
    try:
        with zipfile.ZipFile(target, "x", compression=zipfile.ZIP_DEFLATED) as archive:
            _put(archive, "README.txt", readme.encode())
            _put(archive, CHAIN_COPY, "".join(record.line() for record in records).encode())
            _put(archive, PUBLIC, (state.keys / PUBLIC).read_bytes())
            for folder in folders:
                for path in sorted((state.evidence / folder).iterdir()):
                    if path.is_symlink() or not path.is_file():
                        raise IntegrityError("not a file", where=str(path))
                    _put(archive, f"{folder}/{path.name}", path.read_bytes())
    except FileExistsError as error:
        raise UsageError("exists already", where=str(target)) from error
    except OSError as error:
        target.unlink(missing_ok=True)
        reason = error.strerror or "unreadable"
        raise IntegrityError(f"evidence can't be read: {reason}", where=incident_id) from error
    except IntegrityError:
        target.unlink(missing_ok=True)
        raise
    return target


def unpack(path: Path, *, folder: Path) -> None:
    """Unpack an export into an empty folder; `IntegrityError` for anything that is not one."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            total_bytes = sum(member.file_size for member in members)
            if len(members) > MEMBERS_MAX or total_bytes > UNPACKED_BYTES_MAX:
                raise IntegrityError("too large to be an export", where=str(path))
            seen = set()
            for member in members:
                match = _MEMBER.fullmatch(member.filename)
                is_known = match is not None and (
                    match[1] is None or parse_folder_name(match[1]) is not None
                )
                if not is_known or member.filename in seen:
                    raise IntegrityError(f"unexpected member {member.filename!r}", where=str(path))
                seen.add(member.filename)
                target = folder / member.filename
                target.parent.mkdir(exist_ok=True)
                with archive.open(member) as stream, target.open("xb") as out:
                    while part := stream.read(1 << 20):
                        out.write(part)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise IntegrityError(f"damaged export: {error}", where=str(path)) from error


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, date_time=_EPOCH)
    info.external_attr = 0o100600 << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, content)
