"""The newest stamp of a log whose year the user gave: months after it are of the year before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.errors import InputError
from tocsin.core.times import NS_PER_S
from tocsin.kernels.log_scan import Stamps, scan_columns
from tocsin.parse.known import log_tables

if TYPE_CHECKING:
    from tocsin.collect.source import Source

_TAIL_BYTES = 1 << 16
_LEAP_YEAR = 2000  # knows the 29th of February


def newest_stamp(source: Source) -> tuple[int, int] | None:
    """Return (month, day) of the last stamp in a log, as it is written; None without one.

    A compressed log is read through once for that.
    """
    tail = _tail(source)
    _, _, whole = tail.partition(b"\n") if len(tail) == _TAIL_BYTES else (b"", b"", tail)
    rows = scan_columns(whole, tables=log_tables(), stamps=Stamps(year=_LEAP_YEAR))
    stamped = np.flatnonzero(rows["has_stamp"] == 1)
    if len(stamped) == 0:
        return None
    last = datetime.fromtimestamp(int(rows["ts_ns"][stamped[-1]]) // NS_PER_S, UTC)
    return last.month, last.day


def _tail(source: Source) -> bytes:
    if source.is_as_stored and not source.is_stream:
        start = max(source.size_bytes - _TAIL_BYTES, 0)
        return source.read_range(start, _TAIL_BYTES)
    tail = b""
    try:
        for block in source.blocks():
            tail = (tail + bytes(block.data[-_TAIL_BYTES:]))[-_TAIL_BYTES:]
    except InputError:
        pass  # told when it is read in earnest
    return tail
