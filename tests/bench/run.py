"""Measure Tocsin's pace end to end beside its peers: ``python tests/bench/run.py``.

Pace is a slope, (t(10 N) - t(N)) / 9 N, best of five, on one core, output to a file,
evidence on; start-up and total stand beside it, peers by the same rule in the same run.
N is 2 M packets (200,000 whole ones) and 1 M lines; ``--quick`` takes a tenth of that and two repeats. Inputs lie
in the page cache, as they were just written. Results go to ``build/bench.json``; the
generated files (4 GB) are removed unless ``--keep``.
"""

from __future__ import annotations

import argparse
import json
import platform
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.measure import Command, Pace, measure, pace_json, run_once  # noqa: E402
from tests.bench.peers import LINES, PACKETS, PEERS, WHOLE, Peer  # noqa: E402

TOCSIN = "tocsin"
SCHEMA = "tocsin.bench/1"
DEFAULT_N = {PACKETS: 2_000_000, WHOLE: 200_000, LINES: 1_000_000}
SUFFIX = {PACKETS: "pcap", WHOLE: "pcap", LINES: "log"}
RECORD_BYTES = {PACKETS: 125, WHOLE: 800, LINES: 110}
WHOLE_BYTES = 2000
SLOW_REPEATS = 2
DEFAULT_COMMAND = "{tocsin} analyze {input} --json --state {state}"


