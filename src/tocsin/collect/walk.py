"""From the PATH arguments of a command to the inputs behind them, in a fixed order.

Each argument is one site. Folders are read recursively in the order of their names. What
the user named must be readable; what was found by recursion may be anything, and is
skipped with a reason when it is neither a capture nor a log.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tocsin.collect.raw import SPOOL_BYTES_MAX
from tocsin.collect.reading import reason
from tocsin.collect.source import UnrecognisedError, open_source
from tocsin.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tocsin.collect.source import Source

_Inode = tuple[int, int]
_SPECIAL = (
    (stat.S_ISFIFO, "is a named pipe"),
    (stat.S_ISSOCK, "is a socket"),
    (stat.S_ISCHR, "is a device"),
    (stat.S_ISBLK, "is a device"),
)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something found by recursion that is not read; ``reason`` completes "the file ..."."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the arguments hold, each part in the order in which it was found.

    ``problems`` are inputs that should have been read and could not be: exit code 1.
    """

    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...]
    problems: tuple[InputError, ...]


def gather(
    paths: Sequence[str],
    *,
    site: str = "",
    spool_dir: Path | None = None,
    spool_bytes_max: int = SPOOL_BYTES_MAX,
) -> Gathered:
    """Expand files, folders and ``-`` into sources; raises nothing that an input can cause.

    ``site`` joins all arguments into one site; else each argument is its own. A file or
    folder that was met before under another name is skipped, a folder that contains itself
    is skipped once per loop.
    """
    gathering = _Gathering(site, spool_dir, spool_bytes_max)
    for path in paths:
        gathering.add_named(path)
    return Gathered(tuple(gathering.sources), tuple(gathering.skipped), tuple(gathering.problems))


@dataclass(slots=True)
class _Gathering:
    site: str
    spool_dir: Path | None
    spool_bytes_max: int
    sources: list[Source] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[InputError] = field(default_factory=list)
    met: dict[_Inode, str] = field(default_factory=dict)

    def add_named(self, path: str) -> None:
        """Add what the user named."""
        site = self.site or path
        if path != "-":
            status = self._status(path)
            if status is None:
                return
            if stat.S_ISDIR(status.st_mode):
                self._add_folder(path, site)
                return
            if stat.S_ISREG(status.st_mode) and self._is_known(path, status):
                return
        try:
            self.sources.append(self._opened(path, site))
        except InputError as error:
            self.problems.append(error)

    def _add_folder(self, top: str, site: str) -> None:
        """Add a folder's files; the stack holds each path with the folders above it."""
        stack: list[tuple[str, dict[_Inode, str]]] = [(top, {})]
        while stack:
            path, above = stack.pop()
            status = self._status(path)
            if status is None:
                continue
            inode = (status.st_dev, status.st_ino)
            if not stat.S_ISDIR(status.st_mode):
                self._add_found(path, status, site)
            elif inode in above:
                self.skipped.append(Skipped(path, f"is a loop back to {above[inode]}"))
            elif not self._is_known(path, status):
                below = {**above, inode: path}
                names = self._names(path)
                stack.extend((os.path.join(path, name), below) for name in reversed(names))

    def _add_found(self, path: str, status: os.stat_result, site: str) -> None:
        """Add a file found by recursion, if it is a capture or a log."""
        for is_such, why in _SPECIAL:
            if is_such(status.st_mode):
                self.skipped.append(Skipped(path, why))
                return
        if self._is_known(path, status):
            return
        try:
            source = self._opened(path, site)
        except UnrecognisedError as error:
            self.skipped.append(Skipped(path, error.reason))
        except InputError as error:
            self.problems.append(error)
        else:
            if source.medium == "log" and not source.is_log_like:
                why = "is text, but no line looks like a log record"
                self.skipped.append(Skipped(path, why))
            else:
                self.sources.append(source)

    def _opened(self, path: str, site: str) -> Source:
        return open_source(
            path, site=site, spool_dir=self.spool_dir, spool_bytes_max=self.spool_bytes_max
        )

    def _is_known(self, path: str, status: os.stat_result) -> bool:
        """Tell whether this file or folder was met before, and note it."""
        first = self.met.setdefault((status.st_dev, status.st_ino), path)
        if first is path:
            return False
        self.skipped.append(Skipped(path, f"is the same as {first}"))
        return True

    def _status(self, path: str) -> os.stat_result | None:
        try:
            return os.stat(path)
        except (OSError, ValueError) as error:
            self.problems.append(InputError(reason(error), path=path, offset=0))
            return None

    def _names(self, path: str) -> list[str]:
        """Return the names in a folder, sorted; none and a problem if it is unreadable."""
        try:
            return sorted(os.listdir(path))
        except OSError as error:
            self.problems.append(InputError(reason(error), path=path, offset=0))
            return []
