"""Syslog headers: RFC 3164 as it is found, ISO stamps, RFC 5424, a bare program tag."""

from __future__ import annotations

import numpy as np

from tocsin.kernels.lean import inlined
from tocsin.kernels.stamps import ABSENT, BAD, stamp

# What a header holds, slots of int64: places are positions in the buffer.
HOST_AT, HOST_LENGTH, PROGRAM_AT, PROGRAM_LENGTH, PID, MESSAGE_AT, HEADER_SIZE = range(7)
_PROGRAM_BYTES_MAX = 64
_PRIORITY_DIGITS_MAX = 3


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
def _word_end(b, p, e):  # type: ignore[no-untyped-def]
    while p < e and b[p] != 32:
        p += 1
    return p


@inlined
def _is_name_byte(c):  # type: ignore[no-untyped-def]
    """Tell bytes of a program's name: printable ASCII but space, ``:``, ``[`` and quotes."""
    return 32 < c < 127 and c != 58 and c != 91 and c != 34 and c != 123 and c != 61


@inlined
def _tag(b, p, e, head):  # type: ignore[no-untyped-def]
    """Take ``program[pid]: `` or ``program: `` at ``p``; return whether it stands there."""
    q = p
    while q < e and q - p < _PROGRAM_BYTES_MAX and _is_name_byte(b[q]):
        q += 1
    if q == p or q >= e:
        return False
    length, pid = q - p, np.int64(-1)
    if b[q] == 91:
        q += 1
        start, pid = q, np.int64(0)
        while q < e and 48 <= b[q] <= 57 and q - start < 10:
            pid = pid * 10 + np.int64(b[q]) - 48
            q += 1
        if q == start or q >= e or b[q] != 93:
            return False
        q += 1
    if q >= e or b[q] != 58 or (q + 1 < e and b[q + 1] != 32):
        return False
    q += 1
    while q < e and b[q] == 32:
        q += 1
    head[PROGRAM_AT], head[PROGRAM_LENGTH], head[PID], head[MESSAGE_AT] = p, length, pid, q
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
        start, q = q, _word_end(b, q, e)
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
def header(b, p, e, clock, zone, head):  # type: ignore[no-untyped-def]
    """Return (status of the stamp, ns) and fill ``head`` from the record [p, e).

    The status is that of `stamps.stamp`, or 3 where RFC 5424 says that there is none.
    """
    head[HOST_LENGTH], head[PROGRAM_LENGTH], head[PID], head[MESSAGE_AT] = 0, 0, -1, p
    head[HOST_AT], head[PROGRAM_AT] = p, p
    if p >= e:
        return ABSENT, np.int64(0)
    q = _priority(b, p, e)
    if q > p and q + 2 < e and b[q] == 49 and b[q + 1] == 32:
        return _rfc5424(b, q + 2, e, clock, zone, head)
    if q >= e:
        return ABSENT, np.int64(0)
    status, ts_ns, q = stamp(b, q, e, clock, zone)
    if status == BAD:
        return BAD, ts_ns
    if status == ABSENT:
        _tag(b, q, e, head)
        return ABSENT, ts_ns
    if q < e and b[q] != 32:
        return BAD, ts_ns
    while q < e and b[q] == 32:
        q += 1
    head[MESSAGE_AT] = q
    end = _word_end(b, q, e)
    if end > q and b[end - 1] == 58 and _tag(b, q, e, head):  # no host
        return status, ts_ns
    head[HOST_AT], head[HOST_LENGTH] = q, end - q
    while end < e and b[end] == 32:
        end += 1
    head[MESSAGE_AT] = end
    _tag(b, end, e, head)
    return status, ts_ns
