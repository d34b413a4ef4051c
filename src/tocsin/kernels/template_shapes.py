"""Lines to templates at the pace of the log: most lines have a shape that was seen before.

A shape is the hash of a line with every run of letters and digits that holds a digit put as one
sign, as `tocsin.kernels.template_masks.collapsed` does it, and of who wrote it (its owner: host
and program). `count` knows the template of a shape and counts it for the owner in the open
window; where it does not know a shape or an owner, or a window is over, it returns, and Python
does what is rare. What a process wrote before a line makes a triple of templates; triples
that nobody wrote before are counted too.

All tables are bounded. A full table of counts counts nothing new, a full set of triples calls
none unseen; shapes are dropped by their owner (`tocsin.features.template_table`).
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.auth_clock import RUNNING, effective
from tocsin.kernels.lean import inlined, kernel
from tocsin.kernels.scanner import BAD_STAMP, FINE, NO_HEADER, NO_TEMPLATE
from tocsin.kernels.table import mix
from tocsin.kernels.template_masks import TEXT_BYTES_MAX
from tocsin.kernels.web_clients import NOT_PLAIN

SHAPE = np.dtype(
    [("hash", "u8"), ("last", "i8"), ("owner", "i4"), ("template", "i4"), ("hits", "i4")]
)
OWNER = np.dtype([("hash", "u8"), ("lines", "i8"), ("number", "i4")])
COUNT = np.dtype(
    [("first_offset", "i8"), ("last_offset", "i8"), ("owner", "i4"), ("template", "i4"),
     ("count", "i4")]
)  # fmt: skip
CONTEXT = np.dtype([("hash", "u8"), ("before", "i4"), ("last", "i4")])
SHAPE_SLOTS, OWNER_SLOTS, COUNT_SLOTS, GRAM_SLOTS, CONTEXTS = 32_768, 1024, 8192, 65_536, 4096
# Slots of the figures, int64.
(SHAPES, OWNERS, COUNTS, GRAMS, WINDOW, CLOCK, IS_TIMED, HASH, OWNER_HASH, OWNER_NOW, LEFT_OUT,
 LAST_OFFSET, WINDOW_NS, FIGURES) = range(14)  # fmt: skip
DONE, NEW_SHAPE, NEW_OWNER, WINDOW_OVER = range(4)
ALL_GRAMS, UNSEEN_GRAMS = -1, -2  # in place of a template
MINED = 2  # the mark of rows that are mined; see `scanner.JOINED` for the other one
_JSON = 123
_FILL_MAX = 0.75
_PRIME = np.uint64(0x100000001B3)
_START = np.uint64(0xCBF29CE484222325)
_ONE = np.uint64(1)


@inlined
def _is_letter(c):  # type: ignore[no-untyped-def]
    return 97 <= c <= 122 or 65 <= c <= 90


@inlined
def _text_hash(b, p, e, h):  # type: ignore[no-untyped-def]
    """Hash [p, e) as it stands."""
    for i in range(p, e):
        h = (h ^ np.uint64(b[i])) * _PRIME
    return mix(h)


@inlined
def _shape_hash(b, p, e, h):  # type: ignore[no-untyped-def]
    """Hash [p, e) with runs of letters and digits that hold a digit as ``0``."""
    e = min(e, p + TEXT_BYTES_MAX)
    while p < e:
        c = b[p]
        if not (_is_letter(c) or 48 <= c <= 57):
            h = (h ^ np.uint64(c)) * _PRIME
            p += 1
            continue
        before, q = h, p
        while q < e and _is_letter(b[q]):
            h = (h ^ np.uint64(b[q])) * _PRIME
            q += 1
        if q < e and 48 <= b[q] <= 57:
            h = (before ^ np.uint64(48)) * _PRIME
            while q < e and (_is_letter(b[q]) or 48 <= b[q] <= 57):
                q += 1
        p = q
    return mix(h) | _ONE


@inlined
def _place(table, h):  # type: ignore[no-untyped-def]
    """Return the slot of a hash in a table with open addressing, or a free one."""
    slots = len(table)
    at = np.int64(h >> np.uint64(20)) & (slots - 1)
    while table[at]["hash"] != 0 and table[at]["hash"] != h:
        at = (at + 1) & (slots - 1)
    return at


@inlined
def _add(counts, figures, owner, template, offset):  # type: ignore[no-untyped-def]
    """Count one line, or one triple, of an owner in the open window."""
    slots = len(counts)
    h = mix(np.uint64(owner) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(template + 2))
    at = np.int64(h >> np.uint64(20)) & (slots - 1)
    while counts[at]["count"] != 0 and (
        counts[at]["owner"] != owner or counts[at]["template"] != template
    ):
        at = (at + 1) & (slots - 1)
    if counts[at]["count"] == 0:
        if figures[COUNTS] >= _FILL_MAX * slots:
            figures[LEFT_OUT] += 1
            return
        figures[COUNTS] += 1
        counts[at]["owner"] = owner
        counts[at]["template"] = template
        counts[at]["first_offset"] = offset
    counts[at]["count"] += 1
    counts[at]["last_offset"] = offset


@inlined
def _is_unseen(grams, figures, h):  # type: ignore[no-untyped-def]
    """Tell whether a triple is new, and remember it; a full set calls none new."""
    slots = len(grams)
    at = np.int64(h >> np.uint64(20)) & (slots - 1)
    while grams[at] != 0 and grams[at] != h:
        at = (at + 1) & (slots - 1)
    if grams[at] != 0 or figures[GRAMS] >= _FILL_MAX * slots:
        return False
    grams[at] = h
    figures[GRAMS] += 1
    return True


@inlined
def _sequence(row, owner, template, contexts, grams, counts, figures):  # type: ignore[no-untyped-def]
    """Count the triple that a line ends, in the process that wrote it."""
    process = mix(np.uint64(owner) ^ (np.uint64(row["pid"] + 2) << np.uint64(20))) | _ONE
    context = contexts[np.int64(process >> np.uint64(20)) & (len(contexts) - 1)]
    if context["hash"] != process:
        context["hash"] = process
        context["before"] = context["last"] = -1
    if context["before"] >= 0:
        h = mix(np.uint64(owner) * _PRIME + np.uint64(context["before"]))
        h = mix(h * _PRIME + np.uint64(context["last"]))
        h = mix(h * _PRIME + np.uint64(template)) | _ONE
        _add(counts, figures, owner, ALL_GRAMS, row["offset"])
        if _is_unseen(grams, figures, h):
            _add(counts, figures, owner, UNSEEN_GRAMS, row["offset"])
    context["before"] = context["last"]
    context["last"] = template


@inlined
def _owner_of(b, row, owners, figures):  # type: ignore[no-untyped-def]
    """Return the slot of a row's owner, -1 when it is unknown and there is room for it."""
    at = row["host_at"]
    h = _text_hash(b, at, at + row["host_length"], _START)
    at = row["program_at"]
    h = _text_hash(b, at, at + row["program_length"], h) | _ONE
    slot = _place(owners, h)
    if owners[slot]["hash"] == 0:
        if figures[OWNERS] >= _FILL_MAX * len(owners):
            return np.int64(0)  # of nobody in particular
        figures[OWNER_HASH] = np.int64(h)
        return np.int64(-1)
    return slot


