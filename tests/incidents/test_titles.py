"""Titles say who did what to whom, and nothing that one of the parties belies."""

from __future__ import annotations

import pytest

from tocsin.incidents.titles import title_of


def _scan(scan: str, victims: list[str]) -> str:
    return title_of(
        kind="port_scan",
        service=None,
        attackers=["203.0.113.9"],
        victims=victims,
        users=[],
        facts={"scan": scan},
        figure="54 ports in 2 min",
    )


@pytest.mark.parametrize(
    ("scan", "victims", "title"),
    [
        (
            "vertical",
            ["192.0.2.1"],
            "Vertical port scan by 203.0.113.9 against 192.0.2.1: 54 ports in 2 min",
        ),
        (
            "vertical",
            ["192.0.2.1", "192.0.2.2"],
            "Port scan by 203.0.113.9 against 2 hosts: 54 ports in 2 min",
        ),
        (
            "horizontal",
            ["192.0.2.1", "192.0.2.2"],
            "Horizontal port scan by 203.0.113.9 against 2 hosts: 54 ports in 2 min",
        ),
    ],
)
def test_a_scan_of_several_hosts_is_not_called_vertical(
    scan: str, victims: list[str], title: str
) -> None:
    assert _scan(scan, victims) == title


@pytest.mark.parametrize(
    ("kind", "victims", "title"),
    [
        ("new_service", ["10.0.0.5"], "New service at 10.0.0.5: port 22"),
        ("new_device", ["00:16:3e:00:00:07", "10.0.0.5"], "New device at 10.0.0.5: port 22"),
    ],
)
def test_what_is_new_was_done_against_nobody(kind: str, victims: list[str], title: str) -> None:
    found = title_of(
        kind=kind, service=None, attackers=[], victims=victims, users=[], facts={}, figure="port 22"
    )

    assert found == title
