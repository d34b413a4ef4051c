"""The log scanner: records, syslog headers and templates, from bytes to rows.

Records end at line feeds and nowhere else. Header forms: RFC 3164 (with and without year,
priority, host), ISO stamps, RFC 5424, a bare ``program[pid]:``. The program's name picks a
family, the first byte of the message picks the few templates that are tried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined, kernel
from tocsin.kernels.log_address import address
from tocsin.kernels.log_header import (
    FAMILY,
    HEADER_SIZE,
    HOST_AT,
    HOST_LENGTH,
    MESSAGE_AT,
    PID,
    PROGRAM_AT,
    PROGRAM_LENGTH,
    family_found,
    forget,
    header,
)  # fmt: skip
from tocsin.kernels.matching import (
    AMBIGUOUS,
    COUNT,
    EXTRA_0,
    EXTRA_1,
    EXTRA_2,
    LEAD_AT,
    LEAD_LENGTH,
    NEXT,
    NO_MATCH,
    SHARED,
    SLOTS,
    SOURCE,
    SOURCE_PORT,
    TEMPLATE,
    USER,
    lead,
    match,
)  # fmt: skip
from tocsin.kernels.stamps import ABSENT, BAD, GOOD
from tocsin.kernels.vectors import WIDTH, equal_mask, lowest_bit

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOG_ROW = np.dtype(
    [
        ("at", "i8"), ("length", "i8"), ("offset", "i8"), ("ts_ns", "i8"),
        ("src_hi", "u8"), ("src_lo", "u8"), ("pid", "i8"),
        ("user_at", "i8"), ("claim_at", "i8"),
        ("extra_0_at", "i8"), ("extra_1_at", "i8"), ("extra_2_at", "i8"),
        ("host_at", "i8"), ("program_at", "i8"), ("message_at", "i8"),
        ("message_length", "i4"),
        ("user_length", "i4"), ("claim_length", "i4"),
        ("extra_0_length", "i4"), ("extra_1_length", "i4"), ("extra_2_length", "i4"),
        ("host_length", "i4"), ("program_length", "i4"), ("source_port", "i4"),
        ("count", "i4"), ("template", "i2"), ("family", "i2"),
        ("weird", "u1"), ("has_stamp", "u1"), ("has_source", "u1"), ("mark", "u1"),
        ("status", "i4"), ("bytes", "i8"),  # of an access line's answer; 0: none
    ]
)  # fmt: skip
WEIRD = (
    "",
    "empty record",
    "no header",
    "stamp names no moment",
    "source is ambiguous",
    "too long",
)
FINE, EMPTY, NO_HEADER, BAD_STAMP, AMBIGUOUS_SOURCE, TOO_LONG = range(len(WEIRD))
NO_TEMPLATE = -1
JOINED = 1  # in ``mark``: a reader joined the line to an earlier record
NO_FAMILY = 0
FIELDS = 8
_COUNT_MAX = 0x7FFF_FFFF
FAMILY_NAME_MAX = 24
LEGACY_AT = 257  # in the table of first bytes: the family of old PAM lines
_REPEATED = np.frombuffer(b"message repeated ", dtype=np.uint8)
_TIMES = np.frombuffer(b" times: [ ", dtype=np.uint8)
_PREAUTH = np.frombuffer(b" [preauth]", dtype=np.uint8)
_ERROR = np.frombuffer(b"error: ", dtype=np.uint8)
_FATAL = np.frombuffer(b"fatal: ", dtype=np.uint8)
_SOLARIS = np.frombuffer(b"[ID ", dtype=np.uint8)


def fresh_scratch() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the kernel's scratch: slots of a header, fields of a template, groups of IPv6."""
    return (
        np.zeros(HEADER_SIZE, dtype=np.int64),
        np.zeros((FIELDS, 3), dtype=np.int64),
        np.zeros(8, dtype=np.int64),
    )


@inlined
def _begins(b, p, e, what):  # type: ignore[no-untyped-def]
    if p + len(what) > e:
        return False
    for k in range(len(what)):
        if b[p + k] != what[k]:
            return False
    return True


@inlined
def _named(b, p, length, programs):  # type: ignore[no-untyped-def]
    """Return the family of the program whose name fills [p, p + length), or none."""
    names, family_of, first = programs
    for k in range(first[b[p]], first[np.int64(b[p]) + 1]):
        row = names[k]
        if row[0] == length:
            same = True
            for i in range(1, length):
                if row[1 + i] != b[p + i]:
                    same = False
                    break
            if same:
                return family_of[k]
    return NO_FAMILY


