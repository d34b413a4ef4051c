"""What a lane counts of scanned records: kinds of trouble, and the first and last stamp."""

from __future__ import annotations

import numpy as np

from tocsin.kernels.lean import kernel
from tocsin.kernels.scanner import FINE, NO_TEMPLATE, WEIRD

# Slots of the counts, int64; from WEIRD_AT on one for each of `scanner.WEIRD`, FINE first.
UNTEMPLATED, HAS_TIMES, FIRST_NS, LAST_NS, WEIRD_AT = range(5)
COUNTS_SIZE = WEIRD_AT + len(WEIRD)


@kernel
def count(rows, n, counts):  # type: ignore[no-untyped-def]
    """Add scanned records ``rows[:n]`` (dtype `scanner.LOG_ROW`) to ``counts``."""
    for i in range(n):
        row = rows[i]
        counts[WEIRD_AT + row["weird"]] += 1
        if row["weird"] == FINE and row["template"] == NO_TEMPLATE:
            counts[UNTEMPLATED] += 1
        if row["has_stamp"] == 0:
            continue
        ts_ns = row["ts_ns"]
        if counts[HAS_TIMES] == 0:
            counts[HAS_TIMES] = 1
            counts[FIRST_NS] = ts_ns
            counts[LAST_NS] = ts_ns
        counts[FIRST_NS] = min(counts[FIRST_NS], ts_ns)
        counts[LAST_NS] = max(counts[LAST_NS], ts_ns)


def fresh_counts() -> np.ndarray:
    """Return counts of nothing."""
    return np.zeros(COUNTS_SIZE, dtype=np.int64)
