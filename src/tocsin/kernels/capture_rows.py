"""The index of a capture as a table: stretches of records, their times, their addresses."""

from __future__ import annotations

import numpy as np

from tocsin.kernels.address_filter import WORDS, mark
from tocsin.kernels.lean import kernel

CAPTURE_ROW = np.dtype(
    [
        ("first_offset", "i8"), ("end_offset", "i8"), ("first_ns", "i8"), ("last_ns", "i8"),
        ("records", "i8"), ("framing", "i8"),  # which walk state it begins with
        ("addresses", "u8", (WORDS,)),
    ]
)  # fmt: skip
_ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_NOTHING = np.uint64(0)


@kernel
def note_rows(packets, decoded, first, n, end_offset, span, table, total, begins, goes_on,
              is_decoded):  # type: ignore[no-untyped-def]  # fmt: skip
    """Add ``packets[first:n]`` (dtype `framing.PACKET`), in file order, to ``table[:total]``.

    A row ends before the first record that begins ``span`` bytes or more after it. The batch's
    first packet begins its row with state ``begins``, the others with ``goes_on``; where they
    differ the row begins at the capture's header. ``decoded`` are the same packets' rows
    (dtype `decode.DECODED`), unless ``is_decoded`` is 0: then any address may be there.
    Returns (packets taken, rows then); fewer are taken when the table is full.
    """
    i = first
    while i < n:
        offset = packets[i]["offset"]
        is_header = i == 0 and begins != goes_on
        if is_header:
            offset = np.int64(0)
        if total == 0 or offset >= table[total - 1]["first_offset"] + span:
            if total == len(table):
                return i, total
            row = table[total]
            row["first_offset"] = offset
            row["first_ns"] = packets[i]["ts_ns"]
            row["last_ns"] = packets[i]["ts_ns"]
            row["records"] = 0
            row["framing"] = begins if i == 0 else goes_on
            row["addresses"][:] = _NOTHING if is_decoded else _ALL
            total += 1
        row = table[total - 1]
        limit, begun = row["first_offset"] + span, i
        low, high = row["first_ns"], row["last_ns"]
        words = row["addresses"]
        while i < n and (i == begun or packets[i]["offset"] < limit):
            low = min(low, packets[i]["ts_ns"])
            high = max(high, packets[i]["ts_ns"])
            if is_decoded:
                mark(words, decoded[i]["src_hi"], decoded[i]["src_lo"])
                mark(words, decoded[i]["dst_hi"], decoded[i]["dst_lo"])
            i += 1
        row["first_ns"], row["last_ns"] = low, high
        row["records"] += i - begun
        row["end_offset"] = packets[i]["offset"] if i < n else end_offset
    return n, total


def halved(table: np.ndarray) -> np.ndarray:
    """Return a table of half the rows, each the union of two neighbours."""
    even, odd = table[0 : len(table) - 1 : 2], table[1::2]
    joined = even.copy()
    joined["end_offset"] = odd["end_offset"]
    joined["first_ns"] = np.minimum(even["first_ns"], odd["first_ns"])
    joined["last_ns"] = np.maximum(even["last_ns"], odd["last_ns"])
    joined["records"] += odd["records"]
    joined["addresses"] |= odd["addresses"]
    return joined