@inlined
def _family(b, p, length, programs):  # type: ignore[no-untyped-def]
    """Return the family of the program at ``p``.

    ``names`` holds padded names in the order of their first bytes, ``first`` where each byte's
    begin. Of ``postfix/smtpd`` and ``/usr/sbin/sshd`` the first or the last part may be known;
    what ends in ``(pam_unix)`` is of the family that the last entry of ``first`` names.
    """
    if length < 1:
        return NO_FAMILY
    family = _named(b, p, length, programs)
    if family != NO_FAMILY:
        return family
    slash, last = -1, -1
    for i in range(length):
        if b[p + i] == 47:
            last = i
            if slash < 0:
                slash = i
    if slash > 0:
        family = _named(b, p, slash, programs)
    if family == NO_FAMILY and 0 <= last < length - 1:
        family = _named(b, p + last + 1, length - last - 1, programs)
    if family == NO_FAMILY and b[p + length - 1] == 41 and length > 10 and b[p + length - 10] == 40:
        return programs[2][LEGACY_AT]
    return family


@inlined
def _strip(b, p, e, row):  # type: ignore[no-untyped-def]
    """Return the message without what syslog or sshd's monitor puts around it."""
    while e > p and b[e - 1] <= 32:
        e -= 1
    if b[p] == 91 and _begins(b, p, e, _SOLARIS):  # "[ID 800047 auth.info] "
        q = p
        while q < e and b[q] != 93:
            q += 1
        p = min(q + 2, e)
    if b[p] == 109 and b[e - 1] == 93 and _begins(b, p, e, _REPEATED):
        q, times = p + len(_REPEATED), np.int64(0)
        while q < e and 48 <= b[q] <= 57 and times < 100_000:
            times = times * 10 + np.int64(b[q]) - 48
            q += 1
        if times > 0 and _begins(b, q, e, _TIMES):
            row["count"] = times
            p, e = q + len(_TIMES), e - 1
            while e > p and b[e - 1] <= 32:
                e -= 1
    if e - p > 10 and b[e - 1] == 93 and _begins(b, e - 10, e, _PREAUTH):
        e -= 10
    if p < e and ((b[p] == 101 and _begins(b, p, e, _ERROR)) or (
        b[p] == 102 and _begins(b, p, e, _FATAL)
    )):  # fmt: skip
        p += 7
    return p, e


@inlined
def _is_guarded(b, at, length):  # type: ignore[no-untyped-def]
    """Tell a name that ends in ``ssh2:``: what follows may be the method's detail or a lie."""
    if length < 6 or b[at + length - 1] != 58:
        return False
    p = at + length - 6
    return b[p] == 32 and b[p + 1] == 115 and b[p + 2] == 115 and b[p + 3] == 104


@inlined
def _take(b, row, fields, slots, groups):  # type: ignore[no-untyped-def]
    """Carry a template's fields into the row."""
    if slots & (1 << USER):
        row["user_at"] = fields[USER, 0]
        row["user_length"] = fields[USER, 1]
    if slots & (1 << SOURCE):
        p, length = fields[SOURCE, 0], fields[SOURCE, 1]
        is_address, hi, lo = address(b, p, p + length, groups)
        if is_address:
            row["has_source"] = 1
            row["src_hi"] = hi
            row["src_lo"] = lo
        else:
            row["claim_at"] = p
            row["claim_length"] = length
    if slots & (1 << SOURCE_PORT):
        row["source_port"] = fields[SOURCE_PORT, 2]
    if slots & (1 << COUNT):
        row["count"] = fields[COUNT, 2]
    if slots & (1 << EXTRA_0):
        row["extra_0_at"] = fields[EXTRA_0, 0]
        row["extra_0_length"] = fields[EXTRA_0, 1]
    if slots & (1 << EXTRA_1):
        row["extra_1_at"] = fields[EXTRA_1, 0]
        row["extra_1_length"] = fields[EXTRA_1, 1]
    if slots & (1 << EXTRA_2):
        row["extra_2_at"] = fields[EXTRA_2, 0]
        row["extra_2_length"] = fields[EXTRA_2, 1]


