"""Measure Tocsin's pace end to end beside its peers: ``python tests/bench/run.py``.

Pace is a slope, (t(10 N) - t(N)) / 9 N, best of five, on one core, output to a file,
evidence on; start-up and total stand beside it, peers by the same rule in the same run.
N is 2 M packets (200,000 whole ones), and 1 M lines of an auth.log and of an access.log;
``--quick`` takes a tenth of that and two repeats. Of logs it is measured too what the
published rules for Linux and web servers add, and what two jobs on two cores bring. Inputs
lie in the page cache, as they were just written. Results go to ``build/bench.json``; the
generated files (8 GB) are removed unless ``--keep``.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.inputs import ACCESS, INPUTS, LINES, Input  # noqa: E402
from tests.bench.own import (  # noqa: E402
    DEFAULT_COMMAND,
    TOCSIN,
    Bench,
    measure_jobs,
    measure_own,
    measure_with_rules,
)
from tests.bench.peers import PEERS, Peer  # noqa: E402
from tests.bench.results import (  # noqa: E402
    FAILED,
    MEASURED,
    NOT_INSTALLED,
    Result,
    ratio,
    table,
    write,
)

LOGS = (LINES, ACCESS)
QUICK_SHARE, QUICK_REPEATS = 10, 2


def main() -> int:
    """Generate, measure, print, write; return 0, or 1 when Tocsin itself failed."""
    args = _arguments()
    sizes = _sizes(args)
    folder = Path(args.folder).resolve()
    repeats = args.repeats or (QUICK_REPEATS if args.quick else 5)
    bench = Bench(folder, repeats, args.command, _say)
    folder.mkdir(parents=True, exist_ok=True)
    need_bytes = max(
        30 * n * INPUTS[unit].record_bytes for unit, n in sizes.items()
    )  # sizes, the second log, evidence
    if args.keep:
        need_bytes *= len(sizes)
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < need_bytes:
        _say(f"needs {need_bytes / 1e9:.1f} GB in {folder}, {free_bytes / 1e9:.1f} GB free")
        return 1
    results: list[Result] = []
    try:
        for unit, n in sizes.items():
            results += _measure_unit(bench, INPUTS[unit], n, args)
            if not args.keep:
                for path in folder.glob(f"{INPUTS[unit].name}-*"):
                    path.unlink()
    finally:
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    write(Path(args.output), results, command=args.command, repeats=repeats)
    _say(f"wrote {args.output}")
    sys.stdout.write(table(results))
    return 1 if any(r.name.startswith(TOCSIN) and r.status == FAILED for r in results) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--quick", action="store_true", help="a tenth of N, two repeats")
    add("--packets", type=int, help="N of the captures")
    add("--lines", type=int, help="N of the logs")
    add("--repeats", type=int, help="runs of each size; the best counts (5)")
    add("--only", choices=[*INPUTS], action="append", help="measure this input (repeatable)")
    add("--no-peers", action="store_true", help="measure Tocsin alone")
    add("--no-rules", action="store_true", help="leave out the published rules")
    add("--no-jobs", action="store_true", help="leave out the two jobs")
    add("--keep", action="store_true", help="keep the generated files")
    add("--folder", default=str(ROOT / "build" / "bench"), help="for generated files")
    add("--output", default=str(ROOT / "build" / "bench.json"), help="for the results")
    add("--command", default=DEFAULT_COMMAND, help="what is measured ({input}, {state})")
    return parser.parse_args()


def _sizes(args: argparse.Namespace) -> dict[str, int]:
    """Return N of each input that is measured."""
    wanted = args.only or [unit for unit, one in INPUTS.items() if not one.is_asked]
    share = QUICK_SHARE if args.quick else 1
    return {
        unit: (args.lines if unit in LOGS else args.packets) or one.n // share
        for unit, one in INPUTS.items()
        if unit in wanted
    }


def _measure_unit(bench: Bench, one: Input, n: int, args: argparse.Namespace) -> list[Result]:
    peers = [] if args.no_peers else [peer for peer in PEERS if one.unit in peer.units]
    has_jobs = one.unit == LINES and not args.no_jobs
    shares = {1, *(peer.share for peer in peers if peer.program() is not None)}
    sizes = sorted({size for share in shares for size in (n // share, 10 * n // share)})
    _say(f"generating {', '.join(f'{size:,}' for size in sizes)} {one.unit} in {bench.folder}")
    one.generate(bench.folder, sizes, body=n, is_second=False)
    own = measure_own(bench, one, n)
    results = [own]
    if one.unit in LOGS and not args.no_rules:
        results.append(measure_with_rules(bench, one, n, own))
    if has_jobs:
        one.generate(bench.folder, [n, 10 * n], body=n, is_second=True)
        results += measure_jobs(bench, one, n)
    return [*results, *(_measure_peer(bench, peer, one, n, own) for peer in peers)]


def _measure_peer(bench: Bench, peer: Peer, one: Input, n: int, own: Result) -> Result:
    program = peer.program()
    if program is None:
        return Result(peer.name, one.unit, NOT_INSTALLED)
    small, repeats = n // peer.share, min(bench.repeats, peer.repeats)
    _say(f"{peer.name}: {small:,} and {10 * small:,} {one.unit}, {repeats} times")
    try:
        pace = bench.pace(
            lambda size: peer.command(program, one.path(bench.folder, size), bench.scratch),
            small, repeats=repeats,
        )  # fmt: skip
    except RuntimeError as error:
        return Result(peer.name, one.unit, FAILED, str(error))
    ours = None if own.pace is None else own.pace.pace_per_s
    compared = ratio(ours, pace.pace_per_s)
    return Result(peer.name, one.unit, MEASURED, peer.does, pace, tocsin_ratio=compared)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
