"""The scenes that rule files name in their tests, and which rules raise on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.errors import ConfigError
from tocsin.core.inputs import Block, SourceStatus
from tocsin.pipeline.engine import Engine
from tocsin.testing import (
    calm_week,
    captures,
    floods,
    intruders,
    logs,
    ssh_talks,
    talks,
    uploads,
    web_captures,
)
from tocsin.testing import sly_captures as sly

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.pipeline.wiring import Wiring


def _guessing() -> bytes:
    return b"".join(logs.guessing(at_s=0, failures=40))


def _guessing_that_succeeds() -> bytes:
    return _guessing() + logs.accepted(60, source="203.0.113.9", port=41_000)


def _background_noise() -> bytes:
    lines = [
        logs.failed(n * 600, source=f"203.0.113.{n % 12 + 1}", port=40_000 + n) for n in range(48)
    ]
    return b"".join(lines)


SCENES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "calm_web": ("packets", lambda: captures.pcap(captures.calm_web(seconds=90))),
    "port_scan": ("packets", lambda: captures.pcap(captures.port_scan(at_s=0, ports=40))),
    "worm": ("packets", lambda: captures.pcap(captures.worm(at_s=0, hosts=40))),
    "syn_flood": (
        "packets",
        lambda: captures.pcap(captures.syn_flood(at_s=0, packets=3000, rate_s=1500)),
    ),
    "calm_browsing": ("packets", lambda: captures.pcap(web_captures.calm_browsing())),
    "web_attack": ("packets", lambda: captures.pcap(web_captures.web_attack())),
    "web_scan": ("packets", lambda: captures.pcap(web_captures.web_scan())),
    "web_guessing": ("packets", lambda: captures.pcap(web_captures.web_guessing())),
    "http_flood": ("packets", lambda: captures.pcap(web_captures.http_flood())),
    "slow_http": ("packets", lambda: captures.pcap(web_captures.slow_http())),
    "slow_read": ("packets", lambda: captures.pcap(web_captures.slow_read())),
    "slow_disks": ("packets", lambda: captures.pcap(web_captures.slow_disks())),
    "udp_flood": (
        "packets",
        lambda: captures.pcap(floods.udp_flood(at_s=0, packets=3000, rate_s=6000)),
    ),
    "icmp_flood": (
        "packets",
        lambda: captures.pcap(floods.icmp_flood(at_s=0, packets=1500, rate_s=1500)),
    ),
    "tcp_flood": (
        "packets",
        lambda: captures.pcap(floods.tcp_flood(at_s=0, packets=3000, rate_s=6000)),
    ),
    "ipv6_dos": (
        "packets",
        lambda: captures.pcap(floods.ipv6_flood(at_s=0, packets=1500, rate_s=1500)),
    ),
    "amplification": (
        "packets",
        lambda: captures.pcap(floods.amplification(at_s=0, packets=1500, rate_s=3000)),
    ),
    "reflector": (
        "packets",
        lambda: captures.pcap(floods.reflector(at_s=0, packets=1500, rate_s=1000)),
    ),
    "tcp_reflection": (
        "packets",
        lambda: captures.pcap(floods.tcp_reflection(at_s=0, packets=1500, rate_s=1500)),
    ),
    "calm_datagrams": ("packets", lambda: captures.pcap(floods.calm_datagrams())),
    "login_guessing": ("packets", lambda: captures.pcap(talks.ftp_guessing(tries=40))),
    "kerberos_guessing": ("packets", lambda: captures.pcap(talks.kerberos_spraying())),
    "smb_exploit": ("packets", lambda: captures.pcap(talks.smb1_session_setup())),
    "lateral_movement": ("packets", lambda: captures.pcap(talks.remote_execution())),
    "calm_logins": ("packets", lambda: captures.pcap(talks.calm_logins())),
    "thief_mail": ("packets", lambda: captures.pcap(uploads.thief_mail())),
    "raw_upload": (
        "packets",
        lambda: captures.pcap([*uploads.raw_upload(), *uploads.raw_upload(port=4445, at_s=3.0)]),
    ),
    "dump_fetched": ("packets", lambda: captures.pcap(uploads.dump_fetched())),
    "calm_uploads": ("packets", lambda: captures.pcap(uploads.calm_uploads())),
    "arp_spoofing": ("packets", lambda: captures.pcap(sly.arp_spoofing())),
    "arp_sweep": ("packets", lambda: captures.pcap(sly.arp_sweep())),
    "rogue_dhcp": ("packets", lambda: captures.pcap(sly.rogue_dhcp())),
    "dns_tunnel": ("packets", lambda: captures.pcap(sly.dns_tunnel())),
    "generated_names": ("packets", lambda: captures.pcap(sly.generated_names())),
    "icmp_tunnel": ("packets", lambda: captures.pcap(sly.icmp_tunnel())),
    "beacon": ("packets", lambda: captures.pcap(sly.beacon())),
    "reverse_shell": ("packets", lambda: captures.pcap(sly.reverse_shell())),
    "slow_scan": ("packets", lambda: captures.pcap(sly.slow_scan())),
    "ssh_guessing": (
        "packets",
        lambda: captures.pcap(ssh_talks.guessing(connections=40, tries=1)),
    ),
    "guessing": ("log", _guessing),
    "guessing_that_succeeds": ("log", _guessing_that_succeeds),
    "service_probing": ("log", lambda: b"".join(logs.probing(probes=8))),
    "event_rules": ("log", lambda: b"".join(logs.self_test())),
    "firewall_scan": ("log", lambda: b"".join(logs.refused_packets(ports=20))),
    "host_fault": ("log", lambda: b"".join(logs.crash_loop(crashes=4))),
    "post_exploitation": ("log", lambda: b"".join(logs.decoded_and_run())),
    "background_noise": ("log", _background_noise),
    "focused_guessing": ("log", lambda: b"".join(intruders.focused_guessing())),
    "password_spraying": ("log", lambda: b"".join(intruders.spraying())),
    "privilege_abuse": ("log", intruders.not_in_sudoers),
    "persistence": ("log", lambda: intruders.new_account(0)),
    "log_tampering": (
        "log",
        lambda: intruders.sudo(0, "/usr/bin/truncate -s 0 /var/log/auth.log"),
    ),
    "http_error_burst": ("log", lambda: b"".join(intruders.failing_server())),
    "api_abuse": ("log", lambda: b"".join(intruders.refused_client())),
    "ordinary_week": ("log", lambda: b"".join(calm_week.ordinary_week())),
    "calm_access": ("log", lambda: b"".join(calm_week.calm_access())),
    "settled_program": ("log", lambda: b"".join(logs.settled_program())),
    "new_template": ("log", lambda: b"".join(logs.never_written())),
    "unusual_window": ("log", lambda: b"".join(logs.unusual_window())),
    "ordinary_day": ("log", lambda: b"".join(logs.ordinary_day())),
}


def rules_raised(scene: str, *, wiring: Wiring) -> frozenset[str]:
    """Return the ids of the rules whose detections ended in an incident.

    Raises `ConfigError` for a scene that does not exist.
    """
    if scene not in SCENES:
        raise ConfigError(f"no scene is called {scene!r}; there are {', '.join(SCENES)}")
    medium, make = SCENES[scene]
    engine = Engine(wiring, hold=True)
    opened = SourceStatus(scene, "opened", medium, "scene", time_ns=1_770_000_000_000_000_000)
    commands = [*engine.feed(opened), *engine.feed(Block(scene, make(), 0))]
    commands += [*engine.feed(SourceStatus(scene, "ended")), *engine.finish()]
    return frozenset(
        detection.rule
        for command in commands
        if (incident := getattr(command, "incident", None)) is not None
        for detection in incident.detections
    )
