"""Rules in a tar archive: unpacked once into the user's cache, known by the archive's hash."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from tocsin.core.errors import ConfigError, UsageError
from tocsin.settings.kept import cache_folder

ARCHIVE_BYTES_MAX = 64 << 20
_UNPACKED_BYTES_MAX, _FILES_MAX = 512 << 20, 100_000
_HASHED = 32


def rules_folder(path: Path, *, cache: Path | None = None) -> Path:
    """Return a folder of rules: the path itself, or what an archive there holds.

    Raises `UsageError` when there is neither, `ConfigError` when the archive can't be read,
    is larger than the bounds, or would write outside its folder.
    """
    if path.is_dir():
        return path
    if not path.is_file():
        raise UsageError(f"--rules: {path} is neither a folder nor an archive")
    if path.stat().st_size > ARCHIVE_BYTES_MAX:
        raise ConfigError(f"is larger than {ARCHIVE_BYTES_MAX:,} bytes", where=str(path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:_HASHED]
    base = (cache if cache is not None else cache_folder()) / "unpacked"
    folder = base / digest
    if not folder.is_dir():
        _unpack(path, folder)
    return folder


def _unpack(path: Path, folder: Path) -> None:
    """Unpack beside and rename: a folder that is there is whole."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = Path(tempfile.mkdtemp(prefix=".part-", dir=folder.parent))
    except OSError as error:
        raise ConfigError(f"can't be unpacked: {error}", where=str(path)) from error
    try:
        with tarfile.open(path) as archive:
            # Pythons before 3.11.4 know no filter; what they are given here needs none.
            archive.extraction_filter = getattr(tarfile, "data_filter", _unchanged)
            archive.extractall(part, members=_bounded(archive, path))  # noqa: S202 - checked
        if not folder.is_dir():
            part.replace(folder)
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        raise ConfigError(f"can't be unpacked: {error}", where=str(path)) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _bounded(archive: tarfile.TarFile, path: Path) -> list[tarfile.TarInfo]:
    members: list[tarfile.TarInfo] = []
    size = 0
    for member in archive:
        size += member.size
        if size > _UNPACKED_BYTES_MAX or len(members) >= _FILES_MAX:
            message = f"holds over {_UNPACKED_BYTES_MAX:,} bytes or {_FILES_MAX:,} files"
            raise ConfigError(message, where=str(path))
        name = PurePosixPath(member.name)
        if member.isreg() and name.suffix in {".yml", ".yaml"}:
            if name.is_absolute() or ".." in name.parts:
                raise ValueError(f"{member.name!r} lies outside the archive")
            members.append(member)
    return members


def _unchanged(member: tarfile.TarInfo, _: str) -> tarfile.TarInfo:
    return member
