r"""Access lines in Common and Combined Log Format, from bytes to facts.

Only the plain form is read: an address, ``-``, a user of one word, a stamp with its zone, a
request of method, target and version, status, size, and two quoted texts; printable ASCII
without a backslash. Whatever else a line holds is left to `tocsin.parse.access_line`, which
reads the same facts of what is read here. Source: Apache mod_log_config, nginx
ngx_http_log_module.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined
from tocsin.kernels.literals import marks_at, next_row
from tocsin.kernels.log_address import address
from tocsin.kernels.spans import byte_at, common, is_same
from tocsin.kernels.stamps import access_stamp
from tocsin.kernels.web_table import FOR_JUDGES

# Slots of what a line says, int64: places are positions in the buffer.
(TS_NS, STATUS, BYTES, METHOD, USER_AT, USER_END, TARGET_AT, PATH_END, TARGET_END, REFERRER_AT,
 REFERRER_END, AGENT_AT, AGENT_END, MARKS, PATH_MARKS, TARGET_MARKS, AGENT_MARKS, IS_PLAIN, PATH_HASH, STAMP_AT, FACTS) = range(21)  # fmt: skip
POST, PUT, OTHER_METHOD = range(3)
# What may stand in a text that needs no judge: a bit for targets, one for agents. What ends a
# target, may not stand in it, or is written in more than one way, has a third.
IN_TARGET, IN_AGENT, ENDS_TARGET = 1, 2, 4
_QUOTE, _BACKSLASH, _SPACE, _QUESTION, _DASH, _PERCENT, _PLUS = 34, 92, 32, 63, 45, 37, 43
_METHOD_MAX, _WORD_MAX, _ADDRESS_MAX, _STAMP_BYTES = 16, 64, 46, 26
_LOW = np.int64(0x7FFF_FFFF)
# Texts that were read before: half of them referrers, half agents.
KNOWN, KNOWN_BYTES = 2048, 256
_LENGTH, _MARKS, _PLAIN, SAID = range(4)


@inlined
def _step_hash(h, c):  # type: ignore[no-untyped-def]
    return ((h ^ c) * 0x0100_0193) & _LOW


@inlined
def _word_end(b, p, e):  # type: ignore[no-untyped-def]
    """Return the end of a word of at most `_WORD_MAX` plain bytes, -1 for anything else."""
    q = p
    while q < e and q - p <= _WORD_MAX and b[q] != _SPACE:
        c = b[q]
        if c < 33 or c > 126 or c == _QUOTE or c == 91 or c == _BACKSLASH:
            return np.int64(-1)
        q += 1
    return q if p < q < e and q - p <= _WORD_MAX else np.int64(-1)


@inlined
def _nibble(c):  # type: ignore[no-untyped-def]
    if 48 <= c <= 57:
        return np.int64(c) - 48
    low = np.int64(c) | 32
    return low - 87 if 97 <= low <= 102 else np.int64(-1)


@part
def _decoded(b, p, e, bit, kinds, literals):  # type: ignore[no-untyped-def]
    """Read [p, e) with its escapes decoded; return its marks for judges, and whether it is plain.

    Literals may begin in the byte before it. One layer of ``%41``; a second one, or what is none, is not plain. Blanks in a row are one.
    """
    row = next_row(np.uint64(0), b[p - 1], literals)
    marks, plain, is_blank = np.int64(0), np.int64(1), False
    while p < e:
        c = np.int64(b[p])
        p += 1
        if c == _PERCENT:
            high = _nibble(b[p]) if p + 1 < e else np.int64(-1)
            low = _nibble(b[p + 1]) if p + 1 < e else np.int64(-1)
            if high < 0 or low < 0:
                return marks & FOR_JUDGES, np.int64(0)
            c = high * 16 + low
            p += 2
        plain &= np.int64(kinds[c]) >> bit
        was_blank, is_blank = is_blank, c == _SPACE or c == _PLUS
        if is_blank and was_blank:
            continue
        row = next_row(row, np.uint8(c), literals)
        marks |= marks_at(row, literals)
    return marks & FOR_JUDGES, plain & 1


@inlined
def _text(b, p, e, bit, kinds, literals, facts):  # type: ignore[no-untyped-def]
    """Read a quoted text at ``p``; return where its closing mark stands, -1 when it is odd."""
    row = next_row(np.uint64(0), b[p - 1], literals)  # literals may begin in the mark before it
    marks, plain = np.int64(0), facts[IS_PLAIN]
    start, has_escape = p, False
    while p < e:
        c = b[p]
        if c == _QUOTE:
            if has_escape:
                more, is_plain = _decoded(b, start, p, bit, kinds, literals)
                marks |= more
                plain &= is_plain
            facts[MARKS] |= marks
            facts[AGENT_MARKS] = marks  # of the last text, which is the agent
            facts[IS_PLAIN] = plain
            return p
        if c < 32 or c > 126 or c == _BACKSLASH:
            return np.int64(-1)
        if c == _PERCENT:
            has_escape = True
        else:
            has_escape |= c == _SPACE and b[p - 1] == _SPACE
            plain &= kinds[c] >> bit
        row = next_row(row, c, literals)
        marks |= marks_at(row, literals)
        p += 1
    return np.int64(-1)


@inlined
def _known_text(b, p, e, bit, kinds, literals, facts, known):  # type: ignore[no-untyped-def]
    """Do what `_text` does; a text that was read before is only compared.

    ``known`` is (texts uint8 (`KNOWN`, `KNOWN_BYTES`), what was said of them int64 (`KNOWN`, 4)).
    """
    texts, said = known
    end = byte_at(b, p, e, _QUOTE)
    length = end - p
    if end >= e or length < 4 or length > KNOWN_BYTES:
        return _text(b, p, e, bit, kinds, literals, facts)
    middle = p + length // 2
    h = np.int64(b[p + 2]) + np.int64(b[end - 3]) * 31 + np.int64(b[middle]) * 131
    h += np.int64(b[middle + 1]) * 521 + np.int64(b[p + length // 4]) * 2053 + length * 8191
    at = ((h ^ (h >> 9)) & (KNOWN // 2 - 1)) + bit * (KNOWN // 2)
    if said[at, _LENGTH] == length:
        if common(texts[at], 0, b, p, length) == length:
            facts[AGENT_MARKS] = said[at, _MARKS]
            facts[MARKS] |= said[at, _MARKS]
            facts[IS_PLAIN] &= said[at, _PLAIN]
            return end
    plain = facts[IS_PLAIN]
    facts[IS_PLAIN] = 1
    q = _text(b, p, e, bit, kinds, literals, facts)
    if q == end:
        said[at, _LENGTH], said[at, _MARKS] = length, facts[AGENT_MARKS]
        said[at, _PLAIN] = facts[IS_PLAIN]
        for k in range(length):
            texts[at, k] = b[p + k]
    facts[IS_PLAIN] &= plain
    return q


@inlined
def _target(b, method, p, e, kinds, literals, facts):  # type: ignore[no-untyped-def]
    """Read a request target at ``p``; return where it ends, -1 when it is odd.

    Literals may begin in the method that stands before it.
    """
    row, marks, plain, h = np.uint64(0), np.int64(0), np.int64(1), np.int64(0x1C9D_C511)
    for k in range(method, p):
        row = next_row(row, b[k], literals)
        marks |= marks_at(row, literals)
    start, path_end, has_escape = p, np.int64(-1), False
    while p < e:
        c = b[np.uint64(p)]
        kind = np.int64(kinds[c])
        if kind & ENDS_TARGET:
            if c == _SPACE or c == _QUESTION:
                if path_end < 0:
                    path_end = p
                    facts[PATH_HASH] = h ^ (h >> 15)
                    # Literals may end where paths do.
                    marks |= marks_at(next_row(row, np.uint8(_SPACE), literals), literals)
                    facts[PATH_MARKS] = marks
                if c == _SPACE:
                    break
            elif c == _PERCENT:
                has_escape, kind = True, np.int64(IN_TARGET)
            elif c == _PLUS:
                has_escape |= b[p - 1] == _PLUS
            else:
                return np.int64(-1)
        plain &= kind
        row = next_row(row, c, literals)
        marks |= marks_at(row, literals)
        h = _step_hash(h, np.int64(c))
        p += 1
    if p >= e or p == start:
        return np.int64(-1)
    if has_escape:
        more, is_plain = _decoded(b, start, p, 0, kinds, literals)
        marks |= more
        plain &= is_plain
    facts[MARKS] = facts[TARGET_MARKS] = marks
    facts[IS_PLAIN] = plain & 1
    facts[TARGET_AT], facts[TARGET_END], facts[PATH_END] = start, p, path_end
    return p


@inlined
def _method(b, p, e, facts):  # type: ignore[no-untyped-def]
    """Read a method and its space; return the place behind, -1 when there is none."""
    q = p
    while q < e and q - p <= _METHOD_MAX and 65 <= b[q] <= 90:
        q += 1
    if q == p or q >= e or b[q] != _SPACE or q - p > _METHOD_MAX:
        return np.int64(-1)
    facts[METHOD] = OTHER_METHOD
    if q - p == 4 and b[p] == 80 and b[p + 1] == 79:
        facts[METHOD] = POST
    elif q - p == 3 and b[p] == 80 and b[p + 1] == 85:
        facts[METHOD] = PUT
    return q + 1


@inlined
def _version(b, p, e):  # type: ignore[no-untyped-def]
    """Read `` HTTP/1.1"`` at ``p``; return the place behind, -1 for anything else."""
    if p + 8 > e or b[p + 1] != 72 or b[p + 2] != 84 or b[p + 3] != 84 or b[p + 4] != 80:
        return np.int64(-1)
    if b[p + 5] != 47 or not 48 <= b[p + 6] <= 57:
        return np.int64(-1)
    q = p + 7
    if q + 1 < e and b[q] == 46 and 48 <= b[q + 1] <= 57:
        q += 2
    return q + 1 if q < e and b[q] == _QUOTE else np.int64(-1)


