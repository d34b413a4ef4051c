"""Run ``tocsin analyze`` over a folder of damaged captures: ``python tests/bench/hostile.py``.

Every file must end with 0 or 1 and a message, within 5 s and 300 MB, and never with a
traceback. All files run in one process, each in a fresh state; a sample of them runs in
processes of their own, where the peak of memory is that file's. Prints the slowest and the
largest, and every file that broke a rule; the exit code is 1 if one did.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
SECONDS_MAX, MEMORY_MAX_BYTES = 5.0, 300_000_000
EVERY = 59  # one file in so many runs in a process of its own
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one file ended; ``words`` is what stood on standard error."""

    path: Path
    exit_code: int
    wall_s: float
    rss_peak_bytes: int
    words: str
    is_alone: bool

    @property
    def fault(self) -> str:
        """What rule it broke, empty if none."""
        if "Traceback (most recent call last)" in self.words:
            return "traceback"
        if self.exit_code not in {0, 1}:
            return f"exit code {self.exit_code}"
        if self.exit_code == 1 and not self.words.strip():
            return "failed without a word"
        if self.wall_s > SECONDS_MAX:
            return f"took {self.wall_s:.1f} s"
        if self.is_alone and self.rss_peak_bytes > MEMORY_MAX_BYTES:
            return f"held {self.rss_peak_bytes / 1e6:.0f} MB"
        return ""


def run_here(path: Path) -> Outcome:
    """Analyse a file in this process."""
    from tocsin.cli.main import main as command

    told = io.StringIO()
    begun = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as state,
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(told),
    ):
        try:
            code = command(["analyze", str(path), "--json", "--state", state])
        except SystemExit as ended:
            code = int(ended.code or 0)
        except BaseException:  # noqa: BLE001 - whatever it is, it is what we look for
            told.write(traceback.format_exc())
            code = 70
    wall_s = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Outcome(path, code, wall_s, peak, told.getvalue(), is_alone=False)


def run_alone(path: Path) -> Outcome:
    """Analyse a file in a process of its own."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as state, tempfile.TemporaryFile() as told:
        argv = [sys.executable, "-m", "tocsin", "analyze", str(path), "--json", "--state", state]
        child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=told)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        words = told.read().decode("utf-8", "replace")
    wall_s = time.perf_counter() - begun
    return Outcome(path, child.returncode, wall_s, usage.ru_maxrss * 1024, words, is_alone=True)


def files_of(folder: Path) -> list[Path]:
    """Return the files of a folder, in order of their names."""
    return sorted(path for path in folder.iterdir() if path.is_file())


def _top(outcomes: list[Outcome], measure: Callable[[Outcome], float], unit: str) -> list[str]:
    return [
        f"  {measure(o):9.2f} {unit}  exit {o.exit_code}  {o.path.name}"
        for o in sorted(outcomes, key=measure, reverse=True)[:SHOWN]
    ]


def main() -> int:
    """Run, print, and return 1 if a file broke a rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    data = Path(os.environ.get("TOCSIN_DATA", ROOT.parent / "shared/data"))
    parser.add_argument("folder", type=Path, nargs="?", default=data / "net/hostile")
    parser.add_argument("--every", type=int, default=EVERY, help="one in so many runs alone")
    args = parser.parse_args()
    from tocsin.pipeline.warm_up import warm_up

    warm_up()  # what a compile takes is no file's
    files = files_of(args.folder)
    alone = [run_alone(path) for path in files[:: args.every]]
    here = [run_here(path) for path in files]
    lines = [
        "slowest in one process", *_top(here, lambda o: o.wall_s, "s"),
        "slowest alone", *_top(alone, lambda o: o.wall_s, "s"),
        "largest alone", *_top(alone, lambda o: o.rss_peak_bytes / 1e6, "MB"),
    ]  # fmt: skip
    broken = [o for o in [*alone, *here] if o.fault]
    lines += [f"{o.path.name}: {o.fault}\n{o.words[-1500:]}" for o in broken]
    refused = sum(o.exit_code == 1 for o in here)
    lines += [f"{len(here):,} files: {refused:,} with an error, {len(broken):,} broke a rule"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
