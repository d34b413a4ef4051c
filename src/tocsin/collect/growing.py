"""One growing file: what was appended, through rotation and truncation, losing nothing.

Strategy: each time the name leads to another file, that file is opened at once and put
behind the older ones, so a slow reader still finds every generation (up to
`GENERATIONS_MAX`); what was rotated twice between two looks is searched beside it. The
oldest is read to its end; the reader moves on only when the next one holds bytes, because
a writer goes on writing into the renamed file until it is told to open the new one.
Truncation shows as a size below the place read to, or as other bytes at the beginning.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import threading
from collections import deque
from dataclasses import dataclass

from tocsin.collect.rotated import is_generation, siblings

GENERATIONS_MAX = 16
PREFIX_BYTES = 64 << 10
_FINGERPRINT_BYTES = 256
_BEGINNINGS_MAX = 64
_OPEN_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK


@dataclass(frozen=True, slots=True)
class Position:
    """Where a reader stands, for a checkpoint: enough to know the same file again.

    ``prefix_sha256`` is that of the file's first ``prefix_bytes`` (at most 64 KiB, at most
    ``offset``): an inode number may be given to another file after a restart.
    """

    inode: int
    offset: int
    prefix_bytes: int
    prefix_sha256: str


@dataclass(frozen=True, slots=True)
class Growth:
    """What one look at a file gave.

    ``state`` is ``data`` (``size`` bytes from ``offset`` were read), ``rotated`` (the next
    bytes begin a new file at 0), ``dropped`` (more generations came than are held open;
    the oldest files were lost) or ``nothing``.
    """

    state: str
    offset: int = 0
    size: int = 0


@dataclass(slots=True)
class _Generation:
    fd: int
    inode: int
    offset: int
    fingerprint: bytes = b""


class GrowingFile:
    """A file that others write, followed by its name.

    `look` may be called by another thread than the one that reads. A ``position`` from a
    checkpoint is searched at the name and then among the other files of the folder (it
    may have been rotated meanwhile); when it is found nowhere, reading starts at 0.
    """

    def __init__(
        self, path: str, *, position: Position | None = None, is_from_end: bool = False
    ) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._generations: deque[_Generation] = deque()
        self._dropped = 0
        self._met: set[int] = set()
        self._beginnings: deque[bytes] = deque(maxlen=_BEGINNINGS_MAX)
        if position is None or not self._resume(position):
            self._met.update(siblings(path))
        self.look()
        if is_from_end and position is None and self._generations:
            generation = self._generations[0]
            generation.offset = os.fstat(generation.fd).st_size
            self._mark(generation)

    @property
    def is_open(self) -> bool:
        """Tell whether the file existed at some time."""
        return bool(self._generations)

    @property
    def mtime_ns(self) -> int:
        """Modification time of the file being read, 0 if there is none yet."""
        with self._lock:
            return os.fstat(self._generations[0].fd).st_mtime_ns if self._generations else 0

    def look(self) -> None:
        """Open what the name leads to now, if it is another file than before.

        Raises `OSError` when it exists and cannot be opened or is not a regular file.
        """
        with self._lock:
            try:
                status = os.stat(self.path)
            except FileNotFoundError:
                return
            if self._generations and self._generations[-1].inode == status.st_ino:
                return
            if not stat.S_ISREG(status.st_mode):
                raise OSError(0, "is not a regular file")
            try:
                newest = self._open(self.path)
            except FileNotFoundError:
                return  # Renamed since; what takes its place is found at the next look.
            if len(self._generations) > 1:
                # Opened first, searched then: a file renamed in between is known by now.
                self._generations.remove(newest)
                self._open_missed(newest)
                self._generations.append(newest)
            while len(self._generations) > GENERATIONS_MAX:
                os.close(self._generations.popleft().fd)
                self._dropped += 1

    def _open_missed(self, newest: _Generation) -> None:
        """Open, oldest first, what was rotated away without being seen under its name."""
        beside = siblings(self.path)
        beginnings = [*self._beginnings, *(x.fingerprint for x in self._generations)]
        for inode, path in beside.items():
            if inode not in self._met and is_generation(path, beginnings):
                # It may have been removed or packed meanwhile.
                with contextlib.suppress(OSError):
                    self._open(path)
        held = {generation.inode for generation in (*self._generations, newest)}
        self._met = (self._met & beside.keys()) | held

    def head(self, size: int) -> bytes:
        """Return up to ``size`` bytes from the beginning of the file being read."""
        with self._lock:
            return os.pread(self._generations[0].fd, size, 0) if self._generations else b""

    def range(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes of the file being read, up to where the next are read."""
        with self._lock:
            if not self._generations:
                return b""
            generation = self._generations[0]
            size = min(size, generation.offset - offset)
            return os.pread(generation.fd, size, offset) if size > 0 else b""

    def read_into(self, view: memoryview) -> Growth:
        """Fill ``view`` with what follows; raises `OSError`."""
        self.look()
        with self._lock:
            if self._dropped:
                self._dropped = 0
                return Growth("dropped")
            if not self._generations:
                return Growth("nothing")
            generation = self._generations[0]
            if self._is_truncated(generation):
                self._beginnings.append(generation.fingerprint)
                generation.offset, generation.fingerprint = 0, b""
                return Growth("rotated")
            # Asked before reading: what is written to the old file until here is still read.
            is_left = self._is_left()
            size = os.preadv(generation.fd, [view], generation.offset)
            if size:
                offset = generation.offset
                generation.offset += size
                self._mark(generation)
                return Growth("data", offset, size)
            if not is_left:
                return Growth("nothing")
            os.close(self._generations.popleft().fd)
            return Growth("rotated")

    def position(self) -> Position | None:
        """Return where the next byte will be read, None while the file never existed."""
        with self._lock:
            if not self._generations:
                return None
            generation = self._generations[0]
            size = min(generation.offset, PREFIX_BYTES)
            digest = hashlib.sha256(os.pread(generation.fd, size, 0)).hexdigest()
            return Position(generation.inode, generation.offset, size, digest)

    def close(self) -> None:
        """Close all generations."""
        with self._lock:
            while self._generations:
                os.close(self._generations.pop().fd)

    def _open(self, path: str, *, offset: int = 0) -> _Generation:
        fd = os.open(path, _OPEN_FLAGS)
        generation = _Generation(fd, os.fstat(fd).st_ino, offset)
        self._generations.append(generation)
        self._met.add(generation.inode)
        return generation

    def _is_left(self) -> bool:
        """Tell whether a newer generation has been written to."""
        newer = list(self._generations)[1:]
        return any(os.fstat(generation.fd).st_size for generation in newer)

    def _is_truncated(self, generation: _Generation) -> bool:
        size = len(generation.fingerprint)
        if os.fstat(generation.fd).st_size < generation.offset:
            return True
        return os.pread(generation.fd, size, 0) != generation.fingerprint

    def _mark(self, generation: _Generation) -> None:
        """Remember the file's beginning, as far as it was read."""
        if len(generation.fingerprint) < _FINGERPRINT_BYTES:
            size = min(generation.offset, _FINGERPRINT_BYTES)
            generation.fingerprint = os.pread(generation.fd, size, 0)

    def _resume(self, position: Position) -> bool:
        """Open the file of a checkpoint under whatever name it has now, if it is there."""
        folder = os.path.dirname(self.path) or "."
        try:
            names = [self.path, *sorted(entry.path for entry in os.scandir(folder))]
        except OSError:
            names = [self.path]
        for name in names:
            if not _is_inode(name, position.inode):
                continue
            generation = self._open(name, offset=position.offset)
            prefix = os.pread(generation.fd, position.prefix_bytes, 0)
            is_same = hashlib.sha256(prefix).hexdigest() == position.prefix_sha256
            if is_same and os.fstat(generation.fd).st_size >= position.offset:
                self._mark(generation)
                self._meet_older(generation)
                return True
            os.close(self._generations.pop().fd)
            self._met.discard(generation.inode)
        return False

    def _meet_older(self, generation: _Generation) -> None:
        """Note the files rotated before the one read; those after it are still to be read."""
        mtime_ns = os.fstat(generation.fd).st_mtime_ns
        for inode, path in siblings(self.path).items():
            with contextlib.suppress(OSError):
                if os.stat(path).st_mtime_ns < mtime_ns:
                    self._met.add(inode)


def _is_inode(path: str, inode: int) -> bool:
    """Tell whether a path leads to a regular file with this inode number."""
    try:
        status = os.stat(path)
    except OSError:
        return False
    return status.st_ino == inode and stat.S_ISREG(status.st_mode)
