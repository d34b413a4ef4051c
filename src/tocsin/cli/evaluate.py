"""``tocsin evaluate TRUTH``: score captures or logs against a truth file."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.cli.evaluate_logs import Setting, content_of, evaluate
from tocsin.cli.output import print_json, words
from tocsin.core.errors import InputError, UsageError
from tocsin.review.logs.forms import NETWORK, read_any
from tocsin.review.mixing import merged
from tocsin.review.scoring import Scored, summary
from tocsin.review.truth import read_truth

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tocsin.review.truth import FileTruth


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = parser.add_argument
    add(
        "truth",
        metavar="TRUTH",
        nargs="+",
        help="truth file (JSON, JSON Lines, CSV; compressed too)",
    )
    add("--data", metavar="DIR", help="folder of the files it names (default: the truth file's)")
    add(
        "--rules", metavar="DIR", action="append", default=[],
        help="more rules: a folder or a tar archive of one (repeatable)",
    )  # fmt: skip
    add("--all", action="store_true", help="of logs: a line per item, not only per failed one")
    add("--jobs", metavar="N", type=int, default=1, help="files analysed at once (1)")
    add(
        "--mixed", action="store_true",
        help="merge each decidable attack into each benign capture, and score those",
    )  # fmt: skip
    add("--json", action="store_true", help="accepted; the output is JSON Lines anyhow")


def run(args: argparse.Namespace) -> int:
    """Score truth files of any form; print a line per file or failed item, and a summary."""
    from tocsin.settings.sigma.archive import rules_folder

    if args.jobs < 1:
        raise UsageError(f"--jobs must be at least 1, got {args.jobs}")
    rules = tuple(rules_folder(Path(folder)) for folder in args.rules)
    codes, groupings = [], []
    for name in args.truth:
        place = Path(name)
        truth = read_any(content_of(name), where=name, beside=partial(_beside, place))
        folder = Path(args.data) if args.data else place.parent
        setting = Setting(folder, rules, args.jobs)
        if truth.unit == NETWORK:
            truths = read_truth(truth.document, where=name)
            codes.append(_run_mixed(truths, setting) if args.mixed else _run(truths, setting))
            continue
        if args.mixed:
            raise UsageError("--mixed is for captures, and this truth is of logs", where=name)
        report = evaluate(truth, setting, with_all=args.all)
        codes.append(1 if setting.problems else 0)
        if "grouping_accuracy" in report.summary:
            groupings.append(report.summary["grouping_accuracy"]["share"])
    if len(groupings) > 1:
        mean = round(sum(groupings) / len(groupings), 5)
        print_json({"summary": {"files": len(groupings), "grouping_accuracy_mean": mean}})
    return max(codes)


def _beside(place: Path, name: str) -> bytes | None:
    beside = place.with_name(name)
    return content_of(str(beside)) if beside.is_file() else None


def _run(truths: Sequence[FileTruth], setting: Setting) -> int:
    """Analyse each file alone in a fresh state; print a line per file and a summary."""
    from tocsin.pipeline.trials import trials

    exit_code = 0
    scored = []
    paths = [str(setting.folder / truth.name) for truth in truths]
    found = trials(paths, wiring=setting.wiring(), jobs=setting.jobs)
    for truth, trial in zip(truths, found, strict=True):
        for problem in trial.problems:
            words(str(problem))
        if not trial.is_read and trial.problems:
            exit_code = 1
            continue
        one = Scored(truth, trial.incidents)
        print_json(one.to_json())
        scored.append(one)
    print_json({"summary": summary(scored)})
    return exit_code


def _run_mixed(truths: Sequence[FileTruth], setting: Setting) -> int:
    """Score every attack in every calm capture; print a line per attack and a summary."""
    from tocsin.pipeline.trials import trials

    wiring, folder = setting.wiring(), setting.folder
    calm = [truth for truth in truths if truth.label == "benign"]
    attacks = [t for t in truths if t.label == "attack" and t.is_decidable]
    totals = {"merged": 0, "found": 0, "one_incident": 0, "added": 0}
    with tempfile.TemporaryDirectory() as scratch:
        for attack in attacks:
            line: dict[str, Any] = {"attack": attack.name, "missed_in": [], "added_in": []}
            for ordinary in calm:
                path = Path(scratch) / "mixed.pcapng"
                path.write_bytes(
                    merged(_content(folder / ordinary.name), _content(folder / attack.name))
                )
                (trial,) = trials([str(path)], wiring=wiring)
                one = Scored(replace(attack, attack_start=None), trial.incidents)
                totals["merged"] += 1
                totals["found"] += bool(one.right)
                totals["one_incident"] += len(one.right) == 1
                totals["added"] += len(one.right[1:]) + len(one.wrong)
                if not one.right:
                    line["missed_in"].append(ordinary.name)
                if one.right[1:] or one.wrong:
                    titles = [i.title for i in (*one.right[1:], *one.wrong)]
                    line["added_in"].append({"file": ordinary.name, "incidents": titles})
            print_json(line)
    print_json({"summary": totals})
    return 0


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(error.strerror or str(error), path=str(path), offset=0) from error
