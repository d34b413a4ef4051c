"""The one line that a person reads first: who did what to whom, with a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.vocabulary import kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_GROUPS = {"*spoofed": "spoofed sources", "*reflectors": "reflectors"}
_MAC_PAIRS = [2] * 6
_SERVICE_NAMES = {"ssh": "SSH", "sudo": "sudo", "su": "su", "login": "console"}
_NEWCOMERS = frozenset({"new_service", "new_device"})  # nobody did anything to anybody


def title_of(
    *,
    kind: str,
    service: str | None,
    attackers: Sequence[str],
    victims: Sequence[str],
    users: Sequence[str],
    facts: Mapping[str, str | int | float],
    figure: str,
) -> str:
    """Return a title such as ``SSH password guessing by 203.0.113.9 against web01: ...``."""
    noun = kind_of(kind).noun
    if kind == "port_scan":
        noun = f"{_shape(facts, victims)} port scan".strip()
    elif kind == "account_compromise" and users:
        noun = f"account {users[0]!r} entered after password guessing"
    elif service in _SERVICE_NAMES:
        noun = f"{_SERVICE_NAMES[service]} {noun}"
    by = _group(_named(attackers), "source")
    is_new = kind in _NEWCOMERS
    against = _group(_named(victims) if is_new else victims, "host")
    text = noun[0].upper() + noun[1:]
    text += f" by {by}" if by else ""
    text += f" {'at' if is_new else 'against'} {against}" if against else ""
    return f"{text}: {figure}" if figure else text


def _shape(facts: Mapping[str, str | int | float], victims: Sequence[str]) -> str:
    """Return the scan's shape, unless it is told of one host and there are several."""
    shape = str(facts.get("scan", ""))
    return "" if shape == "vertical" and len(victims) > 1 else shape


def _named(parties: Sequence[str]) -> Sequence[str]:
    """Leave out hardware addresses where an address names the same sender."""
    return [p for p in parties if [len(part) for part in p.split(":")] != _MAC_PAIRS] or parties


def _group(parties: Sequence[str], noun: str) -> str:
    if not parties:
        return ""
    if len(parties) == 1:
        return _GROUPS.get(parties[0], parties[0])
    return f"{len(parties):,} {noun}s"
