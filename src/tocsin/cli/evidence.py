"""``tocsin evidence list|show|verify|export``: what was sealed, and whether it still holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.cli.output import print_json, safe, words
from tocsin.core.errors import IntegrityError, UsageError
from tocsin.evidence.chain import Head, parse_head
from tocsin.evidence.dissect import dissect
from tocsin.evidence.export import export
from tocsin.evidence.manifest import MANIFEST, folder_name
from tocsin.evidence.vault import load_chain
from tocsin.evidence.verify import verify
from tocsin.store.database import open_database
from tocsin.store.state import StateFolder, state_path

if TYPE_CHECKING:
    import argparse

    from tocsin.store.database import Database


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's verbs and arguments."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="sealed evidence, oldest first, and the chain's head")
    show = verbs.add_parser("show", help="the items of an incident's newest evidence")
    show.add_argument("incident", metavar="ID")
    show.add_argument("--packets", metavar="N", type=int, default=0,
        help="dissect the first N packets of each capture (0)")  # fmt: skip
    check = verbs.add_parser("verify", help="check hashes, chain and signature; exit 4 if altered")
    check.add_argument("place", metavar="PATH-or-ID", nargs="?", help="default: the state")
    check.add_argument(
        "--head", metavar="HEAD", help="<count>:<hash> noted earlier: finds a cut tail"
    )
    out = verbs.add_parser("export", help="one zip that verifies alone")
    out.add_argument("incident", metavar="ID")
    out.add_argument("--output", metavar="FILE", help="default: evidence-ID.zip here")
    for verb in (listing, show, check, out):
        verb.add_argument("--state", metavar="DIR", help="the state folder")
        verb.add_argument("--json", action="store_true", help="JSON Lines on stdout")


def run(args: argparse.Namespace) -> int:
    """Run one verb; return the exit code. Raises `TocsinError`."""
    state = StateFolder(state_path(args.state))
    if args.verb == "verify":
        return _verify(args, state)
    database = open_database(state.database, create=False)
    try:
        if args.verb == "list":
            return _list(database, is_json=args.json)
        if args.verb == "show":
            return _show(args, state, database)
        target = Path(args.output or f"evidence-{args.incident}.zip")
        path = export(args.incident, state=state, database=database, target=target)
        if args.json:
            print_json({"incident": args.incident, "path": str(path), "bytes": path.stat().st_size})
        else:
            words(
                f"wrote {path} ({path.stat().st_size:,} bytes)\nnext: tocsin evidence verify {path}"
            )
    finally:
        database.close()
    return 0


def _verify(args: argparse.Namespace, state: StateFolder) -> int:
    head = None if args.head is None else parse_head(args.head)
    report = verify(args.place or str(state.root), state=state, head=head)
    if args.json:
        print_json(
            {
                "ok": not report.problems,
                "problems": list(report.problems),
                "notes": list(report.notes),
                "folders": report.folders,
                "records": report.records,
                "head": str(report.head),
            }
        )
    for note in report.notes:
        words(f"note: {note}")
    for problem in report.problems:
        words(problem)
    if report.problems:
        raise IntegrityError(f"evidence does not verify: {len(report.problems)} problems")
    words(f"{report.folders} folders and {report.records} chain records hold; head {report.head}")
    return 0


def _list(database: Database, *, is_json: bool) -> int:
    with database.begin() as connection:
        records = load_chain(connection)
    for record in records:
        values = record.values()
        row = {
            "seq": values["seq"],
            "incident": values["incident"],
            "version": values["manifest_version"],
            "path": f"evidence/{folder_name(values['incident'], values['manifest_version'])}",
            "manifest_sha256": values["manifest_sha256"],
            "recorded_at": values["recorded_at"],
        }
        if is_json:
            print_json(row)
        else:
            print(f"{row['seq']:>5}  {row['recorded_at']}  {safe(row['path'])}")
    head = Head(len(records), records[-1].hash) if records else Head(0, "0" * 64)
    words(f"{len(records)} chain records; head {head}")
    return 0


def _show(args: argparse.Namespace, state: StateFolder, database: Database) -> int:
    with database.begin() as connection:
        versions = [
            values["manifest_version"]
            for values in (record.values() for record in load_chain(connection))
            if values["incident"] == args.incident
        ]
    if not versions:
        raise UsageError(f"the chain holds no evidence of incident {args.incident}")
    folder = state.evidence / folder_name(args.incident, max(versions))
    for item in _items(folder):
        packets = []
        if args.packets > 0 and item["name"].startswith("capture-"):
            packets = dissect(folder / item["name"], packets_max=args.packets)
        if args.json:
            print_json({**item, "packets": packets} if packets else item)
            continue
        print(f"{item['bytes']:>12,}  {safe(item['name']):<16}  {safe(item['what'])}")
        for line in packets:
            print(f"    {safe(line)}")
    words(f"folder {folder}\nnext: tocsin evidence verify {args.incident}")
    return 0


def _items(folder: Path) -> list[dict[str, Any]]:
    try:
        items: list[dict[str, Any]] = json.loads((folder / MANIFEST).read_bytes())["items"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IntegrityError("the manifest can't be read", where=str(folder)) from error
    return items
