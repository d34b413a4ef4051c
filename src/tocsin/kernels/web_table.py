"""What is known of one client of a web server: its row, the bounds, what literals stand for."""

from __future__ import annotations

import numpy as np

# What a literal stands for.
ATTACK, PROBED, SCANNER, LOGIN, WORDPRESS = 1, 2, 4, 8, 16
ATTACK_TARGET, GUESSED, UNLINKED, STATIC, ATTACK_AGENT = 64, 128, 256, 512, 1024
# Two that mean something together only: of SQL, and of files in a home.
SQL, SQL_OTHER, FILE, FILE_OTHER = 2048, 4096, 8192, 16384
PAIRS = SQL | FILE  # the other of a pair is the next bit
FOR_JUDGES = ATTACK | ATTACK_TARGET | ATTACK_AGENT | SQL | SQL_OTHER | FILE | FILE_OTHER
# Of rules by the answers that they may be about: so many bits from here on.
RULE_BITS, RULE_MARKS = 15, 15
RULE = 1 << RULE_BITS
METHODS, STATUSES = 3, 1000
# Why a record is passed on.
SUSPECT, OF_RULE, FLOOD, SCAN = 1, 2, 4, 8
# Bounds, int64.
(PANE_NS, POINTS_MIN, FAILED_PERCENT, GAP_NS, FLOOD_MIN, CROWD_MIN, KEY, CRAWL_MIN, LEAK_NS,
 REFUSED_MIN, BOUNDS) = range(11)  # fmt: skip
# Rows of roles: a refused log-in, one that was let in, nothing.
REFUSED_ROW, SUCCESS_ROW, NOTHING_ROW = range(3)
CLIENTS_MAX = 32_768  # sets of sixteen
NAMED_POINTS, NAMED_FIRST, PROBED_POINTS, GUESSED_POINTS, LINKED_EVERY = 10, 2, 6, 3, 4
SEEN_WORDS = 8
CLIENT = np.dtype(
    [
        ("src_hi", "u8"), ("src_lo", "u8"), ("first_ns", "i8"), ("last_ns", "i8"),
        ("first_offset", "i8"), ("pane", "i8"), ("second", "i8"), ("bytes", "i8"),
        ("crawl_ns", "i8"), ("seen", "u8", (SEEN_WORDS,)), ("crawl_seen", "u8", (SEEN_WORDS,)),
        ("second_paths", "u8"),
        ("points", "i4"), ("points_before", "i4"), ("requests", "i4"), ("answered", "i4"),
        ("failed", "i4"), ("paths", "i4"), ("linked", "i4"), ("named", "i4"),
        ("due", "i4"), ("requests_due", "i4"), ("in_second", "i4"), ("second_distinct", "i4"),
        ("crawl", "i4"), ("crawled", "i4"), ("crawled_due", "i4"),
        ("refused", "i4"), ("refused_before", "i4"), ("refused_due", "i4"), ("unused", "i4"),
    ]
)  # fmt: skip
TALLY = np.dtype([("row", "i8"), ("at_ns", "i8"), ("client", CLIENT)])
