"""Port scans in the logs of firewalls."""

from __future__ import annotations

from tests.detect.messages import attacked, judged
from tocsin.core.log_messages import LogEvent
from tocsin.core.times import NS_PER_S
from tocsin.detect.firewall_scan import FirewallScan
from tocsin.testing.log_messages import told
from tocsin.testing.scenes import START_NS


def refused(pairs: list[tuple[str, int]], *, every_s: int = 1) -> list[LogEvent]:
    return [
        told(START_NS + n * every_s * NS_PER_S, "203.0.113.9", "packet_refused", category="network",
             facts={"destination.ip": host, "destination.port": port, "network.transport": "TCP"})
        for n, (host, port) in enumerate(pairs)
    ]  # fmt: skip


def test_the_twelfth_port_is_a_vertical_scan() -> None:
    (found,) = judged(FirewallScan, refused([("192.0.2.5", 20 + n) for n in range(13)]))

    assert (found.kind, found.facts["scan"], found.victims) == (
        "port_scan", "vertical", ("192.0.2.5",),
    )  # fmt: skip
    assert found.reason == (
        "a firewall logged 12 different targets (12 ports of 1 host) in 11 s; "
        "12 within 10 min is the bound"
    )


def test_one_port_of_many_hosts_is_a_horizontal_scan() -> None:
    (found,) = judged(FirewallScan, refused([(f"192.0.2.{n}", 22) for n in range(12)]))

    assert (found.facts["scan"], found.figure) == ("horizontal", "1 port of 12 hosts")


def test_a_client_that_retries_is_no_scan() -> None:
    assert judged(FirewallScan, refused([("192.0.2.5", 443)] * 200)) == []


def test_few_ports_an_hour_are_no_scan() -> None:
    pairs = [("192.0.2.5", 20 + n) for n in range(24)]

    assert judged(FirewallScan, refused(pairs, every_s=120)) == []


def test_conformance_attack_raises_once() -> None:
    assert len(attacked(FirewallScan)) == 1