@dataclass(frozen=True, slots=True)
class Result:
    """One program on one kind of input; ``status`` is measured, failed or not installed.

    ``words`` says what it did, or why it failed. ``tocsin_ratio``: Tocsin's pace over its.
    """

    name: str
    unit: str
    status: str
    words: str = ""
    pace: Pace | None = None
    tocsin_ratio: float | None = None
    first_run_s: float | None = None

    def to_json(self) -> dict[str, object]:
        """Return the result for the results file."""
        return {
            "name": self.name,
            "unit": self.unit,
            "status": self.status,
            "words": self.words,
            "tocsin_ratio": self.tocsin_ratio,
            "first_run_s": self.first_run_s,
            **({} if self.pace is None else pace_json(self.pace)),
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run of the benchmark measures, and where."""

    sizes: dict[str, int]
    repeats: int
    folder: Path
    command: str
    with_peers: bool

    @property
    def scratch(self) -> Path:
        """Where outputs and states go; emptied before each run."""
        return self.folder / "scratch"

    def data(self, unit: str, size: int) -> Path:
        """Return the path of the generated file with ``size`` records."""
        return self.folder / f"{unit.replace(' ', '-')}-{size}.{SUFFIX[unit]}"

    def clean(self) -> None:
        """Empty the scratch folder: every run starts in a fresh state."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)

    def tocsin(self, data: Path) -> Command:
        """Return Tocsin's command over a file."""
        text = self.command.format(
            tocsin=shlex.quote(_tocsin_script()),
            input=shlex.quote(str(data)),
            state=shlex.quote(str(self.scratch / "state")),
        )
        return Command(tuple(shlex.split(text)), stdout=self.scratch / "incidents.jsonl")


def main() -> int:
    """Generate, measure, print, write; return 0, or 1 when Tocsin itself failed."""
    args = _arguments()
    plan = _plan(args)
    plan.folder.mkdir(parents=True, exist_ok=True)
    need_bytes = sum(12 * size * RECORD_BYTES[unit] * 2 for unit, size in plan.sizes.items())
    free_bytes = shutil.disk_usage(plan.folder).free
    if free_bytes < need_bytes:
        _say(f"needs {need_bytes / 1e9:.1f} GB in {plan.folder}, {free_bytes / 1e9:.1f} GB free")
        return 1
    results: list[Result] = []
    try:
        for unit in plan.sizes:
            _generate(plan, unit)
            results.extend(_measure_unit(plan, unit))
    finally:
        if not args.keep:
            shutil.rmtree(plan.folder, ignore_errors=True)
    _write(Path(args.output), plan, results)
    _print_table(results)
    return 1 if any(r.name == TOCSIN and r.pace is None for r in results) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--quick", action="store_true", help="a tenth of N, two repeats")
    add("--packets", type=int, help=f"N of the captures ({DEFAULT_N[PACKETS]:,})")
    add("--lines", type=int, help=f"N of the logs ({DEFAULT_N[LINES]:,})")
    add("--repeats", type=int, help="runs of each size; the best counts (5)")
    add("--only", choices=(PACKETS, WHOLE, LINES), help="measure one kind of input")
    add("--no-peers", action="store_true", help="measure Tocsin alone")
    add("--keep", action="store_true", help="keep the generated files")
    add("--folder", default=str(ROOT / "build" / "bench"), help="for generated files")
    add("--output", default=str(ROOT / "build" / "bench.json"), help="for the results")
    add("--command", default=DEFAULT_COMMAND, help="what is measured ({input}, {state})")
    return parser.parse_args()


def _tocsin_script() -> str:
    """Return the command of this Python's environment, else the one on the path."""
    beside = Path(sys.executable).with_name("tocsin")
    return str(beside) if beside.exists() else shutil.which("tocsin") or "tocsin"


def _plan(args: argparse.Namespace) -> Plan:
    wanted = {PACKETS: args.packets, WHOLE: None, LINES: args.lines}
    share = 10 if args.quick else 1
    return Plan(
        sizes={
            unit: wanted[unit] or size // share
            for unit, size in DEFAULT_N.items()
            if args.only in {None, unit}
        },
        repeats=args.repeats or (2 if args.quick else 5),
        folder=Path(args.folder).resolve(),
        command=args.command,
        with_peers=not args.no_peers,
    )


def _generate(plan: Plan, unit: str) -> None:
    size = plan.sizes[unit]
    sizes = [size, 10 * size]
    if plan.with_peers and any(peer.is_slow and unit in peer.units for peer in PEERS):
        sizes.insert(0, size // 10)
    _say(f"generating {', '.join(f'{n:,}' for n in sizes)} {unit} in {plan.folder}")
    script, option = "generate_capture.py", "--packets"
    if unit == LINES:
        script, option = "generate_logs.py", "--lines"
    argv = [
        sys.executable, str(Path(__file__).with_name(script)), str(plan.folder),
        "--body", str(size), option, *(str(n) for n in sizes),
    ]  # fmt: skip
    if unit == WHOLE:
        argv += ["--snap", str(WHOLE_BYTES), "--name", plan.data(unit, 0).name.partition("-0")[0]]
    subprocess.run(argv, check=True)


def _measure_unit(plan: Plan, unit: str) -> list[Result]:
    size = plan.sizes[unit]
    plan.clean()
    try:
        first = run_once(plan.tocsin(plan.data(unit, size)))
        _say(f"tocsin: first run over {size:,} {unit} (kernels may compile): {first.wall_s:.1f} s")
        pace = measure(
            lambda n: plan.tocsin(plan.data(unit, n)),
            sizes=(size, 10 * size), repeats=plan.repeats, clean=plan.clean,
        )  # fmt: skip
        own = Result(
            TOCSIN, unit, "measured", "incidents, evidence on", pace, first_run_s=first.wall_s
        )
    except RuntimeError as error:
        _say(str(error))
        own = Result(TOCSIN, unit, "failed", str(error))
    peers = [peer for peer in PEERS if plan.with_peers and unit in peer.units]
    return [own, *(_measure_peer(plan, peer, unit, own.pace) for peer in peers)]


def _measure_peer(plan: Plan, peer: Peer, unit: str, own: Pace | None) -> Result:
    program = peer.program()
    if program is None:
        return Result(peer.name, unit, "not installed")
    small = plan.sizes[unit] // (10 if peer.is_slow else 1)
    repeats = min(plan.repeats, SLOW_REPEATS) if peer.is_slow else plan.repeats
    _say(f"{peer.name}: {small:,} and {10 * small:,} {unit}, {repeats} times")
    try:
        pace = measure(
            lambda n: peer.command(program, plan.data(unit, n), plan.scratch),
            sizes=(small, 10 * small), repeats=repeats, clean=plan.clean,
        )  # fmt: skip
    except RuntimeError as error:
        return Result(peer.name, unit, "failed", str(error))
    ours, theirs = (None if own is None else own.pace_per_s), pace.pace_per_s
    ratio = None if ours is None or theirs is None else round(ours / theirs, 2)
    return Result(peer.name, unit, "measured", peer.does, pace, tocsin_ratio=ratio)


def _write(path: Path, plan: Plan, results: list[Result]) -> None:
    content = {
        "schema": SCHEMA,
        "rule": "slope (t(10N) - t(N)) / 9N, best of the runs, one core",
        "command": plan.command,
        "repeats": plan.repeats,
        "machine": {
            "system": platform.platform(),
            "processor": _processor(),
            "python": platform.python_version(),
        },
        "results": [result.to_json() for result in results],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")
    _say(f"wrote {path}")


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _print_table(results: list[Result]) -> None:
    head = f"{'':<16}{'pace':>22}{'tocsin is':>12}{'start-up':>10}{'total':>10}{'memory':>9}  over"
    rows = [head, *(_line(result) for result in results)]
    sys.stdout.write("\n".join(rows) + "\n")


def _line(result: Result) -> str:
    pace = result.pace
    if pace is None:
        return f"{result.name:<16}{result.status:>22}  {result.words}"
    shown = "N is too small"
    if pace.pace_per_s is not None:
        shown = f"{pace.pace_per_s / 1e6:.3f} M {result.unit}/s"
    ratio = "" if result.tocsin_ratio is None else f"{result.tocsin_ratio} x"
    return (
        f"{result.name:<16}{shown:>22}{ratio:>12}{pace.start_up_s:>8.2f} s{pace.total_s:>8.2f} s"
        f"{pace.rss_peak_bytes / 1e6:>6.0f} MB  {pace.small:,} and {pace.large:,},"
        f" {len(pace.large_runs)} times"
    )


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
