"""One way to compile a kernel, with a cache that only its owner can write.

numba notices a change of the function it compiled, not of those it inlined; the cache
folder therefore carries a hash of all kernel sources and of the numba version, and old
folders are simply never read again. Set ``NUMBA_DISABLE_JIT=1`` to run kernels as plain
Python (coverage does).

Before it reads its cache numba imports and registers all that it can compile (linear algebra,
dictionaries, random numbers, with scipy behind them), once more for each kernel; that is for
compiling, which does it by itself. `KernelCache` leaves it out: a start is 0.25 s shorter. It
overrides an inner method of numba; a version without it gets numba's own cache.
"""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numba
from numba import njit
from numba.core import config as numba_config
from numba.core.caching import FunctionCache
from numba.core.runtime.nrt import rtsys

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")
COMPILED = not numba_config.DISABLE_JIT  # type: ignore[attr-defined]


def cache_directory() -> Path:
    """Return the folder for compiled kernels: ``TOCSIN_CACHE``, else the user's cache folder."""
    root = os.environ.get("TOCSIN_CACHE")
    base = Path(root) if root else _user_cache() / "tocsin"
    return base / f"kernels-{_digest()[:16]}"


@lru_cache(maxsize=1)
def _digest() -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _user_cache() -> Path:
    configured = os.environ.get("XDG_CACHE_HOME")
    return Path(configured) if configured else Path.home() / ".cache"


def is_warm() -> bool:
    """Tell whether compiled kernels are in the cache, so that a start-up takes no compile."""
    return not COMPILED or any(cache_directory().rglob("*.nbc"))


def _prepare_cache() -> None:
    folder = cache_directory()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    numba_config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]


if COMPILED:
    _prepare_cache()


class KernelCache(FunctionCache):
    """The compiled forms of one kernel on disk, read without what only compiling needs."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what was compiled for a signature, None when nothing was."""
        rtsys.initialize(target_context)
        return self._load_overload(sig, target_context)  # type: ignore[no-untyped-call]


def cached(compiled: F) -> F:
    """Give a compiled entry point its cache."""
    if COMPILED and hasattr(FunctionCache, "_load_overload"):
        compiled._cache = KernelCache(compiled.py_func)  # type: ignore[attr-defined]  # noqa: SLF001
    elif COMPILED:
        compiled.enable_caching()  # type: ignore[attr-defined]
    return compiled


def kernel(function: F) -> F:
    """Compile an entry point: cached on disk, releases the interpreter lock."""
    return cached(njit(nogil=True)(function))  # type: ignore[return-value]


def inlined(function: F) -> F:
    """Compile a part of a kernel into its callers; it has no entry of its own.

    LLVM inlines it (``forceinline``), which compiles in half the time of numba's own
    inlining and runs as fast.
    """
    return njit(nogil=True, forceinline=True)(function)  # type: ignore[return-value]


def part(function: F) -> F:
    """Compile a larger function that several kernels call; LLVM decides about inlining.

    As in `tocsin.kernels.lean` it may not make an array: references are not counted.
    """
    compiled = njit(  # type: ignore[call-overload]
        nogil=True, error_model="numpy", _nrt=False
    )
    return compiled(function)  # type: ignore[return-value, no-any-return]