@inlined
def _answer(b, p, e, facts):  # type: ignore[no-untyped-def]
    """Read `` 200 1234`` at ``p``; return the place behind, -1 for anything else."""
    if p + 6 > e or b[p] != _SPACE or b[p + 4] != _SPACE:
        return np.int64(-1)
    status = np.int64(0)
    for k in range(1, 4):
        c = b[p + k]
        if c < 48 or c > 57:
            return np.int64(-1)
        status = status * 10 + np.int64(c) - 48
    q, size = p + 5, np.int64(0)
    if b[q] == _DASH:
        q += 1
    else:
        start = q
        while q < e and 48 <= b[q] <= 57 and q - start < 16:
            size = size * 10 + np.int64(b[q]) - 48
            q += 1
        if q == start:
            return np.int64(-1)
    facts[STATUS], facts[BYTES] = status, size
    return q if q == e or b[q] == _SPACE else np.int64(-1)


@inlined
def _stamp(b, p, clock, facts):  # type: ignore[no-untyped-def]
    """Read the stamp at ``p``; return whether it is one. Often it is that of the line before."""
    last = facts[STAMP_AT]
    if last >= 0 and is_same(b, p, b, last, _STAMP_BYTES):
        return True
    is_stamp, ts_ns = access_stamp(b, p, p + _STAMP_BYTES, clock)
    facts[STAMP_AT], facts[TS_NS] = p if is_stamp else -1, ts_ns
    return is_stamp


