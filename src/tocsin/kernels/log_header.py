"""Syslog headers: RFC 3164 as it is found, ISO stamps, RFC 5424, a bare program tag.

Lines mostly repeat the second, the host and the program of the line before. Both texts of the
last header that was read in full are remembered with what they mean; the same bytes mean the
same again. Who begins a buffer calls `forget`: places are remembered, not texts.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.lean import inlined
from tocsin.kernels.spans import byte_at, digits_end, is_same, number
from tocsin.kernels.stamps import ABSENT, BAD, GOOD, stamp
from tocsin.kernels.vectors import load_8

# What a header holds, slots of int64: places are positions in the buffer.
(HOST_AT, HOST_LENGTH, PROGRAM_AT, PROGRAM_LENGTH, PID, MESSAGE_AT,
 # Remembered: whether a stamp is, its bytes and its time; place and length (0: none) of
 # ``host program[``, how long the host is, where the program stands, its family (-1: to be found).
 HAS_STAMP, STAMP_LOW, STAMP_HIGH, STAMP_NS, TAG_AT, TAG_LENGTH, TAG_HOST, TAG_PROGRAM, TAG_FAMILY,
 FAMILY,  # of the record's program, -1 when not remembered
 HEADER_SIZE) = range(17)  # fmt: skip
_PROGRAM_BYTES_MAX = 64
_PRIORITY_DIGITS_MAX = 3
_PID_DIGITS_MAX = 10
_STAMP_BYTES = 15  # of RFC 3164; the byte after it is remembered too


@inlined
def _priority(b, p, e):  # type: ignore[no-untyped-def]
    """Return the position after ``<34>``, ``p`` when there is none."""
    if b[p] != 60:
        return p
    q = p + 1
    while q < e and q - p <= _PRIORITY_DIGITS_MAX and 48 <= b[q] <= 57:
        q += 1
    return q + 1 if q > p + 1 and q < e and b[q] == 62 else p


@inlined
def _is_name_byte(c):  # type: ignore[no-untyped-def]
    """Tell bytes of a program's name: printable ASCII but space, ``:``, ``[`` and quotes."""
    return 32 < c < 127 and c != 58 and c != 91 and c != 34 and c != 123 and c != 61


@inlined
def _tag_end(b, q, e, head):  # type: ignore[no-untyped-def]
    """Take ``[pid]: `` or ``: `` after a program's name; return whether it stands there."""
    pid = np.int64(-1)
    if b[q] == 91:
        start = q + 1
        q = digits_end(b, start, e)
        if q == start or q - start > _PID_DIGITS_MAX or q >= e or b[q] != 93:
            return False
        pid = number(b, start, q)
        q += 1
    if q >= e or b[q] != 58 or (q + 1 < e and b[q + 1] != 32):
        return False
    q += 1
    while q < e and b[q] == 32:
        q += 1
    head[PID], head[MESSAGE_AT] = pid, q
    return True


@inlined
def _tag(b, p, e, head):  # type: ignore[no-untyped-def]
    """Take ``program[pid]: `` or ``program: `` at ``p``; return whether it stands there."""
    q = p
    while q < e and q - p < _PROGRAM_BYTES_MAX and _is_name_byte(b[q]):
        q += 1
    if q == p or q >= e:
        return False
    length = q - p
    if not _tag_end(b, q, e, head):
        return False
    head[PROGRAM_AT], head[PROGRAM_LENGTH] = p, length
    return True


@inlined
def _structured_data(b, p, e):  # type: ignore[no-untyped-def]
    """Return the position after ``-`` or ``[id name="value" ...]...``, -1 when it is cut."""
    if p < e and b[p] == 45:
        return p + 1
    if p >= e or b[p] != 91:
        return -1
    quoted = False
    while p < e:
        c = b[p]
        if quoted and c == 92:
            p += 1
        elif c == 34:
            quoted = not quoted
        elif c == 93 and not quoted and (p + 1 >= e or b[p + 1] != 91):
            return p + 1
        p += 1
    return -1


@inlined
def _rfc5424(b, p, e, clock, zone, head):  # type: ignore[no-untyped-def]
    """Take ``TIMESTAMP HOST APP PROCID MSGID SD [MSG]`` (RFC 5424 section 6)."""
    status, ts_ns = ABSENT, np.int64(0)
    q = p + 1
    if b[p] != 45:
        status, ts_ns, q = stamp(b, p, e, clock, zone)
        if status != 1:
            return BAD, ts_ns
    for k in range(4):
        if q >= e or b[q] != 32:
            return BAD, ts_ns
        q += 1
        start, q = q, byte_at(b, q, e, 32)
        is_nil = q - start == 1 and b[start] == 45
        if k == 0 and not is_nil:
            head[HOST_AT], head[HOST_LENGTH] = start, q - start
        elif k == 1 and not is_nil:
            head[PROGRAM_AT], head[PROGRAM_LENGTH] = start, q - start
        elif k == 2 and not is_nil:
            pid = np.int64(0)
            for i in range(start, q):
                digit = np.int64(b[i]) - 48
                if digit < 0 or digit > 9 or pid > 10**9:
                    pid = np.int64(-1)
                    break
                pid = pid * 10 + digit
            head[PID] = pid
    q = _structured_data(b, q + 1, e)
    if q < 0:
        return BAD, ts_ns
    if q < e and b[q] == 32:
        q += 1
    if q + 3 <= e and b[q] == 0xEF and b[q + 1] == 0xBB and b[q + 2] == 0xBF:
        q += 3
    head[MESSAGE_AT] = q
    return (status if status != ABSENT else np.int64(3)), ts_ns


