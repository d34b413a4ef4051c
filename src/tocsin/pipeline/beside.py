"""A second thread that takes work in order, while the first prepares the next."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Beside:
    """Run calls one after the other in another thread, at most ``waiting_max`` ahead.

    An error of a call is raised by the next call here; what was begun after it is not run.
    """

    def __init__(self, waiting_max: int) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="tocsin-lane")
        self._running: deque[Future[None] | None] = deque()  # None: a block ended here
        self._waiting_max = waiting_max
        self._has_failed = False
        self.is_open = True
        self.lock = Lock()  # for whatever both threads touch

    def begin(self, call: Callable[..., None], *arguments: Any) -> None:
        """Hand a call on; waits when too many are waiting."""
        self._running.append(self._pool.submit(self._run, call, *arguments))
        while sum(one is not None for one in self._running) > self._waiting_max:
            self._first()

    def end_block(self) -> None:
        """Wait for all calls of the block before this one: its buffer may be used again."""
        while None in self._running:
            self._first()
        self._running.append(None)

    def settle(self) -> None:
        """Wait for every call."""
        while self._running:
            self._first()

    def close(self) -> None:
        """Wait for every call and end the thread."""
        self.settle()
        self._pool.shutdown()
        self.is_open = False

    def _first(self) -> None:
        one = self._running.popleft()
        if one is not None:
            one.result()

    def _run(self, call: Callable[..., None], *arguments: Any) -> None:
        if self._has_failed:
            return
        self._has_failed = True
        call(*arguments)
        self._has_failed = False
