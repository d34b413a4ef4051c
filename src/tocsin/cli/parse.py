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

_FORMATS = ("auto", "syslog")
_TAIL_BYTES = 1 << 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help="logs; - is standard input")
    parser.add_argument("--format", choices=_FORMATS, default="auto", help="format (auto)")
    parser.add_argument(
        "--year", type=int, help="year of the newest stamp (the file's modification time)"
    )
    parser.add_argument("--tz", default="UTC", help="zone of stamps without one (UTC)")
    parser.add_argument(
        "--json", action="store_true", help="accepted; the output is JSON Lines anyhow"
    )


def run(args: argparse.Namespace) -> int:
    """Print the events of every path; return 1 when one could not be read whole."""
    from tocsin.collect.source import open_source

    exit_code = 0
    for path in args.paths:
        try:
            source = open_source(path, site=path)
            if source.medium == "flows":
                _parse_flows(source)
                continue
            if source.medium != "log":
                raise UsageError(f"expected a log, got a capture ({source.format})", where=path)
            _parse(source, year=args.year, zone=args.tz)
        except InputError as error:
            from tocsin.cli.output import words

            words(str(error))
            exit_code = 1
    return exit_code


def _parse(source: Source, *, year: int | None, zone: str) -> None:
    """Print the events of one log; what is readable before damage is printed too."""
    from tocsin.parse.reader import EventReader

    reader = EventReader(source.path, stamps=_stamps(source, year=year, zone=zone))
    try:
        for block in source.blocks():
            _print(reader.feed(block))
    finally:
        _print(reader.finish())


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
    if year is not None and not source.compression and source.size_bytes:
        start = max(source.size_bytes - _TAIL_BYTES, 0)
        newest = newest_day(source.read_range(start, _TAIL_BYTES))
    return Stamps(year=year, zone=zone, fallback_ns=source.mtime_ns, newest=newest)


def _print(events: Iterator[Event]) -> None:
    encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False).encode
    sys.stdout.writelines(encode(event) + "\n" for event in events)
