"""``tocsin evaluate TRUTH``: score captures or logs against a truth file."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.cli.output import print_json, words
from tocsin.core.errors import ConfigError, InputError
from tocsin.review.mixing import merged
from tocsin.review.scoring import Scored, summary
from tocsin.review.truth import read_truth

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tocsin.pipeline.wiring import Wiring
    from tocsin.review.truth import FileTruth


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("truth", metavar="TRUTH", help="truth file (JSON)")
    parser.add_argument(
        "--data", metavar="DIR", help="folder of the files it names (default: the truth file's)"
    )
    parser.add_argument(
        "--rules", metavar="DIR", action="append", default=[], help="more rules (repeatable)"
    )
    parser.add_argument(
        "--mixed",
        action="store_true",
        help="merge each decidable attack into each benign capture, and score those",
    )
    parser.add_argument(
        "--json", action="store_true", help="accepted; the output is JSON Lines anyhow"
    )


def run(args: argparse.Namespace) -> int:
    """Analyse each file alone in a fresh state; print a line per file and a summary."""
    from tocsin.pipeline.assemble import assemble

    truths = _load(Path(args.truth))
    folder = Path(args.data) if args.data else Path(args.truth).parent
    wiring = assemble(config=None, rules=tuple(args.rules))
    if args.mixed:
        return _run_mixed(truths, folder, wiring)
    exit_code = 0
    scored = []
    for truth in truths:
        try:
            one = _score(truth, folder / truth.name, wiring)
        except InputError as error:
            words(str(error))
            exit_code = 1
            continue
        print_json(one.to_json())
        scored.append(one)
    print_json({"summary": summary(scored)})
    return exit_code


def _load(path: Path) -> tuple[FileTruth, ...]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(error.strerror or str(error), where=str(path)) from error
    except ValueError as error:
        raise ConfigError(f"is not a truth file: {error}", where=str(path)) from error
    return read_truth(document, where=str(path))


def _score(truth: FileTruth, path: Path, wiring: Wiring) -> Scored:
    from tocsin.collect.walk import gather
    from tocsin.pipeline.replay import replay

    gathered = gather([str(path)])
    if not gathered.sources and gathered.problems:
        raise gathered.problems[0]
    outcome = replay(gathered.sources, wiring=wiring)
    for problem in (*gathered.problems, *outcome.problems):
        words(str(problem))
    return Scored(truth, tuple(outcome.incidents))


def _run_mixed(truths: Sequence[FileTruth], folder: Path, wiring: Wiring) -> int:
    """Score every attack in every calm capture; print a line per attack and a summary."""
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
                one = _score(replace(attack, attack_start=None), path, wiring)
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
