"""Where the bytes of an input lie: a file, or a stream that is spooled while it is read.

Both are read by position, so several readers never share a file pointer. A stream (standard
input, a named pipe) can be read once; its bytes go into an unnamed temporary file as they
come, so evidence can be read again later. Beyond ``spool_bytes_max`` nothing more is kept.
"""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref
from typing import TYPE_CHECKING, Protocol

from tocsin.core.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

SPOOL_BYTES_MAX = 8 << 30
_STDERR_FD = 2
_READ_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY


class Raw(Protocol):
    """Raw (still compressed) bytes of one input, read by position."""

    def read_into(self, view: memoryview, offset: int) -> int:
        """Fill ``view`` from ``offset`` as far as one system call does; 0 at the end.

        Raises `OSError`, or `InputError` when the bytes were not kept.
        """
        ...

    def mapped(self) -> mmap.mmap:
        """Map all bytes, read-only; raises `OSError` and, for nothing at all, `ValueError`."""
        ...

    def close(self) -> None:
        """Give back the file descriptor; reading again opens it anew."""
        ...


class RawFile:
    """A regular file, opened when first read and closed by `close`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._fd = -1

    def read_into(self, view: memoryview, offset: int) -> int:
        """See `Raw`."""
        if self._fd < 0:
            self._fd = os.open(self._path, _READ_FLAGS)
            os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_SEQUENTIAL)
        return os.preadv(self._fd, [view], offset)

    def mapped(self) -> mmap.mmap:
        """See `Raw`. The file must not shrink while mapped: the kernel would end the process."""
        fd = os.open(self._path, _READ_FLAGS)
        try:
            return mmap.mmap(fd, 0, access=mmap.ACCESS_READ)
        finally:
            os.close(fd)

    def close(self) -> None:
        """See `Raw`."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class Spool:
    """A temporary file without a name: gone when the process ends, however it ends.

    ``size_bytes`` is what it holds; appends beyond ``bytes_max`` are dropped whole or in part.
    ``close()`` frees the space on the disk; so does the end of the last reference to it.
    """

    def __init__(self, *, directory: Path | None, bytes_max: int) -> None:
        with tempfile.TemporaryFile(dir=directory, buffering=0) as file:
            self._fd = os.dup(file.fileno())
        self.close = weakref.finalize(self, os.close, self._fd)
        self._bytes_max = bytes_max
        self.size_bytes = 0

    def append(self, data: memoryview | bytes) -> int:
        """Keep as much of ``data`` as the bound allows and return how much that was."""
        keep = memoryview(data)[: max(0, self._bytes_max - self.size_bytes)]
        done = 0
        while done < len(keep):
            done += os.pwrite(self._fd, keep[done:], self.size_bytes + done)
        self.size_bytes += done
        return done

    def read_into(self, view: memoryview, offset: int) -> int:
        """Fill ``view`` from ``offset``; 0 at the end of what is kept."""
        return os.preadv(self._fd, [view], offset)

    def mapped(self) -> mmap.mmap:
        """Map what is kept, read-only; raises `ValueError` when that is nothing."""
        return mmap.mmap(self._fd, 0, access=mmap.ACCESS_READ)


class RawStream:
    """A stream that is read once and spooled while it is read."""

    def __init__(self, fd: int, *, name: str, spool: Spool) -> None:
        self._fd = fd
        if fd > _STDERR_FD:
            weakref.finalize(self, os.close, fd)
        self._name = name
        self._spool = spool
        self._position = 0

    def read_into(self, view: memoryview, offset: int) -> int:
        """See `Raw`. What the spool does not hold can only be read in order, once."""
        if offset < self._spool.size_bytes:
            return self._spool.read_into(view, offset)
        if offset != self._position:
            message = f"not kept: the spool is full at {self._spool.size_bytes} bytes"
            raise InputError(message, path=self._name, offset=offset)
        size = os.readv(self._fd, [view])
        self._position += size
        self._spool.append(view[:size])
        return size

    def mapped(self) -> mmap.mmap:
        """See `Raw`: reads the stream to its end first."""
        buffer = memoryview(bytearray(1 << 20))
        while self.read_into(buffer, self._position):
            pass
        if self._position > self._spool.size_bytes:
            message = f"not kept: the spool is full at {self._spool.size_bytes} bytes"
            raise InputError(message, path=self._name, offset=self._spool.size_bytes)
        return self._spool.mapped()

    def close(self) -> None:
        """See `Raw`; the stream and its spool stay, they cannot be opened again."""
