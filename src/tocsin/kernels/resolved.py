"""Addresses that a name server gave: a contact to one of them is no guess.

A scanner draws addresses, a client asks for a name first (Whyte, Kranakis, van Oorschot:
"DNS-based detection of scanning worms in an enterprise network", NDSS 2005). A device whose
uplink is blocked tries host after host without an answer, and is still no scanner.

Answers count for the whole capture, not for the asking host: a forwarder or another
interface of the same host often asks in its stead. Missed: a scan of hosts that were
resolved before, and one that brings forged answers along. Format: RFC 1035, RFC 3596. The
table is bounded; what falls out of it is judged as if it had never been resolved, so the
alarm is still given at the bound.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined
from tocsin.kernels.table import hash_of

RESOLVED_MAX = 1 << 15  # two ways
DNS_PORT = 53
_LABELS_MAX, _RECORDS_MAX, _HEADER = 64, 64, 12
_A, _AAAA, _IN = 1, 28, 1
_V4 = np.uint64(0xFFFF_0000_0000)
_ONE = np.uint64(1)


@inlined
def _be16(b, p):  # type: ignore[no-untyped-def]
    return (np.int64(b[p]) << 8) | np.int64(b[p + 1])


@inlined
def _be32(b, p):  # type: ignore[no-untyped-def]
    return np.uint64((_be16(b, p) << 16) | _be16(b, p + 2))


@inlined
def _tag(hi, lo, key):  # type: ignore[no-untyped-def]
    return hash_of(lo, hi, key, hi, lo, key) | _ONE


@part
def is_resolved(resolved, hi, lo, key):  # type: ignore[no-untyped-def]
    """Tell whether a name server gave this address."""
    tag = _tag(hi, lo, key)
    at = np.int64(tag & np.uint64(len(resolved) - 1)) & ~1
    return resolved[at] == tag or resolved[at + 1] == tag


@inlined
def _of_service(hi, port):  # type: ignore[no-untyped-def]
    """Return what stands for the upper half of an address that serves a port: no address."""
    return ~hi ^ (np.uint64(port) << np.uint64(40))


@part
def note_service(resolved, hi, lo, port, key):  # type: ignore[no-untyped-def]
    """Remember that an address answered at a port; it shares the table with the names."""
    _remember(resolved, _of_service(hi, port), lo, key)


@part
def has_served(resolved, hi, lo, port, key):  # type: ignore[no-untyped-def]
    """Tell whether an address has answered at a port, as far as the table remembers."""
    return is_resolved(resolved, _of_service(hi, port), lo, key)


@part
def _remember(resolved, hi, lo, key):  # type: ignore[no-untyped-def]
    """Put an address first of its two ways; the older one gives way."""
    tag = _tag(hi, lo, key)
    at = np.int64(tag & np.uint64(len(resolved) - 1)) & ~1
    if resolved[at] != tag:
        resolved[at + 1] = resolved[at]
        resolved[at] = tag


@part
def _after_name(b, p, end):  # type: ignore[no-untyped-def]
    """Return the position after a name, ``end`` when it does not end before."""
    for _ in range(_LABELS_MAX):
        if p >= end:
            return end
        length = np.int64(b[p])
        if length == 0:
            return p + 1
        if length >= 0xC0:
            return min(p + 2, end)
        p += 1 + length
    return end


@part
def note_answers(b, p, end, resolved, key):  # type: ignore[no-untyped-def]
    """Remember the addresses in the answers of a DNS message at ``b[p:end]``.

    What is cut short or malformed ends the reading; what was read before it stays.
    """
    if end - p < _HEADER or b[p + 2] & 0x80 == 0:
        return
    questions, answers = _be16(b, p + 4), _be16(b, p + 6)
    p += _HEADER
    for _ in range(min(questions, 4)):
        p = _after_name(b, p, end) + 4
    for _ in range(min(answers, _RECORDS_MAX)):
        if p >= end:
            return
        p = _after_name(b, p, end)
        if p + 10 > end:
            return
        kind, size = _be16(b, p), _be16(b, p + 8)
        p += 10
        if p + size > end:
            return
        if kind == _A and size == 4:
            _remember(resolved, np.uint64(0), _V4 | _be32(b, p), key)
        elif kind == _AAAA and size == 16:
            hi = (_be32(b, p) << np.uint64(32)) | _be32(b, p + 4)
            lo = (_be32(b, p + 8) << np.uint64(32)) | _be32(b, p + 12)
            _remember(resolved, hi, lo, key)
        p += size
