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
    for row in rows.tolist():
        time_ns = None if row[1] == NO_TIME else row[1]
        entry = {"path": path, "offset": row[0], "length": row[2], "time": rfc3339(time_ns)}
        stream.write(json.dumps(entry).encode() + b"\n")
