"""What each client asks web servers for, counted from access lines: scans and floods.

A bounded table holds one row per client (`tocsin.kernels.table`). Points of a scan are those of
`tocsin.detect.web_scan`, in two panes of half a window each; different paths are counted in a
bitmap of 512 (so a few are missed) that begins anew when it is nearly full. A record is passed on
only where a detector has to see it: it may hold an attack, a rule may be about it, its client
crossed the bound of a scan, or asks at a flood's rate.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.kernels.access_lines import (
    AGENT_AT,
    AGENT_END,
    AGENT_MARKS,
    BYTES,
    FACTS,
    IS_PLAIN,
    KNOWN,
    KNOWN_BYTES,
    MARKS,
    METHOD,
    PATH_END,
    PATH_HASH,
    PATH_MARKS,
    POST,
    PUT,
    REFERRER_AT,
    REFERRER_END,
    SAID,
    STAMP_AT,
    STATUS,
    TARGET_AT,
    TARGET_END,
    TARGET_MARKS,
    TS_NS,
    USER_AT,
    USER_END,
    before_request,
    request,
    text_end,
)  # fmt: skip
from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined, kernel
from tocsin.kernels.scanner import FINE, NO_FAMILY, NO_HEADER
from tocsin.kernels.table import fetch_address, row_of_address
from tocsin.kernels.web_pace import (
    CROWD,
    FLOODED_PER_SECOND_MAX,
    PATHS_FULL,
    is_crawl,
    is_flood,
    is_refused,
)
from tocsin.kernels.web_table import (
    ATTACK,
    ATTACK_AGENT,
    ATTACK_TARGET,
    CLIENT,
    CLIENTS_MAX,
    CRAWL_MIN,
    FAILED_PERCENT,
    FLOOD,
    GAP_NS,
    GUESSED,
    GUESSED_POINTS,
    KEY,
    LINKED_EVERY,
    LOGIN,
    NAMED_FIRST,
    NAMED_POINTS,
    NOTHING_ROW,
    OF_RULE,
    PAIRS,
    PANE_NS,
    POINTS_MIN,
    PROBED,
    PROBED_POINTS,
    REFUSED_MIN,
    REFUSED_ROW,
    RULE_BITS,
    SCAN,
    SCANNER,
    SEEN_WORDS,
    STATIC,
    SUCCESS_ROW,
    SUSPECT,
    TALLY,
    UNLINKED,
    WORDPRESS,
)

__all__ = [
    "ATTACK", "ATTACK_TARGET", "CLIENT", "FLOOD", "FLOODED_PER_SECOND_MAX", "GUESSED", "LOGIN",
    "NOT_PLAIN", "OF_RULE", "PROBED", "SCAN", "SCANNER", "STATIC", "SUSPECT", "TALLY",
    "UNLINKED", "WORDPRESS", "fresh_crowd", "fresh_scratch", "fresh_table", "read_access",
]  # fmt: skip

NOT_PLAIN = 255
_CLIENT_LINES = 5


@part
def _client(table, row, h, ts_ns, blank, bounds):  # type: ignore[no-untyped-def]
    """Return the place of a client's row, begun anew after a gap, with its clock set."""
    tags, clients = table
    at, is_known = row_of_address(tags, clients, row["src_hi"], row["src_lo"], h)
    one = clients[at]
    if not is_known or ts_ns - one["last_ns"] > bounds[GAP_NS]:
        clients[at] = blank[0]
        one["src_hi"], one["src_lo"] = row["src_hi"], row["src_lo"]
        one["first_ns"] = one["last_ns"] = ts_ns
        one["first_offset"], one["due"] = row["offset"], bounds[POINTS_MIN]
        one["crawled_due"], one["refused_due"] = bounds[CRAWL_MIN], bounds[REFUSED_MIN]
    now_ns = max(ts_ns, one["last_ns"])
    one["last_ns"] = now_ns
    pane = one["pane"]
    if not 0 <= now_ns - pane * bounds[PANE_NS] < bounds[PANE_NS]:
        pane = now_ns // bounds[PANE_NS]
    if pane != one["pane"]:
        one["points_before"] = one["points"] if pane == one["pane"] + 1 else 0
        one["refused_before"] = one["refused"] if pane == one["pane"] + 1 else 0
        one["points"], one["refused"], one["pane"] = 0, 0, pane
    return at


@inlined
def _has_failed(status):  # type: ignore[no-untyped-def]
    return (
        status == 404 or status == 403 or status == 400 or status == 401 or status == 405
        or status == 406 or status == 410 or status == 414 or status == 501
    )  # fmt: skip


