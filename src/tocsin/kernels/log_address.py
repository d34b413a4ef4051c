"""Addresses in text as two halves: RFC 4291 and dotted quads, ASCII digits only.

Nothing lenient: an octet over 255 or with a leading zero, a second ``::``, a group of five
digits make it no address, so that what two programs might read differently names nobody.
A zone (``%eth0``) is cut off. IPv4 is held IPv4-mapped (`tocsin.core.addresses`).
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.lean import inlined
from tocsin.kernels.spans import byte_at
from tocsin.kernels.vectors import WIDTH, between_mask, equal_mask, lowest_bit

_V4 = np.uint64(0xFFFF_0000_0000)
_S32 = np.uint64(32)
_QUAD_BYTES_MAX = 15


@inlined
def _octet(b, p, e):  # type: ignore[no-untyped-def]
    """Return the value of one to three digits [p, e), -1 when it is none of an address."""
    length, high, middle = e - p, np.int64(b[e - 3]) - 48, np.int64(b[e - 2]) - 48
    high, middle = high if length > 2 else 0, middle if length > 1 else 0
    value = high * 100 + middle * 10 + np.int64(b[e - 1]) - 48
    is_one = 0 < length <= 3 and value <= 255 and (length == 1 or b[p] != 48)
    return value if is_one else np.int64(-1)


@inlined
def quad(b, p, e):  # type: ignore[no-untyped-def]
    """Return the value of a dotted quad that fills [p, e), -1 otherwise."""
    if p + WIDTH > len(b) or p < 3 or e - p > _QUAD_BYTES_MAX:
        return slow_quad(b, p, e)
    here = (np.int64(1) << (e - p)) - 1
    dots = np.int64(equal_mask(b, p, 46)) & here
    if (np.int64(between_mask(b, p, 48, 57)) & here) | dots != here:
        return np.int64(-1)
    second = dots & (dots - 1)
    third = second & (second - 1)
    if third == 0 or third & (third - 1) != 0:
        return np.int64(-1)
    i, j, k = p + lowest_bit(dots), p + lowest_bit(second), p + lowest_bit(third)
    one, two = _octet(b, p, i), _octet(b, i + 1, j)
    three, four = _octet(b, j + 1, k), _octet(b, k + 1, e)
    if one | two | three | four < 0:
        return np.int64(-1)
    return (one << 24) | (two << 16) | (three << 8) | four


@inlined
def slow_quad(b, p, e):  # type: ignore[no-untyped-def]
    """Do what `quad` does byte by byte, at the ends of a buffer."""
    value, octet, digits, dots = np.int64(0), np.int64(0), 0, 0
    for i in range(p, e):
        c = np.int64(b[i])
        if 48 <= c <= 57:
            if digits > 0 and octet == 0:
                return np.int64(-1)
            octet = octet * 10 + (c - 48)
            digits += 1
            if octet > 255:
                return np.int64(-1)
        elif c == 46 and digits > 0 and dots < 3:
            value = (value << 8) | octet
            octet, digits = np.int64(0), 0
            dots += 1
        else:
            return np.int64(-1)
    return (value << 8) | octet if dots == 3 and digits > 0 else np.int64(-1)


@inlined
def _hex(c):  # type: ignore[no-untyped-def]
    v = np.int64(c)
    if 48 <= v <= 57:
        return v - 48
    if 97 <= v <= 102:
        return v - 87
    return v - 55 if 65 <= v <= 70 else np.int64(-1)


@inlined
def _groups(b, p, e, groups):  # type: ignore[no-untyped-def]
    """Fill ``groups`` (8) from [p, e); return whether it is an IPv6 address."""
    n, gap, i = 0, -1, p
    if b[p] == 58:
        if b[p + 1] != 58:
            return False
        gap, i = 0, p + 2
    while i < e:
        start, value = i, np.int64(0)
        while i < e and _hex(b[i]) >= 0:
            value = (value << 4) | _hex(b[i])
            i += 1
            if i - start > 4:
                return False
        if i < e and b[i] == 46 and n <= 6:
            value = slow_quad(b, start, e)
            if value < 0:
                return False
            groups[n], groups[n + 1] = value >> 16, value & 0xFFFF
            n += 2
            break
        if i == start or n == 8:
            return False
        groups[n] = value
        n += 1
        if i == e:
            break
        if b[i] != 58 or i + 1 == e:
            return False
        i += 1
        if b[i] == 58:
            if gap >= 0:
                return False
            gap = n
            i += 1
    if gap < 0:
        return n == 8
    if n == 8:
        return False
    for k in range(n - gap):
        groups[7 - k] = groups[n - 1 - k]
    for k in range(gap, 8 - (n - gap)):
        groups[k] = 0
    return True


@inlined
def address(b, p, e, groups):  # type: ignore[no-untyped-def]
    """Return (whether [p, e) is an address, high half, low half).

    ``groups`` is scratch, int64 (8).
    """
    nobody = np.uint64(0)
    if e - p < 2 or e - p > 100:
        return False, nobody, nobody
    e = byte_at(b, p, e, 37)
    value = quad(b, p, e)
    if value >= 0:
        return True, nobody, _V4 | np.uint64(value)
    if e - p < 2 or e - p > 45 or not _groups(b, p, e, groups):
        return False, nobody, nobody
    hi = (np.uint64((groups[0] << 16) | groups[1]) << _S32) | np.uint64(
        (groups[2] << 16) | groups[3]
    )
    lo = (np.uint64((groups[4] << 16) | groups[5]) << _S32) | np.uint64(
        (groups[6] << 16) | groups[7]
    )
    return True, hi, lo
