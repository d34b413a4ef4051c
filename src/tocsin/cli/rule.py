"""``tocsin rule list|show|check|test``: the rules, whether they load, and their own tests."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.cli.output import print_json, print_table, safe, words
from tocsin.core.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from tocsin.settings.rules import DetectorRule, Rules


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs and their arguments."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="the rules in force")
    showing = verbs.add_parser("show", help="one rule, whole")
    showing.add_argument("id", metavar="ID", help="its id or its detector's name")
    checking = verbs.add_parser("check", help="load a folder and say what is wrong")
    checking.add_argument("folder", metavar="DIR")
    testing = verbs.add_parser("test", help="run the tests inside the rules")
    explaining = verbs.add_parser("explain", help="not in this version")
    explaining.add_argument("rest", nargs="*")
    for verb in (listing, showing, checking, testing):
        verb.add_argument("--json", action="store_true", help="JSON Lines")
        verb.add_argument("--rules", metavar="DIR", action="append", default=[])


def run(args: argparse.Namespace) -> int:
    """Print or test rules."""
    from tocsin.settings.resources import shipped
    from tocsin.settings.rules import load_rules

    if args.verb == "explain":
        raise UsageError("rule explain is not in this version")
    if args.verb == "check":
        return _check(Path(args.folder), as_json=args.json)
    rules = load_rules([shipped("rules") / "detectors", *map(Path, args.rules)])
    for problem in rules.problems:
        raise problem
    match args.verb:
        case "list":
            return _list(rules, as_json=args.json)
        case "show":
            return _show(rules, args.id)
        case _:
            return _test(rules, as_json=args.json)


def _list(rules: Rules, *, as_json: bool) -> int:
    if as_json:
        for rule in rules.rules:
            print_json(_plain(rule))
        return 0
    rows = [(rule.detector, rule.kind, rule.level, rule.title, rule.id) for rule in rules.rules]
    print_table(rows, header=("detector", "kind", "level", "title", "id"))
    return 0


def _show(rules: Rules, name: str) -> int:
    found = [rule for rule in rules.rules if name in (rule.id, rule.detector)]
    if len(found) != 1:
        raise UsageError(f"{len(found)} rules are called {safe(name)!r}")
    print_json(_plain(found[0]))
    return 0


def _plain(rule: DetectorRule) -> dict[str, object]:
    return {**asdict(rule), "path": str(rule.path)}


def _check(folder: Path, *, as_json: bool) -> int:
    from tocsin.settings.rules import load_rules
    from tocsin.settings.sigma.load import load_event_rules

    if not folder.is_dir():
        raise UsageError("is not a folder", where=str(folder))
    rules, events = load_rules([folder]), load_event_rules([folder])
    lines: list[tuple[str, int, str | None, str, str | None]] = [
        (str(rule.path), rule.line, rule.id, "ok", None) for rule in rules.rules
    ]
    for problem in rules.problems:
        where, _, number = (problem.where or "").rpartition(":")
        at = int(number) if number.isdigit() else 1
        lines.append((where, at, None, "invalid", str(problem)))
    lines += [(v.path, v.line, v.id, v.status, v.reason) for v in events.verdicts]
    for path, line, rule, status, reason in lines:
        if as_json:
            print_json({"path": path, "id": rule, "status": status, "reason": reason, "line": line})
        elif status != "ok":
            said = reason or "" if (reason or "").startswith(path) else f"{path}:{line}: {reason}"
            words(f"tocsin: {status}: {safe(said)}")
    total = {
        status: sum(one[3] == status for one in lines)
        for status in ("ok", "unsupported", "invalid")
    }
    words(f"{total['ok']} rules are right, {total['unsupported']} ask for what is not in this "
          f"version, {total['invalid']} are wrong")  # fmt: skip
    return 1 if total["invalid"] else 0


def _test(rules: Rules, *, as_json: bool) -> int:
    from tocsin.pipeline.assemble import assemble
    from tocsin.testing.rule_scenes import rules_raised

    wiring = assemble()
    failed = 0
    for rule in rules.rules:
        wanted = [(scene, True) for scene in rule.positive]
        wanted += [(scene, False) for scene in rule.negative]
        for scene, expected in wanted:
            found = rule.id in rules_raised(scene, wiring=wiring)
            ok = found is expected
            failed += not ok
            if as_json:
                print_json({"rule": rule.id, "scene": scene, "expected": expected, "ok": ok})
            elif not ok:
                words(f"{rule.path}: {scene}: {'missed' if expected else 'raised for nothing'}")
    words(f"{failed} of the rules' tests failed" if failed else "the rules' tests pass")
    return 1 if failed else 0
