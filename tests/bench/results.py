"""What the benchmark found: one row per program and input, as a table and as a file."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.measure import pace_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.measure import Pace

SCHEMA = "tocsin.bench/1"
MEASURED, FAILED, NOT_INSTALLED = "measured", "failed", "not installed"


@dataclass(frozen=True, slots=True)
class Result:
    """One program on one kind of input; ``status`` is measured, failed or not installed.

    ``words`` says what it did, or why it failed. ``tocsin_ratio``: Tocsin's pace over its.
    ``slower_by``: of Tocsin with more to do, the share by which a record costs more.
    ``faster_by``: of Tocsin with two jobs, how many times as fast as with one.
    """

    name: str
    unit: str
    status: str
    words: str = ""
    pace: Pace | None = None
    tocsin_ratio: float | None = None
    first_run_s: float | None = None
    slower_by: float | None = None
    faster_by: float | None = None

    def to_json(self) -> dict[str, object]:
        """Return the result for the results file."""
        return {
            "name": self.name,
            "unit": self.unit,
            "status": self.status,
            "words": self.words,
            "tocsin_ratio": self.tocsin_ratio,
            "first_run_s": self.first_run_s,
            "slower_by": self.slower_by,
            "faster_by": self.faster_by,
            **({} if self.pace is None else pace_json(self.pace)),
        }

    def line(self) -> str:
        """Return the row of the table."""
        pace = self.pace
        if pace is None:
            return f"{self.name:<26}{self.status:>28}  {self.words}"
        shown = "N is too small"
        if pace.pace_per_s is not None:
            shown = f"{pace.pace_per_s / 1e6:.3f} M {self.unit}/s"
        return (
            f"{self.name:<26}{shown:>28}{self._compared():>17}{pace.start_up_s:>8.2f} s"
            f"{pace.total_s:>8.2f} s{pace.rss_peak_bytes / 1e6:>6.0f} MB"
            f"  {pace.small:,} and {pace.large:,}, {len(pace.large_runs)} times"
        )

    def _compared(self) -> str:
        if self.slower_by is not None:
            return f"{self.slower_by:+.1%} time"
        if self.faster_by is not None:
            return f"{self.faster_by:.2f} x one job"
        return "" if self.tocsin_ratio is None else f"{self.tocsin_ratio} x"


def ratio(upper: float | None, lower: float | None) -> float | None:
    """Return how many times the one is the other; None where one is unknown."""
    return None if not upper or not lower else round(upper / lower, 3)


def write(path: Path, results: Sequence[Result], *, command: str, repeats: int) -> None:
    """Write the results file."""
    content = {
        "schema": SCHEMA,
        "rule": "slope (t(10N) - t(N)) / 9N, best of the runs, one core unless jobs are named",
        "command": command,
        "repeats": repeats,
        "machine": {
            "system": platform.platform(),
            "processor": _processor(),
            "python": platform.python_version(),
        },
        "results": [result.to_json() for result in results],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")


def table(results: Sequence[Result]) -> str:
    """Return the results for a person."""
    head = f"{'':<26}{'pace':>28}{'tocsin is':>17}{'start-up':>10}{'total':>10}{'memory':>9}  over"
    return "\n".join([head, *(result.line() for result in results)]) + "\n"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()
