"""Raw log lines of an incident: the bytes as they were read, and where each was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from tocsin.core.times import rfc3339
from tocsin.evidence.keeping import NO_TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def write_lines(stream: BinaryIO, *, data: Sequence[bytes]) -> None:
    """Write the lines' bytes exactly as they were read, one after the other."""
    stream.writelines(data)


def write_lines_index(stream: BinaryIO, *, path: str, rows: NDArray[np.void]) -> None:
    """Write one JSON object per line: path, offset and length in the source, time or null."""
    head = f'{{"path": {json.dumps(path)}, "offset": '
    columns = rows["offset"].tolist(), rows["caplen"].tolist(), _times(rows["ts_ns"])
    stream.writelines(
        f'{head}{offset}, "length": {length}, "time": {time}}}\n'.encode()
        for offset, length, time in zip(*columns, strict=True)
    )


def _times(times_ns: NDArray[np.int64]) -> list[str]:
    """Return each time as JSON; lines of one second are many, so each time is written once."""
    distinct, place = np.unique(times_ns, return_inverse=True)
    texts = ["null" if ns == NO_TIME else f'"{rfc3339(ns)}"' for ns in distinct.tolist()]
    return [texts[i] for i in place.tolist()]
