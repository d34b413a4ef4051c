"""Probing as services log it: enough of it, of one source, is told once."""

from __future__ import annotations

import pytest

from tests.detect.messages import attacked, judged
from tocsin.core.log_messages import LogEvent
from tocsin.core.times import NS_PER_S
from tocsin.detect.service_probing import ServiceProbing
from tocsin.testing.log_messages import told
from tocsin.testing.scenes import START_NS


def probes(
    action: str, total: int, *, every_s: float = 1.0, dataset: str = "sshd"
) -> list[LogEvent]:
    return [
        told(START_NS + round(n * every_s * NS_PER_S), "203.0.113.9", action,
             category="intrusion_detection", dataset=dataset)
        for n in range(total)
    ]  # fmt: skip


def test_the_sixth_broken_handshake_is_told_with_its_figures() -> None:
    (found,) = judged(ServiceProbing, probes("ssh_negotiation", 7))

    assert (found.kind, found.attackers, found.victims) == (
        "host_discovery", ("203.0.113.9",), ("web01",),
    )  # fmt: skip
    assert found.reason == (
        "6 events of sshd that no client causes by accident (ssh negotiation) in 5 s; "
        "6 within 10 min is the bound"
    )


@pytest.mark.parametrize(
    ("action", "total", "kind"),
    [
        ("waf_blocked", 1, "web_attack"),
        ("port_scan_reported", 1, "port_scan"),
        ("smtp_user_unknown", 6, "user_enumeration"),
        ("http_probe", 6, "web_scan"),
        ("vpn_probe", 4, "brute_force"),
        ("ssh_protocol_error", 4, "brute_force"),
        ("ssh_bad_banner", 6, "brute_force"),
        ("guessing_reported", 1, "brute_force"),
        ("scan_reported", 1, "port_scan"),
        ("web_scan_reported", 1, "web_scan"),
        ("flood_reported", 1, "http_flood"),
    ],
)
def test_what_is_probed_names_the_kind(action: str, total: int, kind: str) -> None:
    assert judged(ServiceProbing, probes(action, total - 1)) == []
    assert [found.kind for found in judged(ServiceProbing, probes(action, total))] == [kind]


def test_a_few_an_hour_are_nothing() -> None:
    assert judged(ServiceProbing, probes("ssh_negotiation", 40, every_s=400.0)) == []


def test_what_another_tool_did_about_it_is_nothing() -> None:
    assert judged(ServiceProbing, probes("address_banned", 40)) == []


def test_conformance_attack_raises_once() -> None:
    assert len(attacked(ServiceProbing)) == 1
