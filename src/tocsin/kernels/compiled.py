"""One way to compile a kernel, with a cache that only its owner can write.

numba notices a change of the function it compiled, not of those it inlined; the cache
folder therefore carries a hash of all kernel sources and of the numba version, and old
folders are simply never read again. Set ``NUMBA_DISABLE_JIT=1`` to run kernels as plain
Python (coverage does).
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numba
from numba import njit
from numba.core import config as numba_config

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")
COMPILED = not numba_config.DISABLE_JIT  # type: ignore[attr-defined]


def cache_directory() -> Path:
    """Return the folder for compiled kernels: ``TOCSIN_CACHE``, else the user's cache folder."""
    root = os.environ.get("TOCSIN_CACHE")
    base = Path(root) if root else _user_cache() / "tocsin"
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return base / f"kernels-{digest.hexdigest()[:16]}"


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


def kernel(function: F) -> F:
    """Compile an entry point: cached on disk, releases the interpreter lock."""
    return njit(cache=True, nogil=True)(function)  # type: ignore[return-value]


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