@kernel
def mark(b, rows, n, told):  # type: ignore[no-untyped-def]
    """Mark the rows that are mined; return how many.

    They are of no known format and neither JSON nor access lines (``told``, see
    `tocsin.kernels.web_clients`).
    """
    marked = 0
    for i in range(n):
        row = rows[i]
        if row["template"] != NO_TEMPLATE or told[i] != NOT_PLAIN or row["message_length"] <= 0:
            continue
        if row["mark"] != 0:
            continue
        weird = row["weird"]
        if weird != FINE and weird != NO_HEADER and weird != BAD_STAMP:
            continue
        if b[row["message_at"]] != _JSON:
            row["mark"] = MINED
            marked += 1
    return marked


@kernel
def count(b, rows, n, i, times, figures, tables):  # type: ignore[no-untyped-def]
    """Count marked ``rows[i:n]`` (dtype `scanner.LOG_ROW`); return (row, why it stopped there).

    ``tables`` are shapes, owners, counts, grams (uint64) and contexts, ``times`` as in
    `auth_clock`. NEW_OWNER and NEW_SHAPE want the row's owner or shape put into its table
    (hashes stand in ``figures``), WINDOW_OVER the counts taken; then the same row again.
    """
    shapes, owners, counts, grams, contexts = tables
    while i < n:
        row = rows[i]
        if row["mark"] != MINED:
            i += 1
            continue
        owner_slot = _owner_of(b, row, owners, figures)
        if owner_slot < 0:
            return i, NEW_OWNER
        owner = owners[owner_slot]["number"]
        at = row["message_at"]
        h = _shape_hash(b, at, at + row["message_length"], _START + np.uint64(owner))
        slot = _place(shapes, h)
        if shapes[slot]["hash"] == 0:
            figures[HASH] = np.int64(h)
            figures[OWNER_NOW] = owner
            return i, NEW_SHAPE
        if row["has_stamp"] == 1 and figures[IS_TIMED] == 0:
            effective(row["ts_ns"], times)
            figures[IS_TIMED] = 1
            if times[RUNNING] // figures[WINDOW_NS] != figures[WINDOW]:
                return i, WINDOW_OVER
        figures[IS_TIMED] = 0
        figures[CLOCK] += 1
        figures[LAST_OFFSET] = row["offset"]
        owners[owner_slot]["lines"] += 1
        shapes[slot]["hits"] += 1
        shapes[slot]["last"] = figures[CLOCK]
        template = shapes[slot]["template"]
        _add(counts, figures, owner, template, row["offset"])
        _sequence(row, owner, template, contexts, grams, counts, figures)
        i += 1
    return i, DONE


@kernel
def shape_hash(b, p, e, owner):  # type: ignore[no-untyped-def]
    """Return the hash of a line [p, e) of an owner, for tests."""
    return _shape_hash(b, p, e, _START + np.uint64(owner))


def slot_of(table: np.ndarray, h: int) -> int:
    """Return where a hash stands in a table, or the free slot where it belongs."""
    at = (h >> 20) & (len(table) - 1)
    hashes = table["hash"]
    while int(hashes[at]) not in {0, h}:
        at = (at + 1) & (len(table) - 1)
    return at
