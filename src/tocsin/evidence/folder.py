"""Checking one evidence folder against the hash of its manifest."""

from __future__ import annotations

import hashlib
import json
import stat
from typing import TYPE_CHECKING, Any

from tocsin.evidence.manifest import MANIFEST, NAME, SUMS, sha256_of, sums_bytes

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST_BYTES_MAX = 64 << 20


def folder_problems(folder: Path, *, manifest_sha256: str) -> list[str]:
    """Return what does not match: altered, removed, added, renamed or reordered items."""
    if folder.is_symlink() or not folder.is_dir():
        return [f"{folder.name}: removed"]
    try:
        content = (folder / MANIFEST).read_bytes()[:MANIFEST_BYTES_MAX]
    except OSError:
        return [f"{folder.name}/{MANIFEST}: removed"]
    problems = []
    if hashlib.sha256(content).hexdigest() != manifest_sha256:
        problems.append(f"{folder.name}/{MANIFEST}: altered; the chain has another hash")
    try:
        items = _items(content)
    except (ValueError, KeyError, TypeError, RecursionError):
        return [*problems, f"{folder.name}/{MANIFEST}: not a manifest"]
    names = list(items)
    if names != sorted(names):
        problems.append(f"{folder.name}/{MANIFEST}: items reordered")
    found = _hashes(folder)
    problems += _compare(folder.name, items, found)
    digest = hashlib.sha256(content).hexdigest()
    entries = [(MANIFEST, digest), *((name, item["sha256"]) for name, item in items.items())]
    try:
        sums = (folder / SUMS).read_bytes()
    except OSError:
        problems.append(f"{folder.name}/{SUMS}: removed")
    else:
        if sums != sums_bytes(entries):
            problems.append(f"{folder.name}/{SUMS}: altered or reordered")
    return problems


def _items(content: bytes) -> dict[str, dict[str, Any]]:
    items: dict[str, dict[str, Any]] = {}
    for item in json.loads(content)["items"]:
        name = item["name"]
        if not isinstance(name, str) or not NAME.fullmatch(name) or name in items:
            raise ValueError("a name that is not an item's")
        if not isinstance(item["sha256"], str):
            raise TypeError("a hash that is not text")
        items[name] = item
    return items


def _hashes(folder: Path) -> dict[str, str]:
    """Return name -> SHA-256 of what lies in the folder; an empty hash for what is no file."""
    found = {}
    for path in folder.iterdir():
        if path.name in (MANIFEST, SUMS):
            continue
        is_file = stat.S_ISREG(path.lstat().st_mode)
        try:
            found[path.name] = sha256_of(path) if is_file else ""
        except OSError:
            found[path.name] = ""
    return found


def _compare(folder: str, items: dict[str, dict[str, Any]], found: dict[str, str]) -> list[str]:
    problems = []
    added = {name: digest for name, digest in found.items() if name not in items}
    for name, item in items.items():
        if found.get(name) == item["sha256"]:
            continue
        if name in found:
            problems.append(f"{folder}/{name}: altered; expected sha256 {item['sha256']}")
            continue
        twin = next((other for other, d in added.items() if d and d == item["sha256"]), None)
        if twin is None:
            problems.append(f"{folder}/{name}: removed")
        else:
            del added[twin]
            problems.append(f"{folder}/{name}: renamed to {twin!r}")
    return problems + [f"{folder}/{name!r}: added" for name in sorted(added)]
