"""What kind of incident a rule of others ends in: by the ATT&CK tactics among its tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# In the order of gravity: the first tactic that a rule names counts.
_TACTICS = (
    ("command-and-control", "c2"),
    ("exfiltration", "exfiltration"),
    ("lateral-movement", "lateral_movement"),
    ("persistence", "persistence"),
    ("privilege-escalation", "privilege_abuse"),
    ("stealth", "log_tampering"),
    ("defense-evasion", "log_tampering"),
    ("defense-impairment", "log_tampering"),
    ("credential-access", "account_compromise"),
    ("initial-access", "exploit"),
    ("execution", "exploit"),
    ("impact", "resource_exhaustion"),
    ("collection", "unusual_data_access"),
    ("discovery", "host_discovery"),
    ("reconnaissance", "host_discovery"),
)


def kind_for(tags: Sequence[str]) -> str:
    """Return the kind for the tactics of a rule, ``log_anomaly`` when it names none.

    >>> kind_for(["attack.t1053", "attack.persistence"])
    'persistence'
    """
    named = {tag.removeprefix("attack.").replace("_", "-") for tag in tags}
    return next((kind for tactic, kind in _TACTICS if tactic in named), "log_anomaly")
