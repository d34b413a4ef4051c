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
from tocsin.kernels.vectors import TAGS, equal_tags, lowest_bit, prefetch

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


@inlined
def fetch_address(tags, rows, hi, lo, key, lines):  # type: ignore[no-untyped-def]
    """Return the hash of an address, and fetch the ``lines`` cache lines of its row.

    ``tags`` and ``rows`` are sets of `TAGS` ways, a power of two of them; ``lines`` is a constant.
    """
    h = hash_end(hi, lo, np.uint64(0), key)
    first = np.int64(h & np.uint64(len(rows) // TAGS - 1)) * TAGS
    same = np.uint32(equal_tags(tags, first, tag_of(h)))
    if same != 0:
        prefetch(rows, first + lowest_bit(same), 0, lines)
    return h


@part
def row_of_address(tags, rows, hi, lo, h):  # type: ignore[no-untyped-def]
    """Return (the row of the address with this hash, whether it was its own before).

    ``rows`` have ``src_hi``, ``src_lo`` and ``last_ns``. A row that it was not is now: whoever had
    it has given way, and the caller writes it anew.
    """
    first, tag = np.int64(h & np.uint64(len(rows) // TAGS - 1)) * TAGS, tag_of(h)
    same = np.uint32(equal_tags(tags, first, tag))
    while same != 0:
        i = first + lowest_bit(same)
        if rows[i]["src_lo"] == lo and rows[i]["src_hi"] == hi:
            return i, True
        same &= same - np.uint32(1)
    i = to_give_way(tags, rows, first, TAGS)
    tags[i] = tag
    return i, False
