"""Follow growing logs and captures and give out their bytes as they are written.

Strategy: the operating system's notices (inotify through watchdog, its polling observer
where inotify is refused) only *wake*; the bytes are read by the thread that asks for them,
straight from the files. So nothing queues up here but at most one wake per file: the
files themselves are the queue, and a slow engine costs no memory. The notice thread also
opens rotated files at once, so a slow engine loses none. Every `RECHECK_S` without a
notice all files are looked at, which covers file systems and mapped writes that give none.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from watchdog.events import (
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserver

from tocsin.collect.decompress import compression_of
from tocsin.collect.framing.told import framings_of
from tocsin.collect.growing import GrowingFile, Growth, Position
from tocsin.collect.growing_lines import FollowedLines
from tocsin.collect.reading import page_aligned, reason
from tocsin.collect.recognise import HEAD_BYTES, Recognition, recognise
from tocsin.core.errors import InputError
from tocsin.core.inputs import Block, SourceStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from watchdog.observers.api import BaseObserver

BLOCK_BYTES = 1 << 20
IDLE_S = 5.0
RECHECK_S = 1.0
_CUT_SHORT = "cut short"
_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent, FileDeletedEvent, FileModifiedEvent, FileMovedEvent,
]  # fmt: skip


@dataclass(slots=True)
class _Followed:
    """A file with what was told of it so far."""

    name: str
    file: GrowingFile
    folders: frozenset[str]
    is_told: bool = False
    is_idle: bool = False
    is_failed: bool = False
    lines: FollowedLines | None = None  # of a file whose records are no lines
    grew_s: float = field(default_factory=time.monotonic)


class _Waker(FileSystemEventHandler):
    """Turns each notice into a wake of the files in that folder."""

    def __init__(self, tail: Tail, folder: str) -> None:
        self._tail = tail
        self._folder = folder

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Wake the files; the event's own path does not matter."""
        del event
        self._tail.wake(self._folder)


