"""Raw log lines of an incident: the bytes as they were read, and where each was.

`match_text` finds lines by the text of an address or a user name as a whole word. It needs
no knowledge of the format, so it may keep a line too many (one that merely mentions the
address), never one too few. The driver may hand in a matcher that knows the format.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from tocsin.core.times import rfc3339
from tocsin.evidence.keeping import NO_TIME, RECORD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tocsin.core.detection import Selector
    from tocsin.evidence.reading import IndexRow

_WORDS_MAX = 5_000
_INSIDE = rb"[0-9A-Za-z_]"


def match_text(
    data: bytes, *, base: int, row: IndexRow, selectors: Sequence[Selector]
) -> tuple[NDArray[np.void], list[bytes]]:
    """Return the lines that hold an address or a user of a selector as a whole word.

    ``base`` is the offset of ``data`` in the source. A selector that names neither takes
    every line of the block. Times are not known here (``NO_TIME``).
    """
    del row
    words = sorted({w for s in selectors for w in (*s.near, *s.users) if "*" not in w})[:_WORDS_MAX]
    if any(not s.near and not s.users for s in selectors):
        words = []
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n")) + 1
    if len(ends) == 0 or ends[-1] != len(data):
        ends = np.append(ends, len(data))
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    if words:
        escaped = b"|".join(re.escape(word.encode("utf-8", "surrogateescape")) for word in words)
        pattern = re.compile(
            b"(?<!%b)(?<![0-9]\\.)(?:%b)(?!%b)(?!\\.[0-9])" % (_INSIDE, escaped, _INSIDE)
        )
        hits = np.array([found.start() for found in pattern.finditer(data)], dtype=np.int64)
        chosen = np.unique(np.searchsorted(ends, hits, side="right"))
    else:
        chosen = np.flatnonzero(ends > starts)
    rows = np.zeros(len(chosen), dtype=RECORD)
    rows["offset"] = starts[chosen] + base
    rows["caplen"] = ends[chosen] - starts[chosen]
    rows["ts_ns"] = NO_TIME
    return rows, [data[starts[i] : ends[i]] for i in chosen]


def write_lines(stream: BinaryIO, *, data: Sequence[bytes]) -> None:
    """Write the lines' bytes exactly as they were read, one after the other."""
    stream.writelines(data)


def write_lines_index(stream: BinaryIO, *, path: str, rows: NDArray[np.void]) -> None:
    """Write one JSON object per line: path, offset and length in the source, time or null."""
    for row in rows.tolist():
        time_ns = None if row[1] == NO_TIME else row[1]
        entry = {"path": path, "offset": row[0], "length": row[2], "time": rfc3339(time_ns)}
        stream.write(json.dumps(entry).encode() + b"\n")
