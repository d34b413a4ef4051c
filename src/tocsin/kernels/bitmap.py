"""Distinct counts in 1,024 bits: linear counting (Whang, Vander-Zanden, Taylor, TODS 1990).

Exact enough below a thousand (standard error about 3 %), and the same bits tell whether
something was met before. Saturates near 7,000; callers then say "at least".
"""

from __future__ import annotations

import math

import numpy as np

from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined

BITS, WORDS = 1024, 16
_63 = np.uint64(63)


@inlined
def mark(words, h):  # type: ignore[no-untyped-def]
    """Set the bit of hash ``h``; return True when it was not set before."""
    bit = np.int64(h & np.uint64(BITS - 1))
    word = bit >> 6
    mask = np.uint64(1) << (np.uint64(bit) & _63)
    if words[word] & mask:
        return False
    words[word] |= mask
    return True


@part
def estimate(set_bits):  # type: ignore[no-untyped-def]
    """Return the distinct count that ``set_bits`` set bits stand for."""
    free = BITS - set_bits
    if free <= 0:
        free = 1
    return np.int64(round(-BITS * math.log(free / BITS)))
