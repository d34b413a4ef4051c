"""Finding detectors: every module of the package, by the name that rules use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tocsin.core.errors import ConfigError
from tocsin.detect import registry
from tocsin.detect.base import AUTH_TRIPS, MESSAGES, PACKET_TRIPS, WINDOWS, Policy, Stateless
from tocsin.detect.syn_flood import SynFlood

if TYPE_CHECKING:
    from collections.abc import Iterator


class Point:
    """An announced class, as an installed plugin's entry point gives it."""

    def __init__(self, name: str, cls: type) -> None:
        self.name, self._cls = name, cls

    def load(self) -> type:
        return self._cls


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Point]]:
    points: list[Point] = []
    monkeypatch.setattr(registry, "entry_points", lambda group: points if group else [])
    registry.detector_classes.cache_clear()
    yield points
    registry.detector_classes.cache_clear()


def test_all_shipped_detectors_are_found_by_name() -> None:
    wants = {name: cls.wants for name, cls in registry.detector_classes().items()}

    assert wants == {
        "account_compromise": AUTH_TRIPS,
        "api_abuse": MESSAGES,
        "distributed_guessing": AUTH_TRIPS,
        "http_error_burst": MESSAGES,
        "log_silence": MESSAGES,
        "log_tampering": MESSAGES,
        "password_spraying": AUTH_TRIPS,
        "persistence": MESSAGES,
        "privilege_abuse": MESSAGES,
        "unusual_login": MESSAGES,
        "amplification": PACKET_TRIPS,
        "arp_spoof": MESSAGES,
        "beacon": MESSAGES,
        "dga": MESSAGES,
        "dns_tunnel": MESSAGES,
        "event_rules": MESSAGES,
        "firewall_scan": MESSAGES,
        "guessing_noise": AUTH_TRIPS,
        "host_fault": MESSAGES,
        "service_probing": MESSAGES,
        "host_discovery": MESSAGES,
        "http_flood": MESSAGES,
        "icmp_flood": PACKET_TRIPS,
        "icmp_tunnel": MESSAGES,
        "ipv6_dos": PACKET_TRIPS,
        "kerberos_guessing": MESSAGES,
        "lateral_movement": MESSAGES,
        "login_guessing": MESSAGES,
        "new_device": MESSAGES,
        "new_service": MESSAGES,
        "new_template": MESSAGES,
        "template_counts": MESSAGES,
        "port_scan": PACKET_TRIPS,
        "post_exploitation": MESSAGES,
        "port_scan_slow": PACKET_TRIPS,
        "remote_control": MESSAGES,
        "rogue_dhcp": MESSAGES,
        "slow_http": MESSAGES,
        "smb_exploit": MESSAGES,
        "ssh_guessing": AUTH_TRIPS,
        "ssh_guessing_flows": PACKET_TRIPS,
        "syn_flood": PACKET_TRIPS,
        "tcp_flood": PACKET_TRIPS,
        "tcp_reflection": PACKET_TRIPS,
        "traffic_level_shift": PACKET_TRIPS,
        "traffic_spike": PACKET_TRIPS,
        "udp_flood": PACKET_TRIPS,
        "unusual_traffic": WINDOWS,
        "web_attack": MESSAGES,
        "web_guessing": MESSAGES,
        "web_scan": MESSAGES,
        "exfiltration": MESSAGES,
        "unusual_data_access": MESSAGES,
        "worm": PACKET_TRIPS,
    }


def test_a_plugin_is_found_by_its_entry_point(announced: list[Point]) -> None:
    class Watchtower(SynFlood):
        name = "watchtower"

    announced.append(Point("watchtower", Watchtower))

    assert registry.detector_classes()["watchtower"] is Watchtower


def test_two_detectors_of_one_name_are_refused(announced: list[Point]) -> None:
    announced.append(Point("another", SynFlood))

    with pytest.raises(
        ConfigError, match="entry point another: two detectors are called 'syn_flood'"
    ):
        registry.detector_classes()


def test_a_detector_without_memory_refuses_a_state() -> None:
    class Plain(Stateless):
        def __init__(self, policy: Policy) -> None:
            self.policy = policy

    with pytest.raises(ValueError, match=r"keeps no state, got \['seen'\]"):
        Plain(Policy(rule="r", parameters=None)).restore({"seen": 1})  # type: ignore[arg-type]
