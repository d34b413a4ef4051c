"""Reading many sources on several cores: one process per source, results in the given order.

A source's lane and detectors see nothing of other sources, so what they find is the same
wherever they run; confirm and the casebook run once, over all of it, in order (DESIGN, law
3). Worth its start-up only for much data in several files; one large file is better served
by threads (`tocsin.pipeline.beside`).
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tocsin.collect.source import Source

PARALLEL_BYTES_MIN = 64 << 20
T = TypeVar("T")
Item = TypeVar("Item")
_work: list[tuple[Callable[..., object], object]] = []


def read_beside(
    sources: Sequence[Source], *, take: Callable[[Source], T], jobs: int
) -> dict[str, T]:
    """Return ``take(source)`` by path for the sources that are worth a process of their own.

    None are with one job, little data, or one file that holds most of it. Streams stay
    with the caller: they can be read only once, here.
    """
    files = [source for source in sources if not source.is_stream]
    total = sum(source.size_bytes for source in files)
    largest = max((source.size_bytes for source in files), default=0)
    if jobs < 2 or total < PARALLEL_BYTES_MIN or 2 * largest > total:  # noqa: PLR2004
        return {}
    found = work_beside(files, work=take, jobs=jobs)
    return dict(zip((source.path for source in files), found, strict=True))


def work_beside(items: Sequence[Item], *, work: Callable[[Item], T], jobs: int) -> Iterator[T]:
    """Yield ``work(item)`` for each item, in order; with more jobs, done in processes.

    Forked children have the items as they are here: nothing but results is handed over.
    """
    if jobs < 2 or len(items) < 2:  # noqa: PLR2004
        yield from map(work, items)
        return
    _work[:] = [(work, item) for item in items]
    try:
        with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool:
            yield from pool.map(_one, range(len(items)))  # type: ignore[misc]
    finally:
        _work.clear()


def _one(number: int) -> object:
    work, item = _work[number]
    return work(item)
