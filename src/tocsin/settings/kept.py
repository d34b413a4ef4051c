"""What a start would compute anew each time, kept on disk: a cache file per thing and key.

The key is a hash over all that the content depends on, so that a changed file is never asked
for again. A file is the user's own (mode 600), and only ever saves time: a damaged one counts as
absent, one that can't be written is no reason to stop. Arrays are an npz file behind its SHA-256,
read without pickle.
"""

from __future__ import annotations

import hashlib
import os
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FILES_MAX = 8  # of arrays with one name; older ones are removed
_HASH_BYTES = 32


def cache_folder() -> Path:
    """Return where compiled rules are kept: below the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "tocsin" / "rules"


def keep(path: Path, content: bytes) -> None:
    """Write a cache file; a folder that can't be written is no reason to stop."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_suffix(f".{os.getpid()}")
        part.touch(mode=0o600)
        part.write_bytes(content)
        part.replace(path)
    except OSError:
        return


def kept_arrays(name: str, key: str, *, folder: Path) -> dict[str, NDArray[Any]] | None:
    """Return what `keep_arrays` wrote under this name and key, None when that is not there."""
    try:
        content = _place(name, key, folder).read_bytes()
    except OSError:
        return None
    told, packed = content[:_HASH_BYTES], content[_HASH_BYTES:]
    if hashlib.sha256(packed).digest() != told:
        return None
    with np.load(BytesIO(packed), allow_pickle=False) as found:
        return {one: found[one] for one in found.files}


def keep_arrays(name: str, key: str, arrays: Mapping[str, NDArray[Any]], *, folder: Path) -> None:
    """Keep arrays under a name and a key; of one name the newest `FILES_MAX` stay."""
    memory = BytesIO()
    np.savez(memory, allow_pickle=False, **arrays)  # type: ignore[arg-type]
    packed = memory.getvalue()
    keep(_place(name, key, folder), hashlib.sha256(packed).digest() + packed)
    try:
        files = sorted(folder.glob(f"{name}-*.arrays"), key=lambda path: path.stat().st_mtime_ns)
        for old in files[:-FILES_MAX]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def _place(name: str, key: str, folder: Path) -> Path:
    return folder / f"{name}-{key[:32]}.arrays"
