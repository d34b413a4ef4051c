"""Which addresses a stretch of a capture may hold: one hash, 4,096 bits (Bloom, CACM 1970).

Evidence reads a stretch again only when its filter may hold a party of the selector. A set
bit may be another address's (with 800 addresses in a stretch about one in six); a clear
one is certain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.kernels.lean import inlined

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORDS = 64
_SHIFT = 52  # 64 - log2(WORDS * 64)
_M1, _M2 = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
_K1, _K2 = np.uint64(_M1), np.uint64(_M2)
_SIX, _LOW, _TOP, _ONE = np.uint64(6), np.uint64(63), np.uint64(_SHIFT), np.uint64(1)


@inlined
def mark(words, hi, lo):  # type: ignore[no-untyped-def]
    """Set the bit of an address in ``words``, uint64 (`WORDS`,)."""
    bit = (lo * _K1 ^ hi * _K2) >> _TOP
    words[bit >> _SIX] |= _ONE << (bit & _LOW)


def may_hold(filters: NDArray[np.uint64], hi: int, lo: int) -> NDArray[np.bool_]:
    """Tell of each filter, uint64 (..., `WORDS`), whether an address may have been marked in it."""
    mask = 0xFFFF_FFFF_FFFF_FFFF
    bit = ((lo * _M1 & mask) ^ (hi * _M2 & mask)) >> _SHIFT
    return np.asarray(filters[..., bit >> 6] & np.uint64(1 << (bit & 63)) != 0)