@inlined
def before_request(b, p, e, clock, row, facts, groups):  # type: ignore[no-untyped-def]
    """Read what stands before the request; return where it begins, -1 for anything else.

    Only ``src_hi`` and ``src_lo`` of ``row`` are filled. Who goes over to another buffer sets
    ``facts[STAMP_AT]`` to -1 first.
    """
    q = byte_at(b, p, min(e, p + _ADDRESS_MAX), _SPACE)
    if q + 4 > e or b[q] != _SPACE or b[q + 1] != _DASH or b[q + 2] != _SPACE:
        return np.int64(-1)
    is_address, hi, lo = address(b, p, q, groups)
    if not is_address:
        return np.int64(-1)
    user = q + 3
    end = _word_end(b, user, e)
    if end < 0 or end + 30 > e or b[end + 1] != 91 or b[end + 28] != 93 or b[end + 29] != _SPACE:
        return np.int64(-1)
    if not _stamp(b, end + 2, clock, facts):
        return np.int64(-1)
    is_nobody = end - user == 1 and b[user] == _DASH
    facts[USER_AT], facts[USER_END] = user, user if is_nobody else end
    row["src_hi"], row["src_lo"] = hi, lo
    return end + 30


@inlined
def text_end(b, p, e):  # type: ignore[no-untyped-def]
    """Return where the text of the line [p, e) ends: before its carriage returns."""
    while e > p and b[e - 1] == 13:
        e -= 1
    return e


@inlined
def request(b, q, e, kinds, literals, facts, known):  # type: ignore[no-untyped-def]
    """Fill ``facts`` from a line's request on, at ``q``; return whether it is of the plain form.

    ``kinds`` uint8 (256) tells what may stand in texts without being looked at, ``literals`` are
    (step, column, stride) of `tocsin.kernels.literals`. What stands before is `before_request`'s.
    """
    if q >= e or b[q] != _QUOTE:
        return False
    method = q + 1
    q = _method(b, method, e, facts)
    if q < 0:
        return False
    q = _target(b, method, q, e, kinds, literals, facts)
    if q < 0:
        return False
    q = _version(b, q, e)
    if q < 0:
        return False
    q = _answer(b, q, e, facts)
    if q < 0:
        return False
    facts[REFERRER_AT], facts[REFERRER_END], facts[AGENT_AT], facts[AGENT_END] = q, q, q, q
    facts[AGENT_MARKS] = 0
    if q + 1 < e and b[q + 1] == _QUOTE:
        facts[REFERRER_AT] = q + 2
        q = _known_text(b, q + 2, e, 0, kinds, literals, facts, known)
        if q < 0:
            return False
        facts[REFERRER_END] = q
        if q + 2 >= e or b[q + 1] != _SPACE or b[q + 2] != _QUOTE:
            return False
        facts[AGENT_AT] = q + 3
        q = _known_text(b, q + 3, e, 1, kinds, literals, facts, known)
        if q < 0:
            return False
        facts[AGENT_END] = q
        q += 1
        if q < e and b[q] != _SPACE:
            return False
    for k in range(q, e):  # what a site adds, as long as it quotes nothing
        if b[k] == _QUOTE or b[k] < 32:
            return False
    return True
