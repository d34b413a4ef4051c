"""The closed lists of the contract: levels, kinds and what each kind means.

Categories follow the RSIT reference taxonomy (ENISA / TF-CSIRT, version 1003);
techniques are MITRE ATT&CK identifiers.
"""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = ("info", "low", "medium", "high", "critical")
STATUSES = ("new", "triaged", "contained", "eradicated", "recovered", "closed")


def level_rank(level: str) -> int:
    """Return 0 for ``info`` up to 4 for ``critical``; raises `ValueError` for other words."""
    return LEVELS.index(level)


@dataclass(frozen=True, slots=True)
class Kind:
    """What an incident kind is: its type, RSIT category, gravity and usual technique.

    ``gravity`` orders stages: an incident is named after its gravest stage. ``folds_s`` is
    the longest silence that still belongs to one attack.
    """

    name: str
    noun: str
    type: str
    category: str
    gravity: int
    severity: str
    technique: str | None
    folds_s: int = 4 * 3600


_SECURITY, _GATHER, _ATTEMPT, _INTRUSION = (
    "security",
    "information-gathering",
    "intrusion-attempts",
    "intrusions",
)
_AVAILABILITY, _MALWARE = "availability", "malicious-code"

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("port_scan", "port scan", _SECURITY, _GATHER, 20, "medium", "T1046"),
        Kind("host_discovery", "host discovery", _SECURITY, _GATHER, 15, "low", "T1018"),
        Kind("user_enumeration", "user enumeration", _SECURITY, _GATHER, 25, "low", "T1589"),
        Kind("brute_force", "password guessing", _SECURITY, _ATTEMPT, 40, "medium", "T1110.001"),
        Kind("password_spray", "password spraying", _SECURITY, _ATTEMPT, 42, "medium", "T1110.003"),
        Kind(
            "account_compromise", "account compromise", _SECURITY, _INTRUSION, 90, "high", "T1078"
        ),
        Kind("unusual_login", "unusual login", _SECURITY, _INTRUSION, 45, "low", "T1078"),
        Kind("syn_flood", "SYN flood", _SECURITY, _AVAILABILITY, 60, "high", "T1499.001", 900),
        Kind("udp_flood", "UDP flood", _SECURITY, _AVAILABILITY, 60, "high", "T1498.001", 900),
        Kind("icmp_flood", "ICMP flood", _SECURITY, _AVAILABILITY, 60, "high", "T1498.001", 900),
        Kind("tcp_flood", "TCP flood", _SECURITY, _AVAILABILITY, 60, "high", "T1499.001", 900),
        Kind("ipv6_dos", "IPv6 flood", _SECURITY, _AVAILABILITY, 61, "high", "T1498.001", 900),
        Kind(
            "amplification",
            "UDP amplification",
            _SECURITY,
            _AVAILABILITY,
            62,
            "high",
            "T1498.002",
            900,
        ),
        Kind(
            "tcp_reflection",
            "TCP reflection",
            _SECURITY,
            _AVAILABILITY,
            61,
            "high",
            "T1498.002",
            900,
        ),
        Kind("traffic_spike", "traffic spike", "network", _AVAILABILITY, 10, "low", "T1498", 900),
        Kind("baseline_shift", "lasting change of level", "operational", "other", 5, "low", None),
        Kind("log_anomaly", "unusual events", "operational", "other", 6, "low", None),
        Kind("unusual_traffic", "unusual traffic", "network", "other", 8, "low", None, 3600),
        Kind("detector_fault", "detector fault", "software", "other", 4, "low", None),
    )
}


def kind_of(name: str) -> Kind:
    """Return a kind; one that a plugin invents counts as a ``medium`` attempt."""
    known = KINDS.get(name)
    if known is not None:
        return known
    return Kind(name, name.replace("_", " "), _SECURITY, _ATTEMPT, 30, "medium", None)
