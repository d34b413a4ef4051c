"""The interpreter of log templates: one loop for all of them, templates are rows of a table.

The attribution law. Names in a record are the remote side's choice and may imitate the
rest of the record, ``root from 198.51.100.7 port 22 ssh2`` included. A template is therefore
matched from both ends: what stands before the free text forward from the start, what
stands after it backward from the end; the free text is whatever remains. Free text that is
followed by more free text ends at a literal that must occur exactly once; when it occurs
again, the record is ambiguous and names nobody. Behind the address, where nothing more can
be forged, the first such literal is taken.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.lean import inlined
from tocsin.kernels.spans import (
    common,
    digits_begin,
    digits_end,
    host_begin,
    host_end,
    is_same,
    number,
    word_begin,
    word_end,
)
from tocsin.kernels.vectors import WIDTH, equal_mask, lowest_bit

# Operations: rows (operation, argument, length, slot) of int32. The argument is the place
# of a literal, or for WORD the byte that ends it.
LITERAL, OPTIONAL, WORD, HOST, NUMBER, PORT, UNTIL_UNIQUE, UNTIL_FIRST = range(8)
# Slots that an operation may fill: (place, length) and a value for numbers.
USER, SOURCE, SOURCE_PORT, COUNT, EXTRA_0, EXTRA_1, EXTRA_2, NOWHERE = range(8)
# Columns of a template's row of facts. TAIL is a literal at the record's end that must stand there
# whatever else does (length 0: none).
FORWARD, OPERATIONS, FREE, SLOTS, TAIL_AT, TAIL_LENGTH, FACTS = range(7)
# Columns of the order in which templates are tried: a template, the literal that it begins with,
# how many bytes of it those of the one before have too, and the next that has fewer (a place).
TEMPLATE, LEAD_AT, LEAD_LENGTH, SHARED, NEXT, ORDER = range(6)
NO_MATCH, MATCH, AMBIGUOUS = 0, 1, 2
_NUMBER_DIGITS_MAX = 9


@inlined
def lead(b, p, e, literals, at, length):  # type: ignore[no-untyped-def]
    """Return how many bytes of a literal stand at ``p``."""
    return common(b, p, literals, at, min(np.int64(length), e - p))


@inlined
def _unique(b, p, e, literals, at, length):  # type: ignore[no-untyped-def]
    """Return (place of the first, how many up to two) of a literal in [p, e)."""
    found, first, i, last = 0, p, p, length - 1
    low, high = np.int64(literals[at]), np.int64(literals[at + last])
    while i + length <= e and i + last + WIDTH <= len(b):
        hits = np.int64(equal_mask(b, i, low) & equal_mask(b, i + last, high))
        while hits != 0:
            q = i + lowest_bit(hits)
            hits &= hits - 1
            if q + length <= e and is_same(b, q, literals, at, length):
                if found == 0:
                    first = q
                found += 1
                if found == 2:
                    return first, found
        i += WIDTH
    while i + length <= e and found < 2:
        if is_same(b, i, literals, at, length):
            if found == 0:
                first = i
            found += 1
        i += 1
    return first, found


@inlined
def _end_forward(b, p, e, op, stop):  # type: ignore[no-untyped-def]
    """Return where a field that begins at ``p`` ends."""
    if op == WORD:
        return word_end(b, p, e, stop)
    if op == HOST:
        q = host_end(b, p, e)
        return q - 1 if q > p and b[q - 1] == 58 else q  # "from 2001:db8::1: 11: ..."
    return digits_end(b, p, e)


@inlined
def _begin_backward(b, p, e, op, stop):  # type: ignore[no-untyped-def]
    """Return where a field that ends at ``e`` begins."""
    if op == WORD:
        return word_begin(b, p, e, stop)
    return host_begin(b, p, e) if op == HOST else digits_begin(b, p, e)


@inlined
def _keep(b, p, e, op, slot, fields):  # type: ignore[no-untyped-def]
    """Take the field [p, e) into its slot; return whether it is of its type."""
    if op == NUMBER or op == PORT:
        value = number(b, p, e) if e - p <= _NUMBER_DIGITS_MAX else np.int64(-1)
        if value < 0 or (op == PORT and value > 65_535):
            return False
        fields[slot, 2] = value
    elif op == HOST and p == e:
        return False
    fields[slot, 0] = p
    fields[slot, 1] = e - p
    return True


@inlined
def _is_opening(b, p, e, literals, at, length):  # type: ignore[no-untyped-def]
    """Tell whether a literal stands at the record's end but for its space, which was cut off."""
    return (
        p + length == e + 1
        and literals[at + length - 1] == 32
        and is_same(b, p, literals, at, length - 1)
    )


