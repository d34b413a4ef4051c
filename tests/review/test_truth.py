"""Truth files: what counts as found."""

from __future__ import annotations

import pytest

from tocsin.core.errors import ConfigError
from tocsin.review.truth import FileTruth, allowed_kinds, read_truth


def test_a_horizontal_scan_may_be_called_a_worm() -> None:
    assert allowed_kinds("port_scan_horizontal") == {"port_scan", "worm"}


def test_brute_force_of_any_service_is_brute_force() -> None:
    assert allowed_kinds("brute_force_ssh") == {"brute_force"}


def test_a_network_matches_its_members() -> None:
    truth = FileTruth("a", "attack", victims=("198.51.100.0/24",))

    assert truth.names(["198.51.100.7"])
    assert not truth.names(["203.0.113.7", "00:25:b3:bf:91:ee"])


def test_a_group_matches_whatever_the_incident_names() -> None:
    assert FileTruth("a", "attack", attackers=("*spoofed",)).names(["198.51.100.7"])


def test_an_incident_that_names_nobody_matches_no_group() -> None:
    assert not FileTruth("a", "attack", attackers=("*spoofed",)).names([])


def test_a_wrong_label_is_refused_with_its_file() -> None:
    with pytest.raises(ConfigError, match="label of x.pcap must be one of"):
        read_truth({"files": {"x.pcap": {"label": "bad"}}}, where="truth.json")


def test_an_undecidable_file_is_marked() -> None:
    (truth,) = read_truth(
        {"files": {"x.pcap": {"label": "attack", "decidable": False}}}, where="truth.json"
    )

    assert not truth.is_decidable
