"""One incident's items, written to a folder that nobody sees until it is complete."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

from tocsin.core.incident import detection_json
from tocsin.core.times import rfc3339
from tocsin.evidence.keeping import NO_TIME
from tocsin.evidence.lines import write_lines, write_lines_index
from tocsin.evidence.manifest import (
    MANIFEST,
    SUMS,
    Item,
    item_of,
    manifest_bytes,
    sha256_of,
    sums_bytes,
)
from tocsin.evidence.slice import slice_suffix, write_slice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tocsin.core.incident import Incident
    from tocsin.evidence.selection import Selected


def write_folder(
    folder: Path,
    *,
    incident: Incident,
    selections: Sequence[Selected],
    versions: Mapping[str, Any],
) -> str:
    """Fill an empty folder with items, manifest and sums; return the manifest's SHA-256.

    Every file and the folder are on disk when this returns. Raises `OSError`.
    """
    items = _selections(folder, selections)
    detections = [
        {**detection_json(one), "selector": asdict(one.selector)} for one in incident.detections
    ]
    sealed = replace(incident, evidence_path=None, manifest_sha256=None)
    for name, content, what in (
        ("detections.json", detections, "the detections with their numbers and selectors"),
        ("incident.json", sealed.to_json(), "the incident when this was sealed"),
        ("rules.json", dict(versions), "versions of program, rules, settings and models"),
    ):
        text = json.dumps(content, indent=1, sort_keys=True).encode() + b"\n"
        path = write_file(folder / name, partial(_put, content=text))
        items.append(item_of(path, what=what, facts={}))
    write_file(
        folder / MANIFEST, lambda stream: stream.write(manifest_bytes(incident.id, items=items))
    )
    digest = sha256_of(folder / MANIFEST)
    entries = [(MANIFEST, digest), *((item.name, item.sha256) for item in items)]
    write_file(folder / SUMS, lambda stream: stream.write(sums_bytes(entries)))
    sync_folder(folder)
    return digest


def write_file(path: Path, write: Callable[[BinaryIO], object]) -> Path:
    """Make a new file (0600), let ``write`` fill it, and return when it is on disk."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as stream:
        write(stream)
        stream.flush()
        os.fsync(stream.fileno())
    return path


def sync_folder(folder: Path) -> None:
    """Return when the folder's entries are on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _put(stream: BinaryIO, *, content: bytes) -> None:
    stream.write(content)


def _selections(folder: Path, selections: Sequence[Selected]) -> list[Item]:
    items: list[Item] = []
    numbers = {"packets": 0, "log": 0, "flows": 0}
    for chosen in sorted(selections, key=lambda one: (one.medium, one.source)):
        numbers[chosen.medium] += 1
        n = numbers[chosen.medium]
        facts = _facts(chosen)
        if chosen.medium == "packets":
            path = folder / f"capture-{n}.{slice_suffix(chosen.rows)}"
            write_file(path, partial(write_slice, rows=chosen.rows, data=chosen.data))
            items.append(item_of(path, what="packets of the incident", facts=facts))
            continue
        path = folder / f"lines-{n}.log"
        write_file(path, partial(write_lines, data=chosen.data))
        items.append(item_of(path, what="log lines of the incident, as read", facts=facts))
        path = folder / f"lines-{n}.jsonl"
        write_file(path, partial(write_lines_index, path=chosen.source, rows=chosen.rows))
        items.append(item_of(path, what=f"where each line of lines-{n}.log was", facts={}))
    return items


def _facts(chosen: Selected) -> dict[str, Any]:
    rows = chosen.rows
    times = rows["ts_ns"][rows["ts_ns"] != NO_TIME]
    return {
        "source": chosen.source,
        "records": len(rows),
        "records_matching": chosen.matched,
        "is_exact": chosen.is_exact,
        "selection": "exact" if chosen.is_exact else _inexact(chosen),
        "first_offset": int(rows["offset"][0]) if len(rows) else None,
        "last_offset": int(rows["offset"][-1]) if len(rows) else None,
        "first_time": rfc3339(int(times.min())) if len(times) else None,
        "last_time": rfc3339(int(times.max())) if len(times) else None,
        "blocks_read": chosen.blocks_read,
        "blocks_matching": chosen.blocks_matching,
        "gaps": [asdict(gap) for gap in chosen.gaps],
        "gaps_total": chosen.gaps_total,
    }


def _inexact(chosen: Selected) -> str:
    if chosen.gaps_total and chosen.matched == len(chosen.rows):
        return "incomplete: blocks that changed or went away are left out"
    return "sampled: the first, the last and a keyed sample"