@inlined
def _forward(b, p, e, operations, literals, t, fields, count, is_open):  # type: ignore[no-untyped-def]
    """Match the leading operations; return (MATCH or not, position after them).

    ``is_open``: nothing but free text follows them, which may be empty.
    """
    for k in range(count):
        op, argument = operations[t, k, 0], operations[t, k, 1]
        length, slot = operations[t, k, 2], operations[t, k, 3]
        if op == LITERAL:
            if p + length > e:
                if not (
                    is_open and k == count - 1 and _is_opening(b, p, e, literals, argument, length)
                ):
                    return NO_MATCH, p
                length -= 1
            elif not is_same(b, p, literals, argument, length):
                return NO_MATCH, p
            p += length
        elif op == OPTIONAL:
            if p + length <= e and is_same(b, p, literals, argument, length):
                p += length
        elif op == UNTIL_UNIQUE or op == UNTIL_FIRST:
            at, found = _unique(b, p, e, literals, argument, length)
            if found != 1 and (op == UNTIL_UNIQUE or found == 0):
                return (AMBIGUOUS if found > 1 else NO_MATCH), p
            fields[slot, 0] = p
            fields[slot, 1] = at - p
            p = at + length
        else:
            q = _end_forward(b, p, e, op, argument)
            if not _keep(b, p, q, op, slot, fields):
                return NO_MATCH, p
            p = q
    return MATCH, p


@inlined
def match(b, p, e, operations, literals, facts, t, fields):  # type: ignore[no-untyped-def]
    """Match template ``t`` against [p, e), the message after the template's lead.

    Fields go to ``fields``.

    ``fields`` is int64 (8, 3): place, length, value per slot; what it holds after NO_MATCH
    means nothing. Returns NO_MATCH, MATCH or AMBIGUOUS.
    """
    forward, tail = facts[t, FORWARD], facts[t, TAIL_LENGTH]
    if tail > 0 and not (e - tail >= p and is_same(b, e - tail, literals, facts[t, TAIL_AT], tail)):
        return NO_MATCH
    is_open = facts[t, FREE] >= 0 and forward == facts[t, OPERATIONS]
    status, p = _forward(b, p, e, operations, literals, t, fields, forward, is_open)
    if status != MATCH:
        return status
    for k in range(forward, facts[t, OPERATIONS]):
        op, argument = operations[t, k, 0], operations[t, k, 1]
        length, slot = operations[t, k, 2], operations[t, k, 3]
        if op == LITERAL:
            if e - length < p or not is_same(b, e - length, literals, argument, length):
                return NO_MATCH
            e -= length
        elif op == OPTIONAL:
            if e - length >= p and is_same(b, e - length, literals, argument, length):
                e -= length
        else:
            q = _begin_backward(b, p, e, op, argument)
            if not _keep(b, q, e, op, slot, fields):
                return NO_MATCH
            e = q
    free = facts[t, FREE]
    if free < 0:
        return MATCH if p == e else NO_MATCH
    fields[free, 0] = p
    fields[free, 1] = e - p
    return MATCH
