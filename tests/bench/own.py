"""Tocsin measured: by itself, with the published rules too, and with two jobs."""

from __future__ import annotations

import shlex
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.inputs import published_rules
from tests.bench.measure import Command, measure, run_once
from tests.bench.results import FAILED, MEASURED, Result, ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.bench.inputs import Input
    from tests.bench.measure import Pace

TOCSIN = "tocsin"
DEFAULT_COMMAND = "{tocsin} analyze {input} --json --state {state}"
JOBS, BOTH_CORES = 2, "0,1"


@dataclass(frozen=True, slots=True)
class Bench:
    """Where and how often it is measured."""

    folder: Path
    repeats: int
    command: str
    say: Callable[[str], None]

    @property
    def scratch(self) -> Path:
        """Where outputs and states go; emptied before each run."""
        return self.folder / "scratch"

    def clean(self) -> None:
        """Empty the scratch folder: every run starts in a fresh state."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)

    def tocsin(self, data: Sequence[Path], *more: str) -> Command:
        """Return Tocsin's command over files."""
        text = self.command.format(
            tocsin=shlex.quote(_script()),
            input=shlex.join(map(str, data)),
            state=shlex.quote(str(self.scratch / "state")),
        )
        return Command((*shlex.split(text), *more), stdout=self.scratch / "incidents.jsonl")

    def pace(
        self, command_for: Callable[[int], Command], n: int, *, repeats: int | None = None
    ) -> Pace:
        """Measure N and 10 N; raises `RuntimeError` when the command fails."""
        sizes, times = (n, 10 * n), repeats or self.repeats
        return measure(command_for, sizes=sizes, repeats=times, clean=self.clean)


def _script() -> str:
    """Return the command of this Python's environment, else the one on the path."""
    beside = Path(sys.executable).with_name("tocsin")
    return str(beside) if beside.exists() else shutil.which("tocsin") or "tocsin"


def measure_own(bench: Bench, one: Input, n: int) -> Result:
    """Measure Tocsin by itself: all its detectors and rules, evidence on."""
    bench.clean()
    try:
        first = run_once(bench.tocsin([one.path(bench.folder, n)]))
        bench.say(f"tocsin: first run over {n:,} {one.unit} (may compile): {first.wall_s:.1f} s")
        pace = bench.pace(lambda size: bench.tocsin([one.path(bench.folder, size)]), n)
    except RuntimeError as error:
        bench.say(str(error))
        return Result(TOCSIN, one.unit, FAILED, str(error))
    does = "incidents, evidence on"
    return Result(TOCSIN, one.unit, MEASURED, does, pace, first_run_s=first.wall_s)


def measure_with_rules(bench: Bench, one: Input, n: int, own: Result) -> Result:
    """Measure Tocsin with the published Linux and web rules loaded too."""
    name, folders = f"{TOCSIN}, published rules", published_rules(bench.folder)
    if not folders:
        return Result(name, one.unit, "no rules", "sigma/rules.tar.gz is not in TOCSIN_DATA")
    bench.say(f"{name}: {n:,} and {10 * n:,} {one.unit}, {bench.repeats} times")
    more = [word for folder in folders for word in ("--rules", str(folder))]
    try:
        pace = bench.pace(lambda size: bench.tocsin([one.path(bench.folder, size)], *more), n)
    except RuntimeError as error:
        return Result(name, one.unit, FAILED, str(error))
    slower = None
    if own.pace is not None and own.pace.slope_s > 0:
        slower = round(pace.slope_s / own.pace.slope_s - 1, 4)
    does = f"{len(list(_rules(folders))):,} rules more"
    return Result(name, one.unit, MEASURED, does, pace, slower_by=slower)


def _rules(folders: Sequence[Path]) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*.yml")]


def measure_jobs(bench: Bench, one: Input, n: int) -> list[Result]:
    """Measure two jobs against one, on both cores: over two logs, and over one large one."""
    results = []
    for words, seconds in (("two files", (False, True)), ("one file", (False,))):
        bench.say(f"one and two jobs, {words}: {n:,} and {10 * n:,} {one.unit} each")
        try:
            alone, together = (_with_jobs(bench, one, n, jobs, seconds) for jobs in (1, JOBS))
        except RuntimeError as error:
            results.append(Result(f"{TOCSIN} --jobs, {words}", one.unit, FAILED, str(error)))
            continue
        faster = ratio(together.pace_per_s, alone.pace_per_s)
        for jobs, pace, compared in ((1, alone, None), (JOBS, together, faster)):
            name = f"{TOCSIN} --jobs {jobs}, {words}"
            results.append(Result(name, one.unit, MEASURED, "both cores", pace, faster_by=compared))
    return results


def _with_jobs(bench: Bench, one: Input, n: int, jobs: int, seconds: Sequence[bool]) -> Pace:
    """Return the pace over one file or two of each size together."""

    def command(size: int) -> Command:
        files = [one.path(bench.folder, size, is_second=second) for second in seconds]
        return replace(bench.tocsin(files, "--jobs", str(jobs)), cores=BOTH_CORES)

    pace, times = bench.pace(command, n), len(seconds)
    return replace(pace, small=times * pace.small, large=times * pace.large)