@inlined
def _is_new_path(one, h):  # type: ignore[no-untyped-def]
    bit = np.uint64(1) << np.uint64(h & 63)
    word = (h >> 6) % SEEN_WORDS
    if one["seen"][word] & bit != 0:
        return False
    one["seen"][word] |= bit
    one["paths"] += 1
    if one["paths"] % PATHS_FULL == 0:
        for k in range(SEEN_WORDS):
            one["seen"][k] = np.uint64(0)
    return True


@inlined
def _points(one, facts):  # type: ignore[no-untyped-def]
    """Return what a request adds to the points of its client's scan."""
    points = 0
    if facts[AGENT_MARKS] & SCANNER:
        one["named"] += 1
        points = NAMED_POINTS if one["named"] <= NAMED_FIRST else 1
    one["answered"] += 1
    # A question for credentials is no failure, but on paths that nobody has a reason to ask for.
    is_question = facts[STATUS] == 401 and facts[PATH_MARKS] & (PROBED | GUESSED) == 0
    if _has_failed(facts[STATUS]) and not is_question:
        one["failed"] += 1
        if _is_new_path(one, facts[PATH_HASH]):
            is_linked = facts[REFERRER_END] - facts[REFERRER_AT] > 1
            if is_linked and facts[PATH_MARKS] & UNLINKED == 0:
                one["linked"] += 1
                points += 1 if one["linked"] % LINKED_EVERY == 0 else 0
            else:
                marks = facts[PATH_MARKS]
                points += (
                    PROBED_POINTS if marks & PROBED else (GUESSED_POINTS if marks & GUESSED else 1)
                )
    return points


@inlined
def _is_scan(one, points, bounds):  # type: ignore[no-untyped-def]
    """Tell whether a client's scan is to be reported now: at the bound and at each doubling."""
    one["points"] += points
    score = one["points"] + one["points_before"]
    is_due = score >= one["due"] or (
        one["requests_due"] > 0 and one["requests"] >= one["requests_due"]
    )
    if points == 0 or not is_due or score < bounds[POINTS_MIN]:
        return False
    if one["named"] == 0 and one["failed"] * 100 < bounds[FAILED_PERCENT] * one["answered"]:
        return False
    one["due"], one["requests_due"] = 2 * score, 2 * one["requests"]
    return True


@inlined
def _needs_judge(facts):  # type: ignore[no-untyped-def]
    marks = facts[MARKS]
    return (
        facts[IS_PLAIN] == 0
        or marks & ATTACK != 0
        or facts[TARGET_MARKS] & ATTACK_TARGET != 0
        or facts[AGENT_MARKS] & ATTACK_AGENT != 0
        or marks & (marks >> 1) & PAIRS != 0
        or facts[METHOD] == PUT
    )


@inlined
def _of_rule(facts, asked_for):  # type: ignore[no-untyped-def]
    """Return `OF_RULE` where a rule may be about a line, by its texts and its answer, else 0."""
    rules, always = asked_for
    method, status = facts[METHOD], facts[STATUS]
    asked = (facts[MARKS] >> RULE_BITS) & np.int64(rules[method, status])
    return OF_RULE if asked != 0 or always[method, status] != 0 else 0


@inlined
def _is_own_page(b, facts):  # type: ignore[no-untyped-def]
    """Tell whether a form was sent by the page that it is sent to."""
    length = facts[PATH_END] - facts[TARGET_AT]
    p = facts[REFERRER_END] - length
    if p <= facts[REFERRER_AT] or length < 2:
        return False
    for k in range(length):
        if b[p + k] != b[facts[TARGET_AT] + k]:
            return False
    return True


@inlined
def _meaning(b, facts):  # type: ignore[no-untyped-def]
    """Return what a request says of a log-in: refused, let in, or nothing.

    WordPress answers a wrong password with its form (200) and a right one with 302; so does
    any form that posts to its own page. That a named user is served says nothing new:
    programs send credentials with each request.
    """
    status, marks = facts[STATUS], facts[PATH_MARKS]
    has_user = facts[USER_END] > facts[USER_AT]
    is_post = facts[METHOD] == POST
    if is_post and marks & WORDPRESS and (status == 200 or status == 302):
        return REFUSED_ROW if status == 200 else SUCCESS_ROW
    if has_user and status == 401:
        return REFUSED_ROW
    if is_post and marks & LOGIN:
        if status == 401 or status == 403 or status == 429:
            return REFUSED_ROW
        if status == 200 and _is_own_page(b, facts):
            return REFUSED_ROW
    return NOTHING_ROW


