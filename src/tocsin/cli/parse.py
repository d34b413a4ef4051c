"""``tocsin parse PATH...``: events, one JSON object per input record, in input order."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from tocsin.cli.output import words
from tocsin.core.errors import InputError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from tocsin.core.event import Event
    from tocsin.core.networks import Proxies
    from tocsin.pipeline.matching import EventMatcher

_FORMATS = ("auto", "syslog", "event-json", "http-json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help="logs; - is standard input")
    parser.add_argument("--format", choices=_FORMATS, default="auto", help="format (auto)")
    parser.add_argument(
        "--year", type=int, help="year of the newest stamp (the file's modification time)"
    )
    parser.add_argument(
        "--match", action="store_true", help="say which rules and attacks each event holds"
    )
    parser.add_argument(
        "--rules", metavar="DIR", action="append", default=[], help="more rules (repeatable)"
    )
    parser.add_argument(
        "--no-default-rules", action="store_true", help="match only the rules of --rules"
    )
    parser.add_argument(
        "--templates", action="store_true", help="say which mined template each line is of"
    )
    parser.add_argument("--config", metavar="FILE", help="settings: proxies that are believed")
    parser.add_argument("--tz", default="UTC", help="zone of stamps without one (UTC)")
    parser.add_argument(
        "--json", action="store_true", help="accepted; the output is JSON Lines anyhow"
    )


def run(args: argparse.Namespace) -> int:
    """Print the events of every path; return 1 when one could not be read whole."""
    matcher = _matcher(args) if args.match else None
    problems: list[InputError] = []

    def problem(error: InputError) -> None:
        words(str(error))
        problems.append(error)

    for path in args.paths:
        try:
            _print(_events(path, args, matcher=matcher, problem=problem))
        except InputError as error:
            problem(error)
    return 1 if problems else 0


def _events(
    path: str,
    args: argparse.Namespace,
    *,
    matcher: EventMatcher | None,
    problem: Callable[[InputError], None],
) -> Iterator[Event]:
    from tocsin.collect.source import open_source
    from tocsin.pipeline.events import BY_LINE, flow_events, line_events, log_events
    from tocsin.pipeline.templates import TemplateMarker

    source = open_source(path, site=path)
    if source.medium == "flows":
        return flow_events(source)
    if source.medium != "log":
        raise UsageError(f"expected a log, got a capture ({source.format})", where=path)
    if args.format in BY_LINE:
        return line_events(source, form=args.format, matcher=matcher, problem=problem)
    events = log_events(
        source, year=args.year, zone=args.tz, matcher=matcher, proxies=_proxies(args)
    )
    return map(TemplateMarker().mark, events) if args.templates else events


def _proxies(args: argparse.Namespace) -> Proxies:
    from pathlib import Path

    from tocsin.core.networks import Proxies
    from tocsin.settings.load import load_settings

    return Proxies(load_settings(Path(args.config) if args.config else None).proxies)


def _matcher(args: argparse.Namespace) -> EventMatcher:
    """Return what marks events, with the rules in force; says which of them can't run."""
    from pathlib import Path

    from tocsin.pipeline.matching import load_matcher

    folders = [Path(folder) for folder in args.rules]
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"--rules: {folder} is not a folder")
    matcher, verdicts = load_matcher(folders, with_default_rules=not args.no_default_rules)
    for verdict in verdicts:
        if verdict.status != "ok":
            words(f"{verdict.path}:{verdict.line}: {verdict.status}: {verdict.reason}")
    return matcher


def _print(events: Iterator[Event]) -> None:
    encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False).encode
    sys.stdout.writelines(encode(event) + "\n" for event in events)
