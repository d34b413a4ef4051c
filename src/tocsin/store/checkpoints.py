"""State of lanes and baselines as archives of arrays; never pickled.

Plain values (numbers, text, ``None``, lists, dicts of them) travel as JSON in one member
of the archive, arrays as members of their own.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa

from tocsin.core.errors import IntegrityError
from tocsin.store.tables import BASELINE, CHECKPOINT

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAIN = "__plain__"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a source was, and the state of its lane there."""

    source: str
    offset: int
    state: dict[str, Any]


def pack(state: Mapping[str, Any]) -> bytes:
    """Return a state of arrays and plain values as bytes; raises `TypeError` for others."""
    arrays = {name: value for name, value in state.items() if isinstance(value, np.ndarray)}
    plain = {name: value for name, value in state.items() if name not in arrays}
    if any(array.dtype.hasobject for array in arrays.values()):
        raise TypeError("an array of objects can't be kept in a checkpoint")
    text = json.dumps(plain, default=_number).encode()
    buffer = io.BytesIO()
    arrays[_PLAIN] = np.frombuffer(text, dtype=np.uint8)
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack(blob: bytes) -> dict[str, Any]:
    """Return the state of `pack`; raises `IntegrityError` when the bytes are damaged."""
    try:
        with np.load(io.BytesIO(blob), allow_pickle=False) as loaded:
            state: dict[str, Any] = {name: loaded[name] for name in loaded.files}
        plain: dict[str, Any] = json.loads(state.pop(_PLAIN).tobytes())
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise IntegrityError(f"a checkpoint can't be read: {error}") from error
    return {**state, **plain}


def put_checkpoint(connection: sa.Connection, checkpoint: Checkpoint) -> None:
    """Write where a source is; replaces the earlier one."""
    connection.execute(sa.delete(CHECKPOINT).where(CHECKPOINT.c.source == checkpoint.source))
    connection.execute(
        sa.insert(CHECKPOINT).values(
            source=checkpoint.source, offset=checkpoint.offset, state=pack(checkpoint.state)
        )
    )


def find_checkpoint(connection: sa.Connection, source: str) -> Checkpoint | None:
    """Return the checkpoint of a source, if there is one."""
    query = sa.select(CHECKPOINT).where(CHECKPOINT.c.source == source)
    row = connection.execute(query).one_or_none()
    return None if row is None else Checkpoint(row.source, row.offset, unpack(row.state))


def put_baseline(connection: sa.Connection, name: str, *, state: Mapping[str, Any]) -> None:
    """Write a named baseline; replaces the earlier one."""
    connection.execute(sa.delete(BASELINE).where(BASELINE.c.name == name))
    connection.execute(sa.insert(BASELINE).values(name=name, state=pack(state)))


def find_baseline(connection: sa.Connection, name: str) -> dict[str, Any] | None:
    """Return a named baseline, if there is one."""
    blob = connection.execute(
        sa.select(BASELINE.c.state).where(BASELINE.c.name == name)
    ).scalar_one_or_none()
    return None if blob is None else unpack(blob)


def _number(value: object) -> int | float | bool:
    if isinstance(value, np.generic) and isinstance(found := value.item(), int | float):
        return found
    raise TypeError(f"expected an array or a plain value, got {type(value).__name__}")
