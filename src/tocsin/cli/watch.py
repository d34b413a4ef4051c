"""``tocsin watch FILE...``: follow growing logs and captures, raise incidents as they happen."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tocsin.cli import cycles
from tocsin.cli.output import print_json, safe, words
from tocsin.core.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from types import FrameType

    from tocsin.core.errors import InputError
    from tocsin.core.incident import Incident


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = parser.add_argument
    add("files", metavar="FILE", nargs="*", help="growing logs and captures")
    add("--json", action="store_true", help="one JSON line per change, with its change")
    add("--state", metavar="DIR", help="state folder (default: TOCSIN_STATE)")
    add("--config", metavar="FILE", help="configuration (TOML)")
    add("--rules", metavar="DIR", action="append", default=[], help="more rules (repeatable)")
    add("--tz", metavar="ZONE", default="", help="zone of log stamps (default: the host's)")


def run(args: argparse.Namespace) -> int:
    """Follow until Ctrl-C or SIGTERM; what was seen is kept, the next start goes on there."""
    if not args.files:
        raise UsageError("name the files to follow; capture from interfaces comes later")
    from tocsin.kernels.compiled import is_warm

    if not is_warm():
        words("compiling kernels for this machine, once; this takes a while")
    from tocsin.pipeline.assemble import assemble, versions_of
    from tocsin.pipeline.live import Watch
    from tocsin.store.database import open_database
    from tocsin.store.state import StateFolder, state_path

    wiring = assemble(config=args.config, rules=tuple(args.rules), zone=args.tz or _host_zone())
    cycles.settle()
    state = StateFolder(state_path(args.state, is_daemon=True)).prepare()
    problems: list[InputError] = []

    def complain(error: InputError) -> None:
        problems.append(error)
        words(f"tocsin: {safe(str(error))}")

    with ExitStack() as stack:
        stack.enter_context(state.lock("watch"))
        database = open_database(state.database)
        stack.callback(database.close)
        watch = Watch(
            args.files,
            wiring=wiring,
            state=state,
            database=database,
            tell=_tell_json if args.json else _tell,
            complain=complain,
            versions=versions_of(wiring),
        )

        def stop(_signal: int, _frame: FrameType | None) -> None:
            watch.stop()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        words(f"watching {len(args.files)} file(s); state in {state.root}; Ctrl-C ends")
        watch.run()
    words("stopped; the next start goes on from here")
    return 1 if problems else 0


def _tell_json(incident: Incident, change: str) -> None:
    print_json({**incident.to_json(), "change": change})
    _flush()


def _tell(incident: Incident, change: str) -> None:
    print(
        f"{change:7} {incident.priority} {incident.severity:8} {incident.category}  "
        f"{safe(incident.title)}  {incident.id}"
    )
    _flush()


def _flush() -> None:
    import sys

    sys.stdout.flush()


def _host_zone() -> str:
    """Return the host's zone name where it can be told, else UTC."""
    from pathlib import Path

    link = Path("/etc/localtime")
    parts = link.resolve().parts if link.exists() else ()
    if "zoneinfo" in parts:
        name = "/".join(parts[parts.index("zoneinfo") + 1 :])
        return name or "UTC"
    return "UTC"
