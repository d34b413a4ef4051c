"""A casebook as plain values and back, so that a daemon goes on where it stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.core.codec import detection_from_plain, detection_to_plain
from tocsin.core.detection import Counts
from tocsin.incidents.case import Case
from tocsin.incidents.parties import Parties

if TYPE_CHECKING:
    from tocsin.incidents.casebook import Casebook


def casebook_to_plain(book: Casebook) -> dict[str, Any]:
    """Return cases, identities and accounts, ready for `json.dumps`."""
    return {
        "cases": [_case_to_plain(case) for case in book.cases()],
        "links": [[*key, address] for key, address in book.identity.links()],
        "accounts": {
            "attached": book.accounts.attached,
            "suppressed": book.accounts.suppressed,
            "opened": book.accounts.opened,
            "by_rule": book.accounts.by_rule,
        },
    }


def fill_casebook(book: Casebook, plain: dict[str, Any]) -> None:
    """Put back what `casebook_to_plain` took; the book must be fresh."""
    for site, name, address in plain["links"]:  # first: `adopt` looks hosts up
        book.identity.link(site=site, name=name, address=address)
    for item in plain["cases"]:
        book.adopt(_case_from_plain(item))
    accounts = plain["accounts"]
    book.accounts.attached = accounts["attached"]
    book.accounts.suppressed = accounts["suppressed"]
    book.accounts.opened = accounts["opened"]
    book.accounts.by_rule = dict(accounts["by_rule"])


def _case_to_plain(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "site": case.site,
        "key": list(case.key),
        "mode": case.mode,
        "opening": detection_to_plain(case.opening),
        "stages": case.stages,
        "details": [detection_to_plain(d) for d in case.details.values()],
        "totals": [
            [episode, source, group, [c.events, c.packets, c.flows, c.bytes]]
            for episode, (source, group, c) in case.totals.items()
        ],
        "attackers": case.attackers.state(),
        "victims": case.victims.state(),
        "hosts": case.hosts.state(),
        "users": case.users.state(),
        "ports": {attacker: sorted(ports) for attacker, ports in case.ports.items()},
        "confidences": case.confidences,
        "grounds": list(case.grounds),
        "first_ns": case.first_ns,
        "last_ns": case.last_ns,
    }


def _case_from_plain(plain: dict[str, Any]) -> Case:
    case = Case(
        plain["site"], tuple(plain["key"]), plain["mode"], detection_from_plain(plain["opening"])
    )
    case.id = plain["id"]
    case.stages = dict(plain["stages"])
    details = [detection_from_plain(item) for item in plain["details"]]
    case.details = {d.episode: d for d in details}
    case.totals = {
        episode: (source, group, Counts(*counts))
        for episode, source, group, counts in plain["totals"]
    }
    case.attackers = Parties.restored(plain["attackers"])
    case.victims = Parties.restored(plain["victims"])
    case.hosts = Parties.restored(plain["hosts"])
    case.users = Parties.restored(plain["users"])
    case.ports = {attacker: set(ports) for attacker, ports in plain["ports"].items()}
    case.confidences = dict(plain["confidences"])
    case.grounds = dict.fromkeys(plain["grounds"])
    case.first_ns, case.last_ns = plain["first_ns"], plain["last_ns"]
    return case
