"""Kernels that allocate nothing: compiled without numba's reference counting.

The log kernels hand a dozen arrays through many small functions; counting their references
(atomic, at each call), and calling at all, took nearly half of the time. Without the runtime
such a function may not make an array, or it does not compile. ``_nrt`` is a private option
of numba: should a version drop it, use `tocsin.kernels.compiled` here, only pace is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from numba import njit

from tocsin.kernels.compiled import COMPILED, cached

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["COMPILED", "inlined", "kernel"]

F = TypeVar("F", bound="Callable[..., Any]")


def kernel(function: F) -> F:
    """Compile an entry point: cached on disk, releases the interpreter lock."""
    compiled = njit(  # type: ignore[call-overload]
        nogil=True, error_model="numpy", _nrt=False
    )
    return cached(compiled(function))  # type: ignore[no-any-return]


def inlined(function: F) -> F:
    """Compile a part of a kernel that has no entry of its own."""
    compiled = njit(  # type: ignore[call-overload]
        nogil=True, forceinline=True, error_model="numpy", _nrt=False
    )
    return compiled(function)  # type: ignore[no-any-return]
