"""``tocsin incident list|show``: the desk on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.cli.output import print_json, print_table, safe, words
from tocsin.core.errors import UsageError
from tocsin.core.times import rfc3339
from tocsin.core.vocabulary import LEVELS, level_rank

if TYPE_CHECKING:
    import argparse

    from tocsin.core.incident import Incident

_PARTIES_SHOWN = 10
_LATER = (
    "ack", "assign", "comment", "verdict", "merge", "split", "undo", "contain", "resolve",
    "reopen", "review", "close", "export",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs and their arguments."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="incidents, gravest first")
    listing.add_argument("--severity", choices=LEVELS, default="info", help="at or above")
    showing = verbs.add_parser("show", help="one incident, whole")
    showing.add_argument("id", metavar="ID", help="its id, or the beginning of it")
    for verb in (listing, showing):
        verb.add_argument("--json", action="store_true", help="JSON Lines")
        verb.add_argument("--state", metavar="DIR", help="state folder (default: TOCSIN_STATE)")
    for name in _LATER:
        later = verbs.add_parser(name, help="not in this version")
        later.add_argument("rest", nargs="*")


def run(args: argparse.Namespace) -> int:
    """Print incidents from the store."""
    if args.verb in _LATER:
        raise UsageError(f"incident {args.verb} is not in this version")
    from tocsin.store.database import open_database
    from tocsin.store.incidents import load_incidents
    from tocsin.store.state import StateFolder, state_path

    state = StateFolder(state_path(args.state))
    if not state.database.exists():
        raise UsageError("holds no incidents yet: run tocsin analyze first", where=str(state.root))
    database = open_database(state.database)
    try:
        with database.begin() as connection:
            incidents = load_incidents(connection)
    finally:
        database.close()
    if args.verb == "list":
        least = level_rank(args.severity)
        _list([i for i in incidents if level_rank(i.severity) >= least], as_json=args.json)
        return 0
    found = [i for i in incidents if i.id.startswith(args.id)]
    if len(found) != 1:
        raise UsageError(f"{len(found)} incidents begin with {safe(args.id)!r}")
    if args.json:
        print_json(found[0].to_json())
    else:
        _show(found[0])
    return 0


def _list(incidents: list[Incident], *, as_json: bool) -> None:
    ordered = sorted(incidents, key=lambda i: (i.first_ns, i.id))
    if as_json:
        for incident in ordered:
            print_json(incident.to_json())
        return
    ordered.sort(key=lambda i: (i.priority, i.first_ns, i.id))
    rows = [(i.priority, i.severity, i.status, safe(i.title), i.id) for i in ordered]
    print_table(rows, header=("prio", "severity", "status", "incident", "id"))


def _show(incident: Incident) -> None:
    print(f"{incident.priority} {incident.severity}  {safe(incident.title)}")
    print(f"  id          {incident.id}   status {incident.status}   kind {incident.kind}")
    print(f"  first seen  {rfc3339(incident.first_ns)}   last seen {rfc3339(incident.last_ns)}")
    print(
        f"  detected    {rfc3339(incident.detected_ns)} after {incident.records_to_detect} records"
    )
    print(f"  confidence  {incident.confidence:.2f}   techniques {', '.join(incident.techniques)}")
    for name, parties, total in (
        ("attackers", incident.attackers, incident.attackers_total),
        ("victims", incident.victims, incident.victims_total),
        ("users", incident.users, len(incident.users)),
        ("assets", incident.assets, len(incident.assets)),
    ):
        if parties:
            left = total - len(parties[:_PARTIES_SHOWN])
            more = f" and {left:,} more" if left > 0 else ""
            print(f"  {name:11} {safe(', '.join(parties[:_PARTIES_SHOWN]))}{more}")
    for title, lines in (
        ("why it was raised", incident.reasons),
        ("why this priority", [f"{k}: {v}" for k, v in incident.why.items()]),
        ("what to do", incident.runbook),
    ):
        if lines:
            print(f"{title}:")
            for number, line in enumerate(lines, 1):
                print(f"  {number}. {safe(line)}")
    if incident.evidence_path:
        print(f"evidence: {incident.evidence_path}  sha256 {incident.manifest_sha256}")
        words(f"next: tocsin evidence verify {incident.id}")
