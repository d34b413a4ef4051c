"""``tocsin analyze PATH...``: batch over captured logs and packets."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.cli import cycles
from tocsin.cli.output import print_json, print_table, safe, words
from tocsin.core.errors import UsageError
from tocsin.core.incident import detection_json
from tocsin.core.times import parse_rfc3339
from tocsin.core.vocabulary import LEVELS, level_rank

if TYPE_CHECKING:
    import argparse

    from tocsin.core.incident import Incident
    from tocsin.pipeline.analysis import Analysis

_LATER = {
    "cluster": "--cluster comes with the fleet",
    "baseline": "--baseline comes with detectors that learn across runs",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = parser.add_argument
    add("paths", metavar="PATH", nargs="+", help="capture, log or folder; - is standard input")
    add("--json", action="store_true", help="one JSON line per incident")
    add("--state", metavar="DIR", help="state folder (default: TOCSIN_STATE)")
    add("--config", metavar="FILE", help="configuration (TOML)")
    add("--rules", metavar="DIR", action="append", default=[], help="more rules (repeatable)")
    add("--no-default-rules", action="store_true", help="without the shipped rules")
    add("--since", metavar="TIME", help="leave out records before (RFC 3339)")
    add("--until", metavar="TIME", help="leave out records after (RFC 3339)")
    add("--year", type=int, metavar="N", help="year of the newest log stamp without one")
    add("--tz", metavar="ZONE", default="UTC", help="zone of log stamps without one")
    add("--site", metavar="NAME", default="", help="join all arguments into one site")
    add("--baseline", metavar="NAME", help="not in this version")
    add("--again", action="store_true", help="process inputs that were taken in before")
    add("--jobs", type=int, metavar="N", help="cores to use (all that are allowed)")
    add("--cluster", metavar="ADDRESS", help="not in this version")
    add("--report", metavar="FILE", help="write a self-contained HTML report")
    add("--detections", action="store_true", help="with --json: detections too")
    add("--no-evidence", action="store_true", help="keep no evidence")
    add("--fail-on", metavar="LEVEL", choices=LEVELS, help="exit 3 at or above this severity")
    add("--stats", metavar="FILE", help="write statistics as JSON")
    add("--seed", type=int, metavar="N", help="placement key of tables and samples")


def run(args: argparse.Namespace) -> int:
    """Analyse, print, report; see the contract for exit codes."""
    began = time.perf_counter()
    _refuse_later(args)
    for path in filter(None, (args.report, args.stats)):
        _refuse_unwritable(Path(path))
    from tocsin.kernels.compiled import is_warm

    if not is_warm():
        words("compiling kernels for this machine, once; this takes a while")
    from tocsin.pipeline.analysis import Request, analyze
    from tocsin.pipeline.assemble import assemble, versions_of
    from tocsin.store.state import StateFolder, state_path

    wiring = assemble(
        config=args.config,
        rules=tuple(args.rules),
        with_default_rules=not args.no_default_rules,
        year=args.year,
        zone=args.tz,
        since_ns=_time(args.since, "--since"),
        until_ns=_time(args.until, "--until"),
        seed=args.seed,
    )
    request = Request(
        paths=tuple(args.paths),
        site=args.site,
        is_again=args.again,
        with_evidence=not args.no_evidence,
        run_id=hashlib.sha256(f"{os.getpid()}|{time.time_ns()}".encode()).hexdigest()[:12],
        versions=versions_of(wiring),
        jobs=_jobs(args.jobs),
    )
    cycles.settle()
    state = StateFolder(state_path(args.state))
    start_s = time.perf_counter() - began
    analysis = analyze(request, wiring=wiring, state=state)
    _print(analysis, args, state.root)
    if args.report:
        from tocsin.cli.reporting import write

        write(Path(args.report), analysis=analysis, wiring=wiring, state=state)
        words(f"report: {args.report}")
    if args.stats:
        _write_stats(Path(args.stats), analysis, start_s)
    return _exit_code(analysis, args.fail_on)


def _refuse_later(args: argparse.Namespace) -> None:
    for name, message in _LATER.items():
        if getattr(args, name) is not None:
            raise UsageError(message)


def _jobs(asked: int | None) -> int:
    if asked is None:
        return len(os.sched_getaffinity(0))
    if asked < 1:
        raise UsageError(f"--jobs must be at least 1, got {asked}")
    return asked


def _refuse_unwritable(path: Path) -> None:
    """Say before the work, not after it, that its result has no place."""
    if path.is_dir():
        raise UsageError(f"can't write {path}: it is a folder")
    above = next(folder for folder in path.absolute().parents if folder.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise UsageError(f"can't write {path}: {above} is no folder that can be written to")


def _time(text: str | None, option: str) -> int | None:
    if text is None:
        return None
    try:
        return parse_rfc3339(text)
    except ValueError as error:
        message = f"{option} must be a time such as 2026-11-23T05:41:00Z: {error}"
        raise UsageError(message) from error


def _exit_code(analysis: Analysis, fail_on: str | None) -> int:
    if fail_on is not None:
        least = level_rank(fail_on)
        if any(level_rank(incident.severity) >= least for incident in analysis.incidents):
            return 3
    return 1 if analysis.problems else 0


def _print(analysis: Analysis, args: argparse.Namespace, root: Path) -> None:
    for problem in analysis.problems:
        words(f"tocsin: {safe(str(problem))}")
    if args.json:
        for incident in analysis.incidents:
            print_json(incident.to_json())
        if args.detections and analysis.fresh is not None:
            for detection in analysis.fresh.detections:
                print_json({"schema": "tocsin.detection/1", **detection_json(detection)})
    else:
        _print_table(analysis.incidents)
    for line in _skipped(analysis):
        words(line)
    words(_summary(analysis))
    if analysis.incidents:
        worst = min(analysis.incidents, key=lambda i: (i.priority, i.first_ns))
        words(f"evidence: {root / 'evidence'}   chain head: {analysis.head}")
        words(f"next: tocsin incident show {worst.id}")


def _print_table(incidents: list[Incident]) -> None:
    if not incidents:
        return
    rows = [
        (i.priority, i.severity, i.category, safe(i.title), i.id)
        for i in sorted(incidents, key=lambda i: (i.priority, i.first_ns, i.id))
    ]
    print_table(rows, header=("prio", "severity", "category", "incident", "id"))


def _skipped(analysis: Analysis) -> list[str]:
    """Say what was passed over, a line per folder and reason."""
    groups: dict[tuple[str, str], list[str]] = {}
    for one in analysis.skipped:
        path = Path(one.path)
        groups.setdefault((str(path.parent), one.reason), []).append(path.name)
    return [
        f"skipped in {safe(folder)}: {safe(', '.join(names))} ({safe(reason)})"
        for (folder, reason), names in groups.items()
    ]


def _summary(analysis: Analysis) -> str:
    reads = analysis.fresh.reads if analysis.fresh else []
    packets = sum(r.ended.stats.packets for r in reads)
    lines = sum(r.ended.stats.events for r in reads if r.ended.medium in ("log", "flows"))
    weird = sum(sum(r.ended.stats.weird.values()) for r in reads)
    late = sum(r.ended.stats.late for r in reads)
    parts = [f"{packets:,} packets"] if packets or not lines else []
    parts += [f"{lines:,} log events"] if lines else []
    known = f", {len(analysis.known)} known from before" if analysis.known else ""
    found = len(analysis.incidents)
    return (
        f"read {' and '.join(parts)} from {len(reads)} file{'s' if len(reads) != 1 else ''}{known}"
        f" ({weird:,} weird, {late:,} late) in {analysis.wall_s:.1f} s; "
        f"{found} incident{'s' if found != 1 else ''}"
    )


def _write_stats(path: Path, analysis: Analysis, start_s: float) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(_stats(analysis, start_s)) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"can't write the statistics {path}: {error.strerror}") from error


def _stats(analysis: Analysis, start_s: float) -> dict[str, Any]:
    reads = analysis.fresh.reads if analysis.fresh else []
    weird: Counter[str] = Counter()
    odd: Counter[str] = Counter()
    for read in reads:
        weird.update(read.ended.stats.weird)
        odd.update(read.ended.stats.odd)
    accounts = analysis.fresh.accounts if analysis.fresh else None
    usage = resource.getrusage(resource.RUSAGE_SELF)

    def total(name: str) -> int:
        return sum(int(getattr(read.ended.stats, name)) for read in reads)

    return {
        "records": total("records"),
        "events": total("events"),
        "weird": weird,
        "odd": odd,
        "filtered": total("filtered"),
        "late": total("late"),
        "untemplated": total("untemplated"),
        "unread": total("unread"),
        "packets": total("packets"),
        "bytes": total("bytes"),
        "flows": total("flows"),
        "detections": {
            "attached": accounts.attached if accounts else 0,
            "suppressed": accounts.suppressed if accounts else 0,
            "opened": accounts.opened if accounts else 0,
        },
        "sources": [
            {
                "path": read.source.path,
                "medium": read.ended.medium,
                "sha256": read.sha256,
                "bytes": read.bytes,
                "records": read.ended.stats.records,
            }
            for read in reads
        ],
        "start_s": round(start_s, 4),
        "wall_s": round(analysis.wall_s, 4),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 4),
        "rss_peak_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }
