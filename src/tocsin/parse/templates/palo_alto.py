"""Palo Alto's firewalls: THREAT, TRAFFIC, SYSTEM and GLOBALPROTECT records as comma separated values.

The addresses stand before anything that a client wrote (the URL of a threat). The category of a threat
("brute-force", "hacktool", "code-execution") comes near the end; one that stands there twice decides nothing.
Source: PAN-OS, "Syslog Field Descriptions".
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, Layout, Template

# Syslog's header or none of it; then future use, time of receipt, serial number.
_BEFORE = "<|{@timestamp:stamp} ><|{host.name:host} >1,{:trusted},{:word},"
_ENDS = (  # subtype, future use, time, source, destination, both behind NAT, rule, users, application ...
    ",{:trusted},{:trusted},{source.address},{destination.address:word},{:trusted},{:trusted},{:trusted},{:trusted},"
    "{:trusted},{network.application:trusted},{:trusted},{:trusted},{:trusted},{:trusted},{:trusted},{:trusted},{:trusted},"
    "{:trusted},{:trusted},{source.port:int},{destination.port:int},{:int},{:int},{:trusted},{network.transport:word},{message}"
)  # fmt: skip
_WEB = ("sql-injection", "code-execution", "info-leak", "command-execution", "http-evasion", "xss")


def _of(subtypes: str, templates: tuple[Template, ...]) -> Layout:
    lines = tuple(f"{_BEFORE}THREAT,{one}{_ENDS}" for one in subtypes.split())
    return Layout(
        f"palo_alto_{subtypes.split(maxsplit=1)[0].replace('-', '_')}",
        "paloalto",
        lines,
        templates=templates,
        is_certain=True,
    )


LAYOUTS = (
    _of("vulnerability", (
        Template("{:text}<,brute-force,|Brute Force|Brute-force>{:text}", "guessing_reported", "failure", PROBE),
        Template("{:text}<,hacktool,|,scan,|Scanner|Scanning Engine|Scripting Engine>{:text}", "scan_reported", "failure", PROBE),
        *(Template(f"{{:text}},{one},{{:text}}", "attack_reported", "failure", PROBE) for one in _WEB),
        Template("{:text},informational,{:text}", "alert_reported", "unknown", PROBE),
        Template("{:text}", "attack_reported", "failure", PROBE),
    )),
    _of("scan", (Template("{:text}", "scan_reported", "failure", PROBE),)),
    _of("spyware virus wildfire-virus", (Template("{:text}", "attack_reported", "failure", PROBE),)),
    _of("flood", (Template("{:text}", "flood_reported", "failure", PROBE),)),
    Layout("palo_alto_traffic", "paloalto", (
        f"{_BEFORE}TRAFFIC,drop{_ENDS}", f"{_BEFORE}TRAFFIC,deny{_ENDS}",
    ), templates=(Template("{:text}", "packet_refused", "failure", "network"),)),
)  # fmt: skip
