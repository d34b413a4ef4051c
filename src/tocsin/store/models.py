"""Trained models as files: ``<name>.npz`` (arrays) and ``<name>.json`` (its card).

A model file is input from outside. It is never unpickled: the card is read first, the
bytes of the arrays must have its SHA-256, the archive may not unpack to more than
`UNPACKED_BYTES_MAX`, and every array must have the card's dtype and shape. What the
arrays mean is checked by whoever walks them (`tocsin.kernels.forest.forest_of`).
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import re
import zipfile
import zlib
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import tocsin
from tocsin.core.errors import InputError, IntegrityError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

SCHEMA = "tocsin.model/1"
CARD_BYTES_MAX = 1 << 20
ARCHIVE_BYTES_MAX = 32 << 20
UNPACKED_BYTES_MAX = 128 << 20
ARRAYS_MAX = 64
_NOT_AN_ARCHIVE = (
    ValueError, OSError, EOFError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a person must know before trusting a model, and a program before loading it.

    ``data`` has one object per source (name, licence, role, rows, first and last time,
    sha256 where it is a file); ``metrics`` are figures at ``threshold`` on the calibration
    rows, which are later than the training rows; ``limits`` says what it can't know.
    ``arrays`` maps a name to its dtype and shape.
    """

    name: str
    method: str
    detector: str
    date: str
    features: tuple[str, ...]
    threshold: float
    false_alarm_rate: float
    parameters: Mapping[str, Any] = field(default_factory=dict)
    data: tuple[Mapping[str, Any], ...] = ()
    metrics: Mapping[str, Any] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    arrays: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    npz_sha256: str = ""
    schema: str = SCHEMA

    def to_json(self) -> dict[str, Any]:
        """Return the card's object, ready for `json.dumps`."""
        return {"schema": self.schema, **asdict(self)}


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model whose bytes match its card."""

    card: ModelCard
    arrays: Mapping[str, NDArray[np.generic]]
    path: Path


def shipped_folder() -> Path:
    """Return the folder of the models that come with Tocsin (installed, or in a clone)."""
    package = Path(tocsin.__file__).parent
    installed = package / "shipped" / "models"
    return installed if installed.is_dir() else package.parents[1] / "models"


def list_models(*folders: Path) -> list[Path]:
    """Return the cards' paths by name; the first folder that holds a name wins."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
            found.setdefault(path.stem, path)
    return [found[name] for name in sorted(found)]


def find_model(name: str, *folders: Path) -> Path:
    """Return the card's path of a model by name; `UsageError` names those that exist."""
    _check_name(name)
    paths = {path.stem: path for path in list_models(*folders)}
    if name not in paths:
        raise UsageError(f"no model {name!r}; there are: {', '.join(paths) or 'none'}")
    return paths[name]


def write_model(folder: Path, card: ModelCard, arrays: Mapping[str, NDArray[np.generic]]) -> Path:
    """Write arrays, then the card with their hash, each by renaming; return the card's path.

    The same arrays give the same bytes (members are stamped 1980). Raises `UsageError`
    for a name that is not lower-case letters, digits and hyphens.
    """
    _check_name(card.name)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **dict(sorted(arrays.items())))
    blob = buffer.getvalue()
    complete = replace(
        card,
        arrays={
            name: {"dtype": array.dtype.str, "shape": list(array.shape)}
            for name, array in sorted(arrays.items())
        },
        npz_sha256=hashlib.sha256(blob).hexdigest(),
    )
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / f"{card.name}.npz", blob)
    text = json.dumps(complete.to_json(), indent=1, allow_nan=False) + "\n"
    return _replace(folder / f"{card.name}.json", text.encode())


def read_model(path: Path) -> StoredModel:
    """Return the model of a card's path; `IntegrityError` when anything does not match."""
    card = read_card(path)
    archive = path.with_suffix(".npz")
    blob = _bytes_of(archive, bytes_max=ARCHIVE_BYTES_MAX)
    found = hashlib.sha256(blob).hexdigest()
    if found != card.npz_sha256:
        message = f"expected sha256 {card.npz_sha256 or 'in its card'}, got {found}"
        raise IntegrityError(message, where=str(archive))
    return StoredModel(card=card, arrays=_unpack(blob, card, where=str(archive)), path=path)


