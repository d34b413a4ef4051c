"""The scanner with all that it needs in one hand: for lanes, for evidence, for `tocsin parse`.

It stands beside the kernels because the lane (`tocsin.features`), evidence and parse share
it, and none of these may import another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tocsin.kernels import scanner
from tocsin.kernels.local_time import fresh_clock, set_year, zone_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

RECORD_BYTES_MAX = 1 << 16
BATCH_ROWS = 8192
_LINE_FEED = ord("\n")


@dataclass(frozen=True, slots=True)
class LogTables:
    """Compiled templates: what the kernels walk, and the name of each template's action.

    ``tables`` is (operations int32 (T, n, 4), literals uint8 (`vectors.WIDTH` zeros at the end), facts int32 (T, 6), order
    int32 (n, 5), buckets int32 (families, 256, 2)); ``programs`` is (names uint8 (n, 25), family
    int32 (n), first int32 (258): where the names of each first byte begin); ``roles`` int32 (T, 3) is role, service, whether the name is unknown to the
    host; rows of ``roles`` beyond the templates stand for what is read outside kernels.
    ``is_told`` says of each template whether detectors want to hear of it, ``is_sparse`` of each family whether its messages are read there; ``services`` are
    the names behind service codes. `tocsin.parse.compile` makes them.
    """

    tables: tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32],
                  NDArray[np.int32]]  # fmt: skip
    programs: tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]]
    roles: NDArray[np.int32]
    actions: tuple[str, ...]
    is_told: NDArray[np.bool_]
    is_sparse: NDArray[np.bool_]
    services: tuple[str, ...]

    @property
    def web_rows(self) -> tuple[int, int, int]:
        """The rows of ``roles`` for access lines: a refused log-in, one let in, nothing."""
        first = len(self.is_told) + 3 * self.services.index("http")
        return first, first + 2, len(self.roles) - 1


@dataclass(frozen=True, slots=True)
class Stamps:
    """How stamps without year or zone are read; see `tocsin.kernels.local_time`.

    ``newest`` is the (month, day) of the newest stamp when ``year`` is given.
    """

    year: int | None = None
    zone: str = "UTC"
    fallback_ns: int = 0
    newest: tuple[int, int] | None = None


class Scanner:
    """Scan buffers of one source; keeps the clock between calls, nothing else."""

    def __init__(self, tables: LogTables, *, stamps: Stamps) -> None:
        self.tables = tables
        self.stamps = stamps
        self.zone = zone_table(stamps.zone)
        self.clock = fresh_clock(
            year=stamps.year,
            newest=stamps.newest,
            fallback_ns=stamps.fallback_ns,
            zone=stamps.zone,
        )
        self._scratch = scanner.fresh_scratch()

    def move_year(self, now_ns: int) -> None:
        """Let stamps without a year be at most a day after ``now_ns`` (live sources)."""
        if self.stamps.year is None:
            set_year(self.clock, year=None, newest=None, fallback_ns=now_ns, zone=self.stamps.zone)

    def scan(
        self,
        buffer: NDArray[np.uint8],
        rows: NDArray[np.void],
        *,
        start: int = 0,
        base: int = 0,
        is_last: bool = False,
    ) -> tuple[int, int]:
        """Fill ``rows`` (dtype `scanner.LOG_ROW`) from ``buffer[start:]``.

        ``buffer`` is read-only uint8, contiguous. Returns (rows filled, position after the
        last record). The offset of a record is ``base`` plus its position.
        """
        n, position = scanner.scan(
            buffer, start, len(buffer), base, is_last, rows, RECORD_BYTES_MAX,
            self.clock, self.zone, self.tables.tables, self.tables.programs, self._scratch,
        )  # fmt: skip
        return int(n), int(position)


def read_only(data: bytes | bytearray | memoryview) -> NDArray[np.uint8]:
    """Return bytes as a read-only array without copying: kernels compile for that type only."""
    array = np.frombuffer(data, dtype=np.uint8)
    array.flags.writeable = False
    return array


def scan_columns(
    data: bytes | bytearray | memoryview,
    *,
    tables: LogTables,
    stamps: Stamps,
    base: int = 0,
) -> NDArray[np.void]:
    """Return one row (dtype `scanner.LOG_ROW`) per record of ``data``, for evidence.

    ``data`` begins where a record begins; a last record without line feed counts. Columns
    of use: ``offset`` and ``length`` of the line (without its line feed), ``ts_ns`` where
    ``has_stamp``, ``src_hi`` and ``src_lo`` where ``has_source``, ``user_at`` and
    ``user_length`` into ``data``, ``template`` (-1: none), an index into
    ``tables.actions``.
    """
    buffer = read_only(data)
    worker = Scanner(tables, stamps=stamps)
    position, parts = 0, []
    lines = int(np.count_nonzero(buffer == _LINE_FEED)) + 1
    while position < len(buffer):
        rows = np.zeros(min(lines, BATCH_ROWS), dtype=scanner.LOG_ROW)
        n, position = worker.scan(buffer, rows, start=position, base=base, is_last=True)
        parts.append(rows[:n])
    return np.concatenate(parts) if parts else np.zeros(0, dtype=scanner.LOG_ROW)
