"""``tocsin rule list|show|check|test|explain``: the rules, whether they load, their own tests."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.cli.output import print_json, print_table, safe, words
from tocsin.core.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tocsin.core.predicates import Correlation, EventRule
    from tocsin.settings.rules import DetectorRule, Rules
    from tocsin.settings.sigma.load import EventRules


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs and their arguments."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="the rules in force")
    showing = verbs.add_parser("show", help="one rule, whole")
    showing.add_argument("id", metavar="ID", help="its id or its detector's name")
    checking = verbs.add_parser("check", help="load a folder and say what is wrong")
    checking.add_argument("folder", metavar="DIR")
    testing = verbs.add_parser("test", help="run the tests inside the rules")
    testing.add_argument("id", metavar="ID", nargs="?", help="only this rule")
    explaining = verbs.add_parser("explain", help="what a rule asks; why an event matches or not")
    explaining.add_argument("id", metavar="ID", help="its id, title or file name")
    explaining.add_argument("--event", metavar="FILE", help="an event (JSON) or log lines")
    for verb in (listing, showing, checking, testing, explaining):
        verb.add_argument("--json", action="store_true", help="JSON Lines")
        verb.add_argument("--rules", metavar="DIR", action="append", default=[])


def run(args: argparse.Namespace) -> int:
    """Print or test rules."""
    from tocsin.settings.resources import shipped
    from tocsin.settings.rules import load_rules

    if args.verb == "check":
        return _check(Path(args.folder), as_json=args.json)
    rules = load_rules([shipped("rules") / "detectors", *map(Path, args.rules)])
    for problem in rules.problems:
        raise problem
    events = _events_in_force(args.rules)
    match args.verb:
        case "list":
            return _list(rules, events, as_json=args.json)
        case "show":
            return _show(rules, events, args.id)
        case "explain":
            from tocsin.cli.rule_explain import explain

            rule = _event_rule(events, args.id)
            return explain(rule, event=args.event, others=events.all, as_json=args.json)
        case _:
            return _test(rules, events, only=args.id, as_json=args.json)


def _events_in_force(folders: Sequence[str]) -> EventRules:
    """Load the event rules; says which of them can't run."""
    from tocsin.settings.resources import shipped
    from tocsin.settings.sigma.load import load_event_rules

    for folder in folders:
        if not Path(folder).is_dir():
            raise UsageError(f"--rules: {folder} is not a folder")
    events = load_event_rules([shipped("rules") / "events", *map(Path, folders)])
    for verdict in events.verdicts:
        if verdict.status != "ok":
            words(safe(f"{verdict.path}:{verdict.line}: {verdict.status}: {verdict.reason}"))
    return events


def _list(rules: Rules, events: EventRules, *, as_json: bool) -> int:
    if as_json:
        for rule in rules.rules:
            print_json(_plain(rule))
        for one in events.all:
            print_json({"detector": "event_rules", **asdict(one)})
        return 0
    rows = [(rule.detector, rule.kind, rule.level, rule.title, rule.id) for rule in rules.rules]
    rows += [
        ("event_rules", one.kind, one.level, safe(one.title), one.id)
        for one in events.all
        if not one.is_part
    ]
    print_table(rows, header=("detector", "kind", "level", "title", "id"))
    return 0


def _show(rules: Rules, events: EventRules, name: str) -> int:
    found = [rule for rule in rules.rules if name in (rule.id, rule.detector)]
    if len(found) == 1:
        print_json(_plain(found[0]))
        return 0
    print_json({"detector": "event_rules", **asdict(_event_rule(events, name))})
    return 0


def _event_rule(events: EventRules, name: str) -> EventRule | Correlation:
    """Return the event rule of an id, title, name or file; raises `UsageError`."""
    found = [one for one in events.all if name in (one.id, one.title, one.name or None)]
    if not found:
        found = [one for one in events.all if name == Path(one.path).stem and not one.is_part]
    if len(found) != 1:
        raise UsageError(f"{len(found)} rules are called {safe(name)!r}")
    return found[0]


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


def _test(rules: Rules, events: EventRules, *, only: str | None, as_json: bool) -> int:
    """Run the scenes of detector rules and the events and lines of event rules."""
    chosen = [rule for rule in rules.rules if only in (None, rule.id, rule.detector)]
    singles = [*events.all] if only is None else []
    if only is not None and not chosen:
        singles = [_event_rule(events, only)]
    failed = _test_scenes(chosen, as_json=as_json)
    failed += _test_events(singles, events, as_json=as_json)
    words(f"{failed} of the rules' tests failed" if failed else "the rules' tests pass")
    return 1 if failed else 0


def _test_events(
    rules: Sequence[EventRule | Correlation], events: EventRules, *, as_json: bool
) -> int:
    from tocsin.testing.rule_tests import outcomes_of

    failed = 0
    for rule in rules:
        for one in outcomes_of(rule, events.all):
            failed += not one.ok
            if as_json:
                print_json({"rule": rule.id, "given": one.given, "expected": one.expected,
                            "ok": one.ok})  # fmt: skip
            elif not one.ok:
                said = "missed" if one.expected else "raised for nothing"
                words(safe(f"{rule.path}:{rule.line}: {said}: {one.given}"))
    return failed


def _test_scenes(rules: Sequence[DetectorRule], *, as_json: bool) -> int:
    from tocsin.pipeline.assemble import assemble
    from tocsin.testing.rule_scenes import rules_raised

    wiring = assemble() if rules else None
    failed = 0
    for rule in rules:
        wanted = [(scene, True) for scene in rule.positive]
        wanted += [(scene, False) for scene in rule.negative]
        for scene, expected in wanted:
            found = wiring is not None and rule.id in rules_raised(scene, wiring=wiring)
            ok = found is expected
            failed += not ok
            if as_json:
                print_json({"rule": rule.id, "scene": scene, "expected": expected, "ok": ok})
            elif not ok:
                words(f"{rule.path}: {scene}: {'missed' if expected else 'raised for nothing'}")
    return failed
