"""``tocsin store migrate|check``: the database of a state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.cli.output import print_json, words
from tocsin.core.errors import IntegrityError
from tocsin.store.database import connect
from tocsin.store.state import StateFolder, state_path
from tocsin.store.tables import HEAD

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's verbs and arguments."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    migrate = verbs.add_parser("migrate", help="bring the database to this version's tables")
    check = verbs.add_parser("check", help="look for damage; exit 4 if there is any")
    for verb in (migrate, check):
        verb.add_argument("--state", metavar="DIR", help="the state folder")
        verb.add_argument("--json", action="store_true", help="JSON Lines on stdout")


def run(args: argparse.Namespace) -> int:
    """Run one verb; return the exit code. Raises `TocsinError`."""
    state = StateFolder(state_path(args.state))
    if args.verb == "migrate":
        return _migrate(state, is_json=args.json)
    database = connect(state.database, create=False)
    try:
        problems = database.problems()
    finally:
        database.close()
    if args.json:
        print_json({"ok": not problems, "problems": problems, "version": HEAD})
    for problem in problems:
        words(problem)
    if problems:
        raise IntegrityError(f"{len(problems)} problems", where=str(state.database))
    words(f"{state.database} is sound; version {HEAD}")
    return 0


def _migrate(state: StateFolder, *, is_json: bool) -> int:
    state.prepare()
    with state.lock("store migrate"):
        database = connect(state.database)
        try:
            before = database.migrate()
        finally:
            database.close()
    if is_json:
        print_json({"before": before, "version": HEAD})
    words(f"{state.database}: version {before or 'none'} -> {HEAD}")
    return 0
