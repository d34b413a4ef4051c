"""Where a few bytes stand in a block: the first look when evidence is read again.

Both ends of the needle are compared, 32 places at a time, and what is left byte by byte;
`bytes.find` takes two to ten times as long, the more so in binary data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.kernels.lean import inlined, kernel
from tocsin.kernels.vectors import WIDTH, equal_mask, lowest_bit

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PLACES = 4096


@inlined
def _stands(b, p, needle):  # type: ignore[no-untyped-def]
    for k in range(len(needle)):
        if b[p + k] != needle[k]:
            return False
    return True


@kernel
def find_bytes(b, p, needle, places):  # type: ignore[no-untyped-def]
    """Fill ``places`` (int64) with where ``needle`` stands in ``b`` from ``p`` on, in order.

    ``b`` and ``needle`` are uint8, the needle not empty. Returns (places filled, where to go
    on); when they are full the search goes on from there.
    """
    n, size = np.int64(0), len(needle)
    last, end = size - 1, len(b) - size + 1
    low, high = np.int64(needle[0]), np.int64(needle[last])
    while p + WIDTH <= end and n + WIDTH <= len(places):
        mask = equal_mask(b, p, low) & equal_mask(b, p + last, high)
        while mask != 0:
            at = p + lowest_bit(mask)
            mask &= mask - np.uint32(1)
            if _stands(b, at, needle):
                places[n] = at
                n += 1
        p += WIDTH
    while p < end and p + WIDTH > end and n < len(places):
        if _stands(b, p, needle):
            places[n] = p
            n += 1
        p += 1
    return n, p


def places_of(data: bytes, needle: bytes) -> NDArray[np.int64]:
    """Return every place of a needle in ``data``, in order; overlapping ones too."""
    buffer = np.frombuffer(data, dtype=np.uint8)
    wanted = np.frombuffer(needle, dtype=np.uint8)
    places = np.empty(_PLACES, dtype=np.int64)
    parts, p = [places[:0]], 0
    while p + len(wanted) <= len(buffer):
        n, p = find_bytes(buffer, p, wanted, places)
        if n:
            parts.append(places[:n].copy())
    return np.concatenate(parts)
