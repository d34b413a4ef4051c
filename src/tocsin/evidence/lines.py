"""Raw log lines of an incident: the bytes as they were read, and where each was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO

from tocsin.core.times import rfc3339
from tocsin.evidence.keeping import NO_TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


def write_lines(stream: BinaryIO, *, data: Sequence[bytes]) -> None:
    """Write the lines' bytes exactly as they were read, one after the other."""
    stream.writelines(data)


def write_lines_index(stream: BinaryIO, *, path: str, rows: NDArray[np.void]) -> None:
    """Write one JSON object per line: path, offset and length in the source, time or null."""
    head = f'{{"path": {json.dumps(path)}, "offset": '
    for offset, ts_ns, length in rows[["offset", "ts_ns", "caplen"]].tolist():
        time = "null" if ts_ns == NO_TIME else f'"{rfc3339(ts_ns)}"'
        stream.write(f'{head}{offset}, "length": {length}, "time": {time}}}\n'.encode())