def read_card(path: Path) -> ModelCard:
    """Return a card without its arrays; `IntegrityError` when it is not one."""
    try:
        content = json.loads(_bytes_of(path, bytes_max=CARD_BYTES_MAX))
    except (ValueError, RecursionError) as error:
        raise IntegrityError(f"not a model card: {error}", where=str(path)) from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise IntegrityError(f"expected a card with schema {SCHEMA}", where=str(path))
    known = {part.name for part in fields(ModelCard)}
    values = {key: value for key, value in content.items() if key in known}
    try:
        for listed in ("features", "data", "limits"):
            values[listed] = tuple(values.get(listed, ()))
        card = ModelCard(**values)
    except TypeError as error:
        raise IntegrityError(f"not a model card: {error}", where=str(path)) from error
    _check_card(card, path)
    return card


def _check_card(card: ModelCard, path: Path) -> None:
    texts = (card.name, card.method, card.detector, card.date, card.npz_sha256, *card.features)
    numbers = (card.threshold, card.false_alarm_rate)
    tables = (card.parameters, card.metrics, card.arrays)
    # JSON may hold other types than the card declares.
    ok = (  # type: ignore[redundant-expr]
        all(isinstance(text, str) for text in texts)
        and all(isinstance(x, int | float) and math.isfinite(x) for x in numbers)  # type: ignore[redundant-expr]
        and all(isinstance(table, dict) for table in tables)
        and card.name == path.stem
    )
    if not ok:
        raise IntegrityError("a field of the card has the wrong type or name", where=str(path))


def _unpack(blob: bytes, card: ModelCard, *, where: str) -> dict[str, NDArray[np.generic]]:
    try:
        unpacked_bytes = _unpacked_bytes(blob)
        if unpacked_bytes > UNPACKED_BYTES_MAX:
            message = f"unpacks to {unpacked_bytes:,} bytes, at most {UNPACKED_BYTES_MAX:,}"
            raise IntegrityError(message, where=where)
        with np.load(io.BytesIO(blob), allow_pickle=False) as loaded:
            arrays = {name: loaded[name] for name in loaded.files}
    except _NOT_AN_ARCHIVE as error:
        raise IntegrityError(f"not an archive of arrays: {error}", where=where) from error
    found = {n: {"dtype": a.dtype.str, "shape": list(a.shape)} for n, a in arrays.items()}
    if found != card.arrays:
        raise IntegrityError(f"expected arrays {card.arrays}, got {found}", where=where)
    return arrays


def _unpacked_bytes(blob: bytes) -> int:
    """Return what the archive would take in memory, by its directory and by array headers.

    numpy allocates what a header asks for before it reads, so headers are asked first.
    """
    with zipfile.ZipFile(io.BytesIO(blob)) as archive:
        members = archive.infolist()
        if len(members) > ARRAYS_MAX:
            raise ValueError(f"{len(members)} members, at most {ARRAYS_MAX}")
        total_bytes = sum(member.file_size for member in members)
        for member in members:
            with archive.open(member) as stream:
                version = np.lib.format.read_magic(stream)
                if version != (1, 0):
                    raise ValueError(f"array format {version}, expected (1, 0)")
                shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
            total_bytes += math.prod(shape) * dtype.itemsize
    return total_bytes


def _bytes_of(path: Path, *, bytes_max: int) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(bytes_max + 1)
    except OSError as error:
        raise InputError(error.strerror or "unreadable", path=str(path), offset=0) from error
    if len(content) > bytes_max:
        raise IntegrityError(f"larger than {bytes_max:,} bytes", where=str(path))
    return content


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError(f"a model's name is lower-case letters, digits and hyphens, got {name!r}")


def _replace(path: Path, content: bytes) -> Path:
    staged = path.with_name(f".{path.name}.new")
    with staged.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return staged.replace(path)