class Tail:
    """Growing files as one stream of blocks and statuses, until `stop`.

    A file is told as ``opened`` (with its medium, and its modification time as fallback
    for stamps without a year) when it has enough bytes to be recognised. ``positions``
    (by the path as given) go on from a checkpoint; a file without one is read from its
    beginning, or with ``is_from_end`` from its present end if it is a log.

    Use as a context manager. `take` is for one thread; `stop` and `wake` for any.
    """

    def __init__(
        self,
        paths: Sequence[str],
        *,
        site: str = "",
        positions: Mapping[str, Position] | None = None,
        is_from_end: bool = False,
        block_bytes: int = BLOCK_BYTES,
        idle_s: float = IDLE_S,
    ) -> None:
        known = positions or {}
        self._site = site
        self._idle_s = idle_s
        self._buffer = page_aligned(block_bytes)
        self._condition = threading.Condition()
        self._is_stopped = False
        self._followed = {
            path: _follow(path, known.get(path), is_from_end=is_from_end) for path in paths
        }
        self._ready: deque[str] = deque(self._followed)
        folders = {folder for x in self._followed.values() for folder in x.folders}
        self._observer = _started_observer(self, folders)

    def __enter__(self) -> Self:
        """Return the tail, which already follows."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop and close the files."""
        self.stop()
        self._observer.stop()
        self._observer.join()
        for followed in self._followed.values():
            followed.file.close()

    def __iter__(self) -> Iterator[Block | SourceStatus]:
        """Yield what `take` gives until `stop`."""
        while not self._is_stopped:
            taken = self.take(timeout_s=RECHECK_S)
            if taken is not None:
                yield taken

    def take(self, *, timeout_s: float) -> Block | SourceStatus | None:
        """Return the next bytes or status; None after ``timeout_s`` or at `stop`.

        A block is a read-only view, valid until the next call; a line may be cut anywhere.
        Raises `InputError` once for a file that cannot be read or is neither log nor
        capture; that file is left out from then on, the others go on.
        """
        deadline = time.monotonic() + timeout_s
        while not self._is_stopped:
            name = self._next_ready(deadline)
            if name is None:
                return self._idle()
            followed = self._followed[name]
            if followed.is_failed:
                continue
            try:
                taken = self._read(followed)
            except OSError as error:
                followed.is_failed = True
                raise InputError(reason(error), path=name, offset=0) from error
            if taken is not None:
                self._make_ready(name)
                return taken
        return None

    @property
    def is_stopped(self) -> bool:
        """Tell whether `stop` was called."""
        return self._is_stopped

    def stop(self) -> None:
        """End `take` and the iteration at once; may be called from a signal handler's thread."""
        self._is_stopped = True
        with self._condition:
            self._condition.notify_all()

    def wake(self, folder: str | None = None) -> None:
        """Have the files of a folder (or all) looked at."""
        for name, followed in self._followed.items():
            if folder is None or folder in followed.folders:
                # The reader meets the same error and reports it.
                with contextlib.suppress(OSError):
                    followed.file.look()
                self._make_ready(name)

    def position(self, path: str) -> Position | None:
        """Return where the next byte of a file will be read, for a checkpoint."""
        return self._followed[path].file.position()

    def _make_ready(self, name: str) -> None:
        with self._condition:
            if name not in self._ready:
                self._ready.append(name)
                self._condition.notify()

    def _next_ready(self, deadline: float) -> str | None:
        """Wait for a wake; None when a file may have become idle or the time is over."""
        recheck = time.monotonic() + RECHECK_S
        while True:
            with self._condition:
                if self._is_stopped:
                    return None
                if self._ready:
                    return self._ready.popleft()
                now = time.monotonic()
                if now >= min(deadline, self._idle_at()):
                    return None
                if now < recheck:
                    self._condition.wait(min(deadline, recheck, self._idle_at()) - now)
                    continue
            recheck = now + RECHECK_S
            self.wake()

    def _idle_at(self) -> float:
        """Return when the next file becomes idle, in the monotonic clock's seconds."""
        busy = [x for x in self._followed.values() if x.is_told and not x.is_idle]
        return min((x.grew_s + self._idle_s for x in busy), default=float("inf"))

    def _idle(self) -> SourceStatus | None:
        """Return a file that has become idle, if any."""
        now = time.monotonic()
        for name, followed in self._followed.items():
            if followed.is_told and not followed.is_idle and now >= followed.grew_s + self._idle_s:
                followed.is_idle = True
                return SourceStatus(name, "idle", time_ns=time.time_ns())
        return None

    def _read(self, followed: _Followed) -> Block | SourceStatus | None:
        """Return what one look at a file gives, None when there is nothing new."""
        if not followed.is_told:
            return self._opened(followed)
        growth = followed.file.read_into(self._buffer)
        if growth.state == "nothing":
            return None
        followed.grew_s = time.monotonic()
        followed.is_idle = False
        if growth.state == "data":
            data = self._buffer[: growth.size].toreadonly()
            if followed.lines is None:
                return Block(followed.name, data, growth.offset)
            return self._unfolded(followed, followed.lines, growth)
        if followed.lines is not None:
            followed.lines.begin()
        return SourceStatus(followed.name, growth.state, time_ns=followed.file.mtime_ns)

    def _unfolded(
        self, followed: _Followed, lines: FollowedLines, growth: Growth
    ) -> Block | SourceStatus | None:
        """Return the lines that end in what was read; reads on until some do."""
        while growth.state == "data":
            offset, data = lines.feed(bytes(self._buffer[: growth.size]))
            if data:
                return Block(followed.name, data, offset)
            growth = followed.file.read_into(self._buffer)
        if growth.state == "nothing":
            return None
        lines.begin()
        return SourceStatus(followed.name, growth.state, time_ns=followed.file.mtime_ns)

    def _opened(self, followed: _Followed) -> SourceStatus | None:
        """Tell the file's medium as soon as its first bytes do."""
        followed.file.look()
        head = followed.file.head(HEAD_BYTES)
        if not head:
            return None
        framings = framings_of(head)
        found = recognise(head) if not framings else Recognition("log", "log", is_log_like=True)
        if not found.medium or compression_of(head):
            if _CUT_SHORT in found.reason:
                return None
            followed.is_failed = True
            why = found.reason or "is compressed: a growing file must be plain"
            raise InputError(why, path=followed.name, offset=0)
        if framings:
            followed.lines = FollowedLines(framings)
            followed.lines.catch_up(followed.file)
        followed.is_told = True
        followed.grew_s = time.monotonic()
        return SourceStatus(
            followed.name, "opened", found.medium, self._site or followed.name,
            time_ns=followed.file.mtime_ns,
        )  # fmt: skip


def _follow(path: str, position: Position | None, *, is_from_end: bool) -> _Followed:
    """Start following one path; its folder must exist. Raises `InputError`."""
    absolute = os.path.abspath(path)
    folders = frozenset(os.path.dirname(x) for x in (absolute, os.path.realpath(absolute)))
    missing = [folder for folder in folders if not os.path.isdir(folder)]
    if missing:
        message = f"the folder {missing[0]} does not exist"
        raise InputError(message, path=path, offset=0)
    try:
        file = GrowingFile(absolute, position=position, is_from_end=is_from_end and _is_log(path))
    except OSError as error:
        raise InputError(reason(error), path=path, offset=0) from error
    return _Followed(path, file, folders)


def _is_log(path: str) -> bool:
    """Tell whether a file is a log already; a capture must be read from its header on."""
    try:
        with open(path, "rb") as file:
            head = file.read(HEAD_BYTES)
            return bool(framings_of(head)) or recognise(head).medium == "log"
    except OSError:
        return False


def _started_observer(tail: Tail, folders: set[str]) -> BaseObserver:
    """Watch the folders by inotify, or by polling where the system refuses more watches."""
    observer: BaseObserver = Observer()
    try:
        _schedule(observer, tail, folders)
    except OSError:
        observer.stop()
        observer = PollingObserver(timeout=RECHECK_S)
        _schedule(observer, tail, folders)
    return observer


def _schedule(observer: BaseObserver, tail: Tail, folders: set[str]) -> None:
    for folder in sorted(folders):
        observer.schedule(_Waker(tail, folder), folder, event_filter=_EVENTS)
    observer.start()
