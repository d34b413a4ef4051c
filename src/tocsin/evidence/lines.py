"""Raw log lines of an incident: the bytes as they were read, and where each was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from tocsin.core.times import NS_PER_US
from tocsin.evidence.keeping import NO_TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_ROWS = 8192


def write_lines(stream: BinaryIO, *, data: Sequence[bytes]) -> None:
    """Write the lines' bytes exactly as they were read, one after the other."""
    stream.writelines(data)


def write_lines_index(stream: BinaryIO, *, path: str, rows: NDArray[np.void]) -> None:
    """Write one JSON object per line: path, offset and length in the source, time or null."""
    head = f'{{"path": {json.dumps(path)}, "offset": '
    for first in range(0, len(rows), _ROWS):  # all at once would take as much as the lines do
        some = rows[first : first + _ROWS]
        columns = some["offset"].tolist(), some["caplen"].tolist(), _times(some["ts_ns"])
        texts = [
            f'{head}{offset}, "length": {length}, "time": {time}}}\n'
            for offset, length, time in zip(*columns, strict=True)
        ]
        stream.write("".join(texts).encode())


def _times(times_ns: NDArray[np.int64]) -> list[str]:
    """Return each time as JSON, written as `rfc3339` does."""
    has_ns = times_ns % NS_PER_US != 0
    texts = np.datetime_as_string((times_ns // NS_PER_US).view("datetime64[us]")).tolist()
    if has_ns.any():
        exact = np.datetime_as_string(times_ns.view("datetime64[ns]")).tolist()
        texts = [
            fine if is_fine else text
            for fine, text, is_fine in zip(exact, texts, has_ns.tolist(), strict=True)
        ]
    known = (times_ns != NO_TIME).tolist()
    return [f'"{text}Z"' if one else "null" for text, one in zip(texts, known, strict=True)]