@inlined
def _take(b, row, facts, templates):  # type: ignore[no-untyped-def]
    """Carry what a line says into its row: target, referrer and agent as its three texts.

    Returns what it means as a log-in.
    """
    meaning = _meaning(b, facts)
    row["ts_ns"], row["has_stamp"], row["has_source"] = facts[TS_NS], 1, 1
    row["weird"] = FINE
    row["status"], row["bytes"] = facts[STATUS], facts[BYTES]
    row["template"] = templates[meaning]
    row["user_at"], row["user_length"] = facts[USER_AT], facts[USER_END] - facts[USER_AT]
    row["extra_0_at"] = facts[TARGET_AT]
    row["extra_0_length"] = facts[TARGET_END] - facts[TARGET_AT]
    row["extra_1_at"] = facts[REFERRER_AT]
    row["extra_1_length"] = facts[REFERRER_END] - facts[REFERRER_AT]
    row["extra_2_at"] = facts[AGENT_AT]
    row["extra_2_length"] = facts[AGENT_END] - facts[AGENT_AT]
    return meaning


@kernel
def read_access(  # type: ignore[no-untyped-def]
    b,
    rows,
    n,
    begin,
    clock,
    templates,
    texts,
    table,
    crowd,
    bounds,
    told,
    tallies,
    scratch,
):
    """Read the access lines among ``rows[begin:n]`` that the scanner left; fills them in place.

    ``told`` uint8 (n) says why a record is passed on, 0 where it is not, `NOT_PLAIN` where the line
    is not of the plain form. Returns (place of the next row, tallies filled): it stops early when
    ``tallies`` (dtype `TALLY`) is full. ``templates`` are the rows of roles, ``texts`` is what
    `tocsin.kernels.access_scan.AccessTexts` holds.
    """
    facts, groups, blank, known = scratch
    kinds, literals, asked_for = texts
    tags, clients = table
    key = np.uint64(bounds[KEY])
    filled, facts[STAMP_AT] = 0, -1
    for i in range(begin, n):
        row = rows[i]
        told[i] = NOT_PLAIN
        if row["weird"] != NO_HEADER or row["family"] != NO_FAMILY or row["program_length"] != 0:
            continue
        p = row["at"]
        e = text_end(b, p, p + row["length"])
        q = before_request(b, p, e, clock, row, facts, groups)
        if q < 0:
            row["src_hi"] = row["src_lo"] = np.uint64(0)
            continue
        h = fetch_address(tags, clients, row["src_hi"], row["src_lo"], key, _CLIENT_LINES)
        if not request(b, q, e, kinds, literals, facts, known):
            row["src_hi"] = row["src_lo"] = np.uint64(0)
            continue
        if filled >= len(tallies):
            return i, filled
        meaning = _take(b, row, facts, templates)
        one = clients[_client(table, row, h, facts[TS_NS], blank, bounds)]
        one["requests"] += 1
        one["bytes"] += facts[BYTES]
        why = (SUSPECT if _needs_judge(facts) else 0) | _of_rule(facts, asked_for)
        is_due = _is_scan(one, _points(one, facts), bounds)
        if is_crawl(one, facts, bounds) or is_refused(one, facts, meaning, bounds) or is_due:
            tallies[filled]["row"], tallies[filled]["at_ns"] = i, facts[TS_NS]
            tallies[filled]["client"] = one
            filled += 1
            why |= SCAN
        if is_flood(one, crowd, facts, bounds):
            why |= FLOOD
        told[i] = why
    return n, filled


def fresh_scratch() -> tuple[Any, ...]:
    """Return the kernel's scratch: facts of a line, groups of IPv6, a blank row, texts."""
    return (
        np.zeros(FACTS, dtype=np.int64),
        np.zeros(8, dtype=np.int64),
        np.zeros(1, dtype=CLIENT),
        (
            np.zeros((KNOWN, KNOWN_BYTES), dtype=np.uint8),
            np.zeros((KNOWN, SAID), dtype=np.int64),
        ),
    )


def fresh_table() -> tuple[np.ndarray, np.ndarray]:
    """Return the table of clients: tags and rows (`tocsin.kernels.table`)."""
    return np.zeros(CLIENTS_MAX, dtype=np.uint32), np.zeros(CLIENTS_MAX, dtype=CLIENT)


def fresh_crowd() -> np.ndarray:
    """Return the second under way of all clients together."""
    return np.zeros(CROWD, dtype=np.int64)
