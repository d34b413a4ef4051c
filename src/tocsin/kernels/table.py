"""A bounded table with keyed placement: sets of eight or sixteen ways, the oldest gives way.

A row's place is its set (from a keyed hash) and one of its ways; ``tags`` holds 32 bits
of the hash per way (0: free), so that a look-up reads one cache line before any row. A
full set gives up the row that was used least recently. The key is an engine input, so a
replay places rows as the first reading did, while nobody outside can aim at one set.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined

_M1 = np.uint64(0xD6E8FEB86659FD93)
_M2 = np.uint64(0x9E3779B97F4A7C15)
_S32 = np.uint64(32)


@inlined
def mix(h):  # type: ignore[no-untyped-def]
    """Spread 64 bits (two rounds of xor-shift-multiply)."""
    h ^= h >> _S32
    h *= _M1
    h ^= h >> _S32
    h *= _M1
    return h ^ (h >> _S32)


@inlined
def hash_of(a, b, c, d, e, key):  # type: ignore[no-untyped-def]
    """Hash five 64-bit words under ``key``."""
    h = mix(a ^ key)
    h = (h * _M2) ^ b
    h = (mix(h) * _M2) ^ c
    h = (h * _M2) ^ d
    h = (mix(h) * _M2) ^ e
    return mix(h)


@inlined
def hash_end(hi, lo, port, key):  # type: ignore[no-untyped-def]
    """Hash one end of a conversation under ``key``."""
    return mix((mix(lo ^ key) + hi) * _M2 + port)


@inlined
def tag_of(h):  # type: ignore[no-untyped-def]
    """Return the tag of a hash, never zero."""
    return np.uint32(h >> _S32) | np.uint32(1)


@part
def to_give_way(tags, rows, first, ways):  # type: ignore[no-untyped-def]
    """Return a free way of the set that begins at ``first``, else the one used least recently.

    Called when a row was not found only: it reads rows that the look-up need not touch.
    """
    chosen, oldest_ns = first, np.int64(0x7FFFFFFFFFFFFFFF)
    for i in range(first, first + ways):
        if tags[i] == 0:
            return i
        last_ns = rows[i]["last_ns"]
        if last_ns < oldest_ns:
            chosen, oldest_ns = i, last_ns
    return chosen
