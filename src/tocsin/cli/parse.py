"""``tocsin parse PATH...``: events, one JSON object per input record, in input order."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from tocsin.core.errors import InputError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from tocsin.collect.source import Source
    from tocsin.core.event import Event
    from tocsin.kernels.log_scan import Stamps
    from tocsin.pipeline.matching import EventMatcher

_FORMATS = ("auto", "syslog", "event-json", "http-json")
_BY_LINE = ("event-json", "http-json")
_TAIL_BYTES = 1 << 16


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
    parser.add_argument("--tz", default="UTC", help="zone of stamps without one (UTC)")
    parser.add_argument(
        "--json", action="store_true", help="accepted; the output is JSON Lines anyhow"
    )


def run(args: argparse.Namespace) -> int:
    """Print the events of every path; return 1 when one could not be read whole."""
    from tocsin.collect.source import open_source

    exit_code = 0
    matcher = _matcher(args) if args.match else None
    for path in args.paths:
        try:
            source = open_source(path, site=path)
            if source.medium == "flows":
                _parse_flows(source)
                continue
            if source.medium != "log":
                raise UsageError(f"expected a log, got a capture ({source.format})", where=path)
            if args.format in _BY_LINE:
                exit_code = max(exit_code, _parse_lines(source, args.format, matcher))
            else:
                _parse(source, year=args.year, zone=args.tz, matcher=matcher)
        except InputError as error:
            from tocsin.cli.output import words

            words(str(error))
            exit_code = 1
    return exit_code


def _matcher(args: argparse.Namespace) -> EventMatcher:
    """Return what marks events, with the rules in force; says which of them can't run."""
    from pathlib import Path

    from tocsin.cli.output import words
    from tocsin.detect.sigma.ruleset import RuleSet
    from tocsin.pipeline.matching import EventMatcher
    from tocsin.settings.resources import shipped
    from tocsin.settings.sigma.load import load_event_rules

    folders = [] if args.no_default_rules else [shipped("rules") / "events"]
    for folder in map(Path, args.rules):
        if not folder.is_dir():
            raise UsageError(f"--rules: {folder} is not a folder")
        folders.append(folder)
    loaded = load_event_rules(folders)
    for verdict in loaded.verdicts:
        if verdict.status != "ok":
            words(f"{verdict.path}:{verdict.line}: {verdict.status}: {verdict.reason}")
    return EventMatcher(RuleSet(loaded.rules))


def _parse_lines(source: Source, form: str, matcher: EventMatcher | None) -> int:
    """Print one event per line of JSON; return 1 when a line could not be read."""
    from tocsin.cli.output import words
    from tocsin.parse.event_json import EventJsonError, read_event
    from tocsin.parse.http_json import HttpJsonError, read_request

    exit_code, offset = 0, 0
    for number, raw in enumerate(b"".join(bytes(b.data) for b in source.blocks()).split(b"\n"), 1):
        place, offset = offset, offset + len(raw) + 1
        line = raw.decode("utf-8", errors="backslashreplace").strip()
        if not line:
            continue
        try:
            if form == "http-json":
                request = read_request(line)
                event = request.event
                if matcher is not None:
                    event = matcher.mark(event, headers=request.headers, body=request.body)
            else:
                event = read_event(line)
                event = event if matcher is None else matcher.mark(event)
        except (EventJsonError, HttpJsonError) as error:
            words(f"{source.path}: byte {place}: line {number} {error}")
            exit_code = 1
            continue
        event |= {"log.file.path": source.path, "log.offset": place, "log.line": number}
        _print(iter([event]))
    return exit_code


def _parse(
    source: Source, *, year: int | None, zone: str, matcher: EventMatcher | None = None
) -> None:
    """Print the events of one log; what is readable before damage is printed too."""
    from tocsin.parse.reader import EventReader

    reader = EventReader(source.path, stamps=_stamps(source, year=year, zone=zone))
    try:
        for block in source.blocks():
            _print(_marked(reader.feed(block), matcher))
    finally:
        _print(_marked(reader.finish(), matcher))


def _marked(events: Iterator[Event], matcher: EventMatcher | None) -> Iterator[Event]:
    return events if matcher is None else map(matcher.mark, events)


def _parse_flows(source: Source) -> None:
    """Print the events of one flow log, a record that a block cuts included."""
    from tocsin.parse.flow_events import FlowEvents

    reader = FlowEvents(source.path)
    try:
        for block in source.blocks():
            _print(reader.feed(bytes(block.data)))
    finally:
        _print(reader.finish())


def _stamps(source: Source, *, year: int | None, zone: str) -> Stamps:
    from tocsin.kernels.log_scan import Stamps
    from tocsin.parse.reader import newest_day

    newest = None
    if year is not None and source.is_as_stored and source.size_bytes:
        start = max(source.size_bytes - _TAIL_BYTES, 0)
        newest = newest_day(source.read_range(start, _TAIL_BYTES))
    return Stamps(year=year, zone=zone, fallback_ns=source.mtime_ns, newest=newest)


def _print(events: Iterator[Event]) -> None:
    encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False).encode
    sys.stdout.writelines(encode(event) + "\n" for event in events)
