"""Later fragments: whose conversation they belong to, by the ports of their first one.

A table remembers first fragments by addresses, identification and (IPv4) protocol: RFC 791,
RFC 8200 section 4.5. Bound: `FRAGMENTS_MAX` datagrams for `AGE_MAX_NS`; a set that is full
gives up its oldest. A later fragment whose first is not known (it came before it, was lost,
or has given way) stays a packet between its addresses with port 0, and is odd, as is one that
overlaps what came before (RFC 5722; Ptacek and Newsham 1998).
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels import weird as w
from tocsin.kernels.compiled import part
from tocsin.kernels.headers import IPV4
from tocsin.kernels.lean import kernel
from tocsin.kernels.table import hash_of

FRAGMENT = np.dtype(
    [
        ("src_hi", "u8"), ("src_lo", "u8"), ("dst_hi", "u8"), ("dst_lo", "u8"),
        ("name", "u8"),  # identification and protocol, 0: free
        ("last_ns", "i8"),
        ("end", "i4"),  # bytes of the datagram that are there without a hole
        ("src_port", "u2"), ("dst_port", "u2"), ("proto", "u1"),
    ]
)  # fmt: skip
FRAGMENTS_MAX, _WAYS = 4096, 4
AGE_MAX_NS = 60_000_000_000
_TAKEN = np.uint64(1 << 48)
_MORE, _PLACE = 0x2000, 0x1FFF


def fresh_fragments() -> np.ndarray:
    """Return a table that knows no fragment."""
    return np.zeros(FRAGMENTS_MAX, dtype=FRAGMENT)


@part
def _attribute(row, table, key):  # type: ignore[no-untyped-def]
    proto = np.uint64(row["proto"]) if row["ethertype"] == IPV4 else np.uint64(0)
    name = _TAKEN | (proto << np.uint64(32)) | np.uint64(row["fragment_id"])
    h = hash_of(row["src_hi"], row["src_lo"], row["dst_hi"], row["dst_lo"], name, key)
    first = np.int64(h & np.uint64(FRAGMENTS_MAX // _WAYS - 1)) * _WAYS
    found, oldest = -1, first
    for i in range(first, first + _WAYS):
        known = table[i]
        if known["last_ns"] < table[oldest]["last_ns"]:
            oldest = i
        if (
            known["name"] == name
            and known["src_lo"] == row["src_lo"] and known["src_hi"] == row["src_hi"]
            and known["dst_lo"] == row["dst_lo"] and known["dst_hi"] == row["dst_hi"]
            and abs(row["ts_ns"] - known["last_ns"]) <= AGE_MAX_NS
        ):  # fmt: skip
            found = i
    place = (np.int64(row["fragment_at"]) & _PLACE) * 8
    if place > 0:
        if found < 0:
            row["odd"] |= w.ORPHAN
            return
        known = table[found]
        if place < known["end"]:
            row["odd"] |= w.OVERLAP
        if place <= known["end"]:
            known["end"] = max(known["end"], place + row["fragment_bytes"])
        known["last_ns"] = row["ts_ns"]
        row["src_port"], row["dst_port"] = known["src_port"], known["dst_port"]
        row["proto"] = known["proto"]
        return
    if row["fragment_at"] & _MORE == 0:  # alone: an atomic fragment (RFC 6946)
        return
    if found >= 0:
        row["odd"] |= w.OVERLAP
    known = table[oldest if found < 0 else found]
    known["src_hi"], known["src_lo"] = row["src_hi"], row["src_lo"]
    known["dst_hi"], known["dst_lo"] = row["dst_hi"], row["dst_lo"]
    known["name"] = name
    known["last_ns"] = row["ts_ns"]
    known["end"] = row["fragment_bytes"]
    known["src_port"], known["dst_port"] = row["src_port"], row["dst_port"]
    known["proto"] = row["proto"]


@kernel
def attribute(rows, n, table, key, odd):  # type: ignore[no-untyped-def]
    """Give later fragments among ``rows[:n]`` (dtype `decode.DECODED`) their flow's ports.

    ``table`` comes from `fresh_fragments`; ``odd`` int64, one per `weird.ODD`, counts the
    packets with each peculiarity.
    """
    for i in range(n):
        row = rows[i]
        if row["weird"] != 0:
            continue
        if row["is_fragment"]:
            _attribute(row, table, key)
        bits = row["odd"]
        if bits:
            for bit in range(len(odd)):
                odd[bit] += (bits >> bit) & 1
