"""An engine's state in one file: written beside, synced, renamed; never pickled.

Arrays are members of an npz archive, everything else is one JSON member in which arrays
and the lanes' own value types are marked by name.
"""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.core.errors import IntegrityError
from tocsin.features.lane import BlockRow, LaneStats

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SCHEMA = "tocsin.checkpoint/1"
_PLAIN = "plain"


def write_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Replace the checkpoint at ``path``; a crash leaves the old one or the new one."""
    arrays: dict[str, NDArray[Any]] = {}
    plain = _to_plain({"schema": SCHEMA, **state}, arrays)
    arrays[_PLAIN] = np.frombuffer(json.dumps(plain).encode(), dtype=np.uint8)
    staged = path.with_name(path.name + ".new")
    with staged.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)
        stream.flush()
        os.fsync(stream.fileno())
    staged.replace(path)


def read_checkpoint(path: Path) -> dict[str, Any] | None:
    """Return the state, None when there is none; `IntegrityError` when it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            plain = json.loads(archive[_PLAIN].tobytes())
            state = _from_plain(plain, archive)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise IntegrityError(f"is no checkpoint: {error}", where=str(path)) from error
    if state.pop("schema", None) != SCHEMA:
        raise IntegrityError(f"is not of schema {SCHEMA}", where=str(path))
    return dict(state)


def _to_plain(value: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    match value:
        case np.ndarray():
            name = f"a{len(arrays)}"
            arrays[name] = value
            return {"array": name}
        case LaneStats():
            return {"stats": asdict(value)}
        case BlockRow():
            fields = {name: getattr(value, name) for name in BlockRow.__slots__}
            return {"row": _to_plain(fields, arrays)}
        case bytes():
            return {"bytes": value.hex()}
        case dict():
            return {"dict": {str(k): _to_plain(v, arrays) for k, v in value.items()}}
        case list() | tuple():
            return [_to_plain(item, arrays) for item in value]
        case np.generic():
            return value.item()
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise TypeError(f"a checkpoint can't keep {type(value).__name__}")


def _from_plain(value: Any, archive: Any) -> Any:
    if isinstance(value, list):
        return [_from_plain(item, archive) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    match kind:
        case "array":
            return archive[inner]
        case "stats":
            return LaneStats(**inner)
        case "row":
            return BlockRow(**_from_plain(inner, archive))
        case "bytes":
            return bytes.fromhex(inner)
        case _:
            return {name: _from_plain(item, archive) for name, item in inner.items()}
