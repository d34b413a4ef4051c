"""Truth files: what is really in a capture, so that what was found can be scored.

The format and the table of allowed kinds stand in the contract ("Truth files").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

from tocsin.core.errors import ConfigError

_OWN = [
    "syn_flood",
    "udp_flood",
    "icmp_flood",
    "http_flood",
    "slow_http_dos",
    "tcp_reflection",
    "arp_spoof",
    "dns_tunnel",
    "icmp_tunnel",
    "dga",
    "lateral_movement",
    "web_scan",
    "exploit",
]
ALLOWED: dict[str, frozenset[str]] = {
    **{kind: frozenset({kind}) for kind in _OWN},
    "port_scan_vertical": frozenset({"port_scan"}),
    "port_scan_horizontal": frozenset({"port_scan", "worm"}),
    "tcp_syn_scan": frozenset({"port_scan"}),
    "tcp_ack_scan": frozenset({"port_scan"}),
    "udp_scan": frozenset({"port_scan"}),
    "slow_scan": frozenset({"port_scan"}),
    "vuln_scan": frozenset({"port_scan", "web_scan"}),
    "arp_scan": frozenset({"host_discovery"}),
    "icmp_scan": frozenset({"host_discovery"}),
    "host_discovery": frozenset({"host_discovery"}),
    "tcp_ping_sweep": frozenset({"host_discovery", "port_scan"}),
    "ddos_spoofed": frozenset({"syn_flood"}),
    "udp_amplification": frozenset({"amplification"}),
    "dns_amplification": frozenset({"amplification"}),
    "ipv6_dos": frozenset({"ipv6_dos"}),
    "smurf": frozenset({"icmp_flood", "amplification"}),
    "brute_force_smb": frozenset({"brute_force", "password_spray"}),
    "brute_force_netlogon": frozenset({"brute_force", "exploit"}),
    "password_spray_kerberos": frozenset({"password_spray", "user_enumeration", "brute_force"}),
    **{kind: frozenset({"c2", "c2_beacon"}) for kind in ("c2", "rat", "ransomware", "c2_beacon")},
    "exfiltration": frozenset({"exfiltration", "unusual_data_access"}),
    "infostealer": frozenset({"exfiltration", "unusual_data_access", "c2"}),
    **{
        kind: frozenset({"web_attack"})
        for kind in ("web_attack", "sql_injection", "path_traversal", "log4shell")
    },
    "smb_exploit": frozenset({"exploit"}),
    "worm": frozenset({"worm", "port_scan"}),
    "iot_botnet": frozenset({"worm", "port_scan"}),
    **{kind: frozenset() for kind in ("ddos", "ddos_low_rate", "synthetic", "ip_fragments")},
}
LABELS = frozenset({"attack", "benign", "benign_or_none", "mixed", "unlabelled"})


def allowed_kinds(truth_kind: str) -> frozenset[str]:
    """Return the incident kinds that are right for a truth kind.

    ``brute_force_*`` allows ``brute_force``; a kind outside the table allows itself.
    """
    if truth_kind in ALLOWED:
        return ALLOWED[truth_kind]
    if truth_kind.startswith("brute_force"):
        return frozenset({"brute_force"})
    return frozenset({truth_kind})


@dataclass(frozen=True, slots=True)
class FileTruth:
    """What one file holds; only ``label`` is required. Times are seconds since the epoch."""

    name: str
    label: str
    kinds: tuple[str, ...] = ()
    attackers: tuple[str, ...] = ()
    victims: tuple[str, ...] = ()
    attack_start: float | None = None
    active_s: float = 0.0
    is_decidable: bool = True
    also: tuple[FileTruth, ...] = field(default=())

    def allows(self, kinds: set[str]) -> bool:
        """Tell whether one of an incident's kinds is right for one of this truth's kinds."""
        return any(kinds & allowed_kinds(kind) for kind in self.kinds)

    def names(self, parties: list[str]) -> bool:
        """Tell whether a party of the incident is one of this truth's attackers or victims.

        A truth that names nobody can be held to its kinds alone.
        """
        return not self.parties or any(
            _same(entry, party) for entry in self.parties for party in parties
        )

    @property
    def parties(self) -> tuple[str, ...]:
        """Attackers and victims together."""
        return (*self.attackers, *self.victims)


def _same(entry: str, party: str) -> bool:
    if "*" in entry or entry.casefold() == party.casefold():
        return True
    try:
        return ip_address(party) in ip_network(entry, strict=False)
    except ValueError:  # a MAC address or a group
        return False


def read_truth(document: Any, *, where: str) -> tuple[FileTruth, ...]:
    """Return the truth of each file of a parsed truth document, in its order.

    Raises `ConfigError` when the document isn't of that form.
    """
    files = document.get("files") if isinstance(document, dict) else None
    if not isinstance(files, dict):
        raise ConfigError('expected an object with "files"', where=where)
    return tuple(_file_truth(name, entry, where=where) for name, entry in files.items())


def _file_truth(name: str, entry: dict[str, Any], *, where: str) -> FileTruth:
    label = entry.get("label")
    if label not in LABELS:
        raise ConfigError(
            f"label of {name} must be one of {sorted(LABELS)}, got {label!r}", where=where
        )
    return FileTruth(
        name=name,
        label="benign" if label == "benign_or_none" else label,
        kinds=tuple(entry.get("kinds") or ()),
        attackers=tuple(entry.get("attackers") or ()),
        victims=tuple(entry.get("victims") or ()),
        attack_start=entry.get("attack_start"),
        active_s=float(entry.get("active_s") or 0.0),
        is_decidable=entry.get("decidable") is not False,
        also=tuple(
            FileTruth(
                name=name,
                label="attack",
                kinds=tuple(item.get("kinds") or ()),
                attackers=tuple(item.get("attackers") or ()),
                victims=tuple(item.get("victims") or ()),
            )
            for item in entry.get("also") or ()
        ),
    )
