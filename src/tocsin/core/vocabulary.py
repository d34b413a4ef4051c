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


_SECURITY, _NETWORK, _OPERATIONAL = "security", "network", "operational"
_SOFTWARE, _HARDWARE = "software", "hardware"
_GATHER, _ATTEMPT, _INTRUSION = "information-gathering", "intrusion-attempts", "intrusions"
_AVAILABILITY, _MALWARE = "availability", "malicious-code"
_CONTENT, _OTHER = "information-content-security", "other"

# fmt: off
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("host_discovery", "host discovery", _SECURITY, _GATHER, 15, "low", "T1018"),
        Kind("port_scan", "port scan", _SECURITY, _GATHER, 20, "medium", "T1046"),
        Kind("api_abuse", "abuse of an interface", _SECURITY, _ATTEMPT, 21, "medium", "T1190"),
        Kind("web_scan", "web scan", _SECURITY, _GATHER, 22, "medium", "T1595.002"),
        Kind("user_enumeration", "user enumeration", _SECURITY, _GATHER, 25, "low", "T1589"),
        Kind("brute_force", "password guessing", _SECURITY, _ATTEMPT, 40, "medium", "T1110.001"),
        Kind("password_spray", "password spraying", _SECURITY, _ATTEMPT, 42, "medium", "T1110.003"),
        Kind("web_attack", "web attack", _SECURITY, _ATTEMPT, 50, "medium", "T1190"),
        Kind("rogue_dhcp", "rogue DHCP server", _SECURITY, _ATTEMPT, 56, "medium", "T1557.003"),
        Kind("arp_spoof", "ARP spoofing", _SECURITY, _ATTEMPT, 58, "high", "T1557.002"),
        Kind("unusual_login", "unusual login", _SECURITY, _INTRUSION, 45, "low", "T1078"),
        Kind("lateral_movement", "lateral movement", _SECURITY, _INTRUSION, 70, "high",
             "T1021.002"),
        Kind("privilege_abuse", "privilege abuse", _SECURITY, _INTRUSION, 75, "high", "T1548"),
        Kind("log_tampering", "log tampering", _SECURITY, _INTRUSION, 76, "high", "T1070"),
        Kind("persistence", "persistence", _SECURITY, _INTRUSION, 78, "high", "T1543"),
        Kind("exploit", "exploit", _SECURITY, _INTRUSION, 80, "high", "T1210"),
        Kind("account_compromise", "account compromise", _SECURITY, _INTRUSION, 90, "high",
             "T1078"),
        Kind("dga", "search for generated names", _SECURITY, _MALWARE, 64, "medium", "T1568.002"),
        Kind("c2_beacon", "beacon", _SECURITY, _MALWARE, 65, "medium", "T1071"),
        Kind("c2", "command and control", _SECURITY, _MALWARE, 84, "high", "T1071"),
        Kind("worm", "worm", _SECURITY, _MALWARE, 85, "high", "T1210"),
        Kind("unusual_data_access", "unusual data access", _SECURITY, _CONTENT, 44, "low",
             "T1530"),
        Kind("icmp_tunnel", "ICMP tunnel", _SECURITY, _CONTENT, 66, "high", "T1095"),
        Kind("dns_tunnel", "DNS tunnel", _SECURITY, _CONTENT, 68, "high", "T1071.004"),
        Kind("exfiltration", "exfiltration", _SECURITY, _CONTENT, 82, "high", "T1048"),
        Kind("syn_flood", "SYN flood", _SECURITY, _AVAILABILITY, 60, "high", "T1499.001", 900),
        Kind("tcp_flood", "TCP flood", _SECURITY, _AVAILABILITY, 60, "high", "T1499.001", 900),
        Kind("udp_flood", "UDP flood", _SECURITY, _AVAILABILITY, 60, "high", "T1498.001", 900),
        Kind("icmp_flood", "ICMP flood", _SECURITY, _AVAILABILITY, 60, "high", "T1498.001", 900),
        Kind("http_flood", "HTTP flood", _SECURITY, _AVAILABILITY, 60, "high", "T1499.002", 900),
        Kind("slow_http_dos", "slow HTTP attack", _SECURITY, _AVAILABILITY, 60, "high",
             "T1499.002", 900),
        Kind("ipv6_dos", "IPv6 flood", _SECURITY, _AVAILABILITY, 61, "high", "T1498.001", 900),
        Kind("tcp_reflection", "TCP reflection", _SECURITY, _AVAILABILITY, 61, "high",
             "T1498.002", 900),
        Kind("amplification", "UDP amplification", _SECURITY, _AVAILABILITY, 62, "high",
             "T1498.002", 900),
        Kind("traffic_spike", "traffic spike", _NETWORK, _AVAILABILITY, 10, "low", "T1498", 900),
        Kind("unusual_traffic", "unusual traffic", _NETWORK, _OTHER, 8, "low", None, 3600),
        Kind("new_service", "new service", _OPERATIONAL, _OTHER, 7, "low", None),
        Kind("new_device", "new device", _OPERATIONAL, _OTHER, 7, "low", None, 24 * 3600),
        Kind("log_anomaly", "unusual events", _OPERATIONAL, _OTHER, 6, "low", None),
        Kind("baseline_shift", "lasting change of level", _OPERATIONAL, _OTHER, 5, "low", None),
        Kind("crash_loop", "crash loop", _SOFTWARE, _AVAILABILITY, 34, "medium", None),
        Kind("service_down", "service down", _SOFTWARE, _AVAILABILITY, 36, "medium", None),
        Kind("resource_exhaustion", "exhausted resource", _OPERATIONAL, _AVAILABILITY, 33, "medium",
             None),
        Kind("disk_failure", "failing disk", _HARDWARE, _AVAILABILITY, 37, "high", None, 24 * 3600),
        Kind("memory_error", "memory error", _HARDWARE, _AVAILABILITY, 35, "medium", None,
             24 * 3600),
        Kind("overheating", "overheated hardware", _HARDWARE, _AVAILABILITY, 33, "medium", None),
        Kind("power_failure", "power failure", _HARDWARE, _AVAILABILITY, 34, "medium", None),
        Kind("certificate_expiry", "expiring certificate", _OPERATIONAL, _AVAILABILITY, 30, "low",
             None, 24 * 3600),
        Kind("error_burst", "burst of errors", _SOFTWARE, _AVAILABILITY, 31, "medium", None),
        Kind("link_flap", "flapping link", _NETWORK, _AVAILABILITY, 32, "low", None),
        Kind("log_silence", "silent log", _OPERATIONAL, _OTHER, 9, "low", None),
        Kind("detector_fault", "detector fault", _SOFTWARE, _OTHER, 4, "low", None),
    )
}
# fmt: on
# Kinds that say that something is odd about a host, not what was done to it.
SHAPELESS = frozenset({"unusual_traffic", "traffic_spike", "baseline_shift"})


def kind_of(name: str) -> Kind:
    """Return a kind; one that a plugin invents counts as a ``medium`` attempt."""
    known = KINDS.get(name)
    if known is not None:
        return known
    return Kind(name, name.replace("_", " "), _SECURITY, _ATTEMPT, 30, "medium", None)
