"""The state folder: where it lies, what it holds, and that one process writes it.

Layout: ``tocsin.db``, ``evidence/``, ``ring/``, ``models/``, ``keys/``, ``journal/``; all of
it is readable by its owner only.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.core.errors import NotPermittedError

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDERS = ("evidence", "ring", "models", "keys", "journal")
_LOCK_BYTES_MAX = 512
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


def state_path(option: str | None = None, *, is_daemon: bool = False) -> Path:
    """Return where the state lies, without making it.

    ``option`` (``--state``), else ``TOCSIN_STATE``, else ``/var/lib/tocsin`` for root's
    daemon, else ``$XDG_STATE_HOME/tocsin``, else ``~/.local/state/tocsin``.
    """
    named = option or os.environ.get("TOCSIN_STATE")
    if named:
        return Path(named).absolute()
    if is_daemon and os.geteuid() == 0:
        return Path("/var/lib/tocsin")
    configured = os.environ.get("XDG_STATE_HOME")
    return (Path(configured) if configured else Path.home() / ".local" / "state") / "tocsin"


@dataclass(frozen=True, slots=True)
class StateFolder:
    """Paths inside one state folder."""

    root: Path

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.root / "tocsin.db"

    @property
    def evidence(self) -> Path:
        """One folder per incident and manifest version, and the copy of the chain."""
        return self.root / "evidence"

    @property
    def ring(self) -> Path:
        """Bounded segments of raw bytes of sources that can't be read again."""
        return self.root / "ring"

    @property
    def models(self) -> Path:
        """Models trained here."""
        return self.root / "models"

    @property
    def keys(self) -> Path:
        """The chain's key pair."""
        return self.root / "keys"

    @property
    def journal(self) -> Path:
        """The live driver's inputs."""
        return self.root / "journal"

    def prepare(self) -> StateFolder:
        """Make the folders that are missing, mode 0700; `NotPermittedError` if that fails."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in FOLDERS:
                (self.root / name).mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            reason = error.strerror or "failed"
            raise NotPermittedError(
                f"can't make the state: {reason}", where=str(self.root)
            ) from error
        return self

    @contextmanager
    def lock(self, command: str) -> Iterator[None]:
        """Hold the state as its only writer; the kernel frees it when the process dies.

        A second process gets `NotPermittedError` (exit 5) that names the holder.
        """
        path = self.root / "lock"
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            reason = error.strerror or "failed"
            raise NotPermittedError(f"can't lock the state: {reason}", where=str(path)) from error
        try:
            _take(descriptor, root=self.root)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()} {command}\n".encode()[:_LOCK_BYTES_MAX], 0)
            yield
        finally:
            os.close(descriptor)


def _take(descriptor: int, *, root: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, _LOCK_BYTES_MAX, 0).decode("utf-8", "replace").strip()
        pid, _, command = _UNPRINTABLE.sub("?", holder).partition(" ")
        named = f"process {pid} ({command})" if pid else "another process"
        raise NotPermittedError(f"{named} holds the state", where=str(root)) from error
