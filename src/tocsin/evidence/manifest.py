"""What an incident's evidence folder holds, and the one text whose hash seals it.

The manifest is deterministic: the same evidence gives the same bytes anywhere, at any
time. Who sealed it, when and on which host stands in the chain.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

SCHEMA = "tocsin.manifest/1"
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
NAME = re.compile(r"[a-z][a-z0-9-]{0,60}(?:\.[a-z0-9]{1,8})?")
INCIDENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Item:
    """One file of the folder; ``facts`` are counts, source, offsets, gaps."""

    name: str
    bytes: int
    sha256: str
    what: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A sealed folder: ``path`` is relative to the state, ``sha256`` of ``manifest.json``.

    ``is_new`` is false when the same evidence was there already and is in the chain.
    """

    incident_id: str
    version: int
    path: str
    sha256: str
    is_new: bool = True


def folder_name(incident_id: str, version: int) -> str:
    """Return ``a3f1c09be2d4`` for version 1, ``a3f1c09be2d4.v2`` and so on for later ones."""
    if not INCIDENT_ID.fullmatch(incident_id):
        raise ValueError(f"not an incident id: {incident_id!r}")
    return incident_id if version == 1 else f"{incident_id}.v{version}"


def parse_folder_name(name: str) -> tuple[str, int] | None:
    """Return (incident id, version) of a folder's name; ``None`` for any other name."""
    incident_id, dot, tail = name.partition(".v")
    if not INCIDENT_ID.fullmatch(incident_id):
        return None
    if not dot:
        return incident_id, 1
    if not re.fullmatch(r"[1-9][0-9]{0,8}", tail) or tail == "1":
        return None
    return incident_id, int(tail)


def item_of(path: Path, *, what: str, facts: Mapping[str, Any]) -> Item:
    """Describe a file that is complete; reads it once."""
    return Item(path.name, path.stat().st_size, sha256_of(path), what, facts)


def manifest_bytes(incident_id: str, *, items: Iterable[Item]) -> bytes:
    """Return the bytes of ``manifest.json``; items in order of their names."""
    content = {
        "schema": SCHEMA,
        "incident": incident_id,
        "items": [asdict(item) for item in sorted(items, key=lambda item: item.name)],
    }
    return json.dumps(content, indent=1, sort_keys=True, allow_nan=False).encode() + b"\n"


def sums_bytes(entries: Iterable[tuple[str, str]]) -> bytes:
    """Return the bytes of ``SHA256SUMS`` for (name, sha256), as `sha256sum -c` reads them."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(entries)).encode()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a regular file, following no link; raises `OSError`."""
    digest = hashlib.sha256()
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        while part := stream.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()
