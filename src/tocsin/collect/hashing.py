"""Hash the blocks of an input while its reader works on them."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import hashlib


class Hasher:
    """Hashes one block, in a second thread beside the caller if it may."""

    def __init__(self, digest: hashlib._Hash | None, *, is_threaded: bool) -> None:
        self._digest = digest
        self._pool = ThreadPoolExecutor(1, "tocsin-sha256") if is_threaded else None
        self._running: Future[None] | None = None

    def begin(self, data: memoryview) -> None:
        """Begin to hash ``data``, which must stay as it is until `wait` returns."""
        if self._digest is None:
            return
        if self._pool is None:
            self._digest.update(data)
        else:
            self._running = self._pool.submit(self._digest.update, data)

    def wait(self) -> None:
        """Return when what was begun is done."""
        if self._running is not None:
            self._running.result()
            self._running = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.wait()
        if self._pool is not None:
            self._pool.shutdown()