@inlined
def forget(head):  # type: ignore[no-untyped-def]
    """Remember nothing: another buffer begins, or other rules for its stamps."""
    head[HAS_STAMP], head[TAG_LENGTH], head[TAG_FAMILY] = 0, 0, 0


@inlined
def family_found(head, family):  # type: ignore[no-untyped-def]
    """Remember the family of the program where its tag was remembered just now."""
    if head[TAG_FAMILY] < 0:
        head[TAG_FAMILY] = family


@inlined
def _stamp(b, p, e, clock, zone, head):  # type: ignore[no-untyped-def]
    """Do what `stamps.stamp` does, at once where the stamp is that of the line before."""
    if p + _STAMP_BYTES >= e:
        return stamp(b, p, e, clock, zone)
    low, high = np.int64(load_8(b, p)), np.int64(load_8(b, p + 8))
    if head[HAS_STAMP] and low == head[STAMP_LOW] and high == head[STAMP_HIGH]:
        return np.int64(GOOD), head[STAMP_NS], p + _STAMP_BYTES
    status, ts_ns, q = stamp(b, p, e, clock, zone)
    if status == GOOD and q - p == _STAMP_BYTES:
        head[HAS_STAMP], head[STAMP_NS] = 1, ts_ns
        head[STAMP_LOW], head[STAMP_HIGH] = low, high
    return status, ts_ns, q


@inlined
def _is_remembered(b, q, e, head):  # type: ignore[no-untyped-def]
    """Take host and tag at ``q`` where they are those of the line before; tell whether so."""
    length, at = head[TAG_LENGTH], head[TAG_AT]
    if length == 0 or q + length >= e or not is_same(b, q, b, at, length):
        return False
    if not _tag_end(b, q + length - 1, e, head):
        return False
    head[HOST_AT], head[HOST_LENGTH] = q, head[TAG_HOST]
    head[PROGRAM_AT] = q + head[TAG_PROGRAM]
    head[PROGRAM_LENGTH] = length - 1 - head[TAG_PROGRAM]
    head[FAMILY] = head[TAG_FAMILY]
    return True


@inlined
def header(b, p, e, clock, zone, head):  # type: ignore[no-untyped-def]
    """Return (status of the stamp, ns) and fill ``head`` from the record [p, e).

    The status is that of `stamps.stamp`, or 3 where RFC 5424 says that there is none.
    """
    head[HOST_LENGTH], head[PROGRAM_LENGTH], head[PID], head[MESSAGE_AT] = 0, 0, -1, p
    head[HOST_AT], head[PROGRAM_AT], head[FAMILY] = p, p, -1
    if p >= e:
        return ABSENT, np.int64(0)
    q = _priority(b, p, e)
    if q > p and q + 2 < e and b[q] == 49 and b[q + 1] == 32:
        return _rfc5424(b, q + 2, e, clock, zone, head)
    if q >= e:
        return ABSENT, np.int64(0)
    status, ts_ns, q = _stamp(b, q, e, clock, zone, head)
    if status == GOOD:
        if q < e and b[q] != 32:
            return BAD, ts_ns
        while q < e and b[q] == 32:
            q += 1
        if _is_remembered(b, q, e, head):
            return status, ts_ns
    if status == BAD:
        return BAD, ts_ns
    if status == ABSENT:
        _tag(b, q, e, head)
        return ABSENT, ts_ns
    head[MESSAGE_AT] = q
    end = byte_at(b, q, e, 32)
    if end > q and b[end - 1] == 58 and _tag(b, q, e, head):  # no host
        return status, ts_ns
    head[HOST_AT], head[HOST_LENGTH] = q, end - q
    while end < e and b[end] == 32:
        end += 1
    head[MESSAGE_AT] = end
    if _tag(b, end, e, head):
        head[TAG_AT], head[TAG_LENGTH] = q, end + head[PROGRAM_LENGTH] + 1 - q
        head[TAG_HOST], head[TAG_PROGRAM], head[TAG_FAMILY] = head[HOST_LENGTH], end - q, -1
    return status, ts_ns
