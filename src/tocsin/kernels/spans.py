"""Spans of text: where they end, whether two are the same, what their digits say.

A span [p, e) lies in ``b``. Where `WIDTH` bytes of the buffer are left at a place, they are looked
at at once (`tocsin.kernels.vectors`), whatever the span's own end; else byte by byte.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.lean import inlined
from tocsin.kernels.vectors import (
    WIDTH,
    between_mask,
    equal_mask,
    highest_bit,
    load_8,
    lowest_bit,
    same_mask,
)

_ALL = np.int64((1 << WIDTH) - 1)
_EVERY_BIT = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_ZEROS = np.uint64(0x3030_3030_3030_3030)
_HALVES, _SIXES = np.uint64(0xF0F0_F0F0_F0F0_F0F0), np.uint64(0x0606_0606_0606_0606)
# Every second one of eight digits, of four pairs, of two fours; the first stands lowest.
_ONES, _PAIRS, _FOURS = (
    np.uint64(mask) for mask in (0x00FF_00FF_00FF_00FF, 0x0000_FFFF_0000_FFFF, 0xFFFF_FFFF)
)
_TEN, _HUNDRED, _TEN_THOUSAND = np.uint64(10), np.uint64(100), np.uint64(10_000)
_S8, _S16, _S32 = np.uint64(8), np.uint64(16), np.uint64(32)


@inlined
def byte_at(b, p, e, c):  # type: ignore[no-untyped-def]
    """Return the first place of a byte in [p, e), ``e`` when there is none."""
    while p < e and p + WIDTH <= len(b):
        hits = equal_mask(b, p, c)
        if hits != 0:
            return min(p + lowest_bit(hits), e)
        p += WIDTH
    while p < e and b[p] != c:
        p += 1
    return min(p, e)


@inlined
def word_end(b, p, e, stop):  # type: ignore[no-untyped-def]
    """Return the first place of a space or of ``stop`` in [p, e), else ``e``."""
    while p < e and p + WIDTH <= len(b):
        hits = equal_mask(b, p, 32) | equal_mask(b, p, stop)
        if hits != 0:
            return min(p + lowest_bit(hits), e)
        p += WIDTH
    while p < e and b[p] != 32 and b[p] != stop:
        p += 1
    return min(p, e)


@inlined
def word_begin(b, p, e, stop):  # type: ignore[no-untyped-def]
    """Return the place after the last space or ``stop`` in [p, e), else ``p``."""
    while p < e and e >= WIDTH:
        hits = equal_mask(b, e - WIDTH, 32) | equal_mask(b, e - WIDTH, stop)
        if hits != 0:
            return max(e - WIDTH + highest_bit(hits) + 1, p)
        e -= WIDTH
    while p < e and b[e - 1] != 32 and b[e - 1] != stop:
        e -= 1
    return max(p, e)


@inlined
def _is_host_byte(c):  # type: ignore[no-untyped-def]
    # Names and addresses with zones: letters, digits, what is not ASCII, "%-._" and ":".
    return (
        97 <= c <= 122 or 45 <= c <= 58 or 65 <= c <= 90 or c == 95 or c == 37 or c >= 128
    ) and c != 47


@inlined
def _others(b, p):  # type: ignore[no-untyped-def]
    """Return a mask of the bytes at ``p`` that stand in no host."""
    hosts = between_mask(b, p, 48, 58) | between_mask(b, p, 45, 46) | between_mask(b, p, 97, 122)
    hosts |= between_mask(b, p, 65, 90) | between_mask(b, p, 128, 255)
    hosts |= equal_mask(b, p, 95) | equal_mask(b, p, 37)
    return np.int64(hosts) ^ _ALL


@inlined
def host_end(b, p, e):  # type: ignore[no-untyped-def]
    """Return where a host's name or address that begins at ``p`` ends."""
    while p < e and p + WIDTH <= len(b):
        others = _others(b, p)
        if others != 0:
            return min(p + lowest_bit(others), e)
        p += WIDTH
    while p < e and _is_host_byte(b[p]):
        p += 1
    return min(p, e)


@inlined
def host_begin(b, p, e):  # type: ignore[no-untyped-def]
    """Return where a host's name or address that ends at ``e`` begins."""
    while p < e and e >= WIDTH:
        others = _others(b, e - WIDTH)
        if others != 0:
            return max(e - WIDTH + highest_bit(others) + 1, p)
        e -= WIDTH
    while p < e and _is_host_byte(b[e - 1]):
        e -= 1
    return max(p, e)


@inlined
def digits_end(b, p, e):  # type: ignore[no-untyped-def]
    """Return where the digits that begin at ``p`` end."""
    while p < e and p + WIDTH <= len(b):
        others = np.int64(between_mask(b, p, 48, 57)) ^ _ALL
        if others != 0:
            return min(p + lowest_bit(others), e)
        p += WIDTH
    while p < e and 48 <= b[p] <= 57:
        p += 1
    return min(p, e)


@inlined
def digits_begin(b, p, e):  # type: ignore[no-untyped-def]
    """Return where the digits that end at ``e`` begin."""
    while p < e and e >= WIDTH:
        others = np.int64(between_mask(b, e - WIDTH, 48, 57)) ^ _ALL
        if others != 0:
            return max(e - WIDTH + highest_bit(others) + 1, p)
        e -= WIDTH
    while p < e and 48 <= b[e - 1] <= 57:
        e -= 1
    return max(p, e)


@inlined
def number(b, p, e):  # type: ignore[no-untyped-def]
    """Return the value of the digits that fill [p, e), at most 18; -1 when they do not."""
    length = e - p
    if 0 < length <= 8 and e >= 8:
        v = load_8(b, e - 8) ^ _ZEROS
        v &= _EVERY_BIT << np.uint64(64 - 8 * length)  # what stands before them is no digit
        if v & _HALVES != 0 or (v + _SIXES) & _HALVES != 0:
            return np.int64(-1)
        v = (v & _ONES) * _TEN + ((v >> _S8) & _ONES)
        v = (v & _PAIRS) * _HUNDRED + ((v >> _S16) & _PAIRS)
        return np.int64((v & _FOURS) * _TEN_THOUSAND + (v >> _S32))
    value = np.int64(0)
    for i in range(p, e):
        c = np.int64(b[i])
        if c < 48 or c > 57:
            return np.int64(-1)
        value = value * 10 + (c - 48)
    return value if length > 0 else np.int64(-1)


@inlined
def is_same(b, p, other, q, length):  # type: ignore[no-untyped-def]
    """Tell whether two arrays hold the same ``length`` bytes at ``p`` and at ``q``."""
    if length <= WIDTH and p + WIDTH <= len(b) and q + WIDTH <= len(other):
        differing = np.int64(same_mask(b, p, other, q)) ^ _ALL
        return differing & ((np.int64(1) << length) - 1) == 0
    for k in range(length):
        if b[p + k] != other[q + k]:
            return False
    return True


@inlined
def common(b, p, other, q, length):  # type: ignore[no-untyped-def]
    """Return how many of ``length`` bytes at ``p`` and at ``q`` are the same from there on."""
    k = np.int64(0)
    while k < length and p + k + WIDTH <= len(b) and q + k + WIDTH <= len(other):
        differing = np.int64(same_mask(b, p + k, other, q + k)) ^ _ALL
        if differing != 0:
            return min(k + lowest_bit(differing), length)
        k += WIDTH
    while k < length and b[p + k] == other[q + k]:
        k += 1
    return min(k, length)