@inlined
def _try_templates(b, p, e, row, tables, fields, groups):  # type: ignore[no-untyped-def]
    """Try the templates of the row's family and the message's first byte, in their order.

    Where a template failed within the bytes that the next ones begin with too, these fail as well.
    """
    operations, literals, facts, order, buckets = tables
    family = row["family"]
    k, known = np.int64(buckets[family, b[p], 0]), 0
    end = k + buckets[family, b[p], 1]
    while k < end:
        if known < order[k, SHARED]:
            k = np.int64(order[k, NEXT])
            continue
        t, length = order[k, TEMPLATE], order[k, LEAD_LENGTH]
        known = lead(b, p, e, literals, order[k, LEAD_AT], length)
        k += 1
        if known < length:
            continue
        status = match(b, p + length, e, operations, literals, facts, t, fields)
        if status == NO_MATCH:
            continue
        if status == AMBIGUOUS or (
            facts[t, SLOTS] & (1 << SOURCE)
            and facts[t, SLOTS] & (1 << USER)
            and _is_guarded(b, fields[USER, 0], fields[USER, 1])
        ):
            row["weird"] = AMBIGUOUS_SOURCE
            return
        row["template"] = t
        _take(b, row, fields, facts[t, SLOTS], groups)
        return


@inlined
def _clear(row, p, length, offset):  # type: ignore[no-untyped-def]
    row["at"] = p
    row["length"] = length
    row["offset"] = offset
    row["ts_ns"] = 0
    row["src_hi"] = np.uint64(0)
    row["src_lo"] = np.uint64(0)
    row["user_at"] = 0
    row["user_length"] = 0
    row["claim_length"] = 0
    row["extra_0_length"] = 0
    row["extra_1_length"] = 0
    row["extra_2_length"] = 0
    row["source_port"] = 0
    row["count"] = 1
    row["template"] = NO_TEMPLATE
    row["weird"] = FINE
    row["has_stamp"] = 0
    row["has_source"] = 0
    row["mark"] = 0
    row["status"] = 0
    row["pid"] = -1
    row["family"] = NO_FAMILY
    row["host_length"] = 0
    row["program_length"] = 0
    row["message_at"] = p
    row["message_length"] = length


@inlined
def _record(b, p, e, row, clock, zone, tables, programs, scratch):  # type: ignore[no-untyped-def]
    """Fill the row of the record [p, e)."""
    head, fields, groups = scratch
    status, ts_ns = header(b, p, e, clock, zone, head)
    at = head[MESSAGE_AT]
    row["pid"] = head[PID]
    row["host_at"] = head[HOST_AT]
    row["host_length"] = head[HOST_LENGTH]
    row["program_at"] = head[PROGRAM_AT]
    row["program_length"] = head[PROGRAM_LENGTH]
    row["message_at"] = at
    row["message_length"] = e - at
    family = head[FAMILY]
    if family < 0:
        family = np.int64(_family(b, head[PROGRAM_AT], head[PROGRAM_LENGTH], programs))
        family_found(head, family)
    row["family"] = family
    if status == GOOD:
        row["has_stamp"] = 1
        row["ts_ns"] = ts_ns
    if at < e and head[PROGRAM_LENGTH] > 0:
        start, end = _strip(b, at, e, row)
        if start < end:
            _try_templates(b, start, end, row, tables, fields, groups)
    if row["weird"] == FINE and row["template"] == NO_TEMPLATE:
        row["count"] = 1
        if status == BAD:
            row["weird"] = BAD_STAMP
        elif status == ABSENT:
            row["weird"] = EMPTY if e == p else NO_HEADER


@part
def _line_end(b, p, end):  # type: ignore[no-untyped-def]
    """Return the place of the next line feed in [p, end), ``end`` when there is none."""
    while p + WIDTH <= end:
        hits = equal_mask(b, p, 10)
        if hits != 0:
            return p + lowest_bit(hits)
        p += WIDTH
    while p < end and b[p] != 10:
        p += 1
    return p


@kernel
def scan(  # type: ignore[no-untyped-def]
    b, p, end, base, is_last, rows, record_bytes_max, clock, zone, tables, programs, scratch
):
    """Fill ``rows`` (dtype `LOG_ROW`) with the records of ``b[p:end]``.

    ``base`` + position is the offset in the decompressed stream. Returns (rows filled,
    position after the last whole record); a record without its line feed is left for the
    next call unless ``is_last``. Places in rows are positions in ``b``. ``tables`` and
    ``programs`` come from `tocsin.parse.compile`, ``clock`` is laid out as in `stamps`,
    ``scratch`` comes from `fresh_scratch`.
    """
    n, n_max = 0, len(rows)
    forget(scratch[0])
    while p < end and n < n_max:
        e = _line_end(b, p, end)
        if e >= end and not is_last:
            break
        row = rows[n]
        length = e - p
        _clear(row, p, length, base + p)
        if length > record_bytes_max:
            row["weird"] = TOO_LONG
            row["length"] = record_bytes_max
            row["message_length"] = 0
            row["count"] = min(length, _COUNT_MAX)  # how long it was
        else:
            _record(b, p, e, row, clock, zone, tables, programs, scratch)
        n += 1
        p = e + 1
    return n, min(p, end)
