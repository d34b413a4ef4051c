"""Recorded attacks are found once each, and calm captures stay calm."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tocsin.cli.main import main
from tocsin.collect.source import open_source
from tocsin.pipeline.assemble import assemble
from tocsin.pipeline.replay import replay
from tocsin.review.scoring import Scored, summary
from tocsin.review.truth import read_truth

if TYPE_CHECKING:
    from pathlib import Path

SPINE = (
    "scan_syn_nmap_scanme.pcapng",
    "scan_syn_3hosts.pcap",
    "scan_ports_small.pcap",
    "scan_445_slow.pcap",
    "worm_iot_telnet_scan.pcap",
    "flood_syn_spoofed.pcap",
    "brute_ssh_nmap.pcap",
    "brute_ssh_zeek.pcap",
)


@pytest.fixture(scope="module")
def scored(shared_data: Path) -> list[Scored]:
    place = shared_data / "net" / "TRUTH.json"
    wiring = assemble()
    found = []
    for truth in read_truth(json.loads(place.read_text()), where=str(place)):
        if truth.name in SPINE or truth.label == "benign":
            path = str(place.parent / truth.name)
            outcome = replay([open_source(path, site=path)], wiring=wiring)
            found.append(Scored(truth, tuple(outcome.incidents)))
    return found


@pytest.mark.parametrize("name", SPINE)
def test_the_attack_is_one_incident_that_names_a_party(scored: list[Scored], name: str) -> None:
    (one,) = [s for s in scored if s.truth.name == name]

    assert (len(one.right), len(one.wrong)) == (1, 0)


def test_scans_are_named_within_ten_probes(scored: list[Scored]) -> None:
    scans = [s for s in scored if s.truth.name.startswith(("scan_", "worm_"))]

    assert [s.records_to_detect() for s in scans] == [10, 10, 10, 6, 6]


def test_calm_captures_raise_nothing_at_medium_or_above(scored: list[Scored]) -> None:
    benign = summary(scored)["benign"]

    assert benign["files"] == 19
    assert benign["false_medium_and_above"] == 0


def test_the_sample_data_is_found_as_its_truth_says(
    sample_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(sample_data / "truth.json")]) == 0

    last = json.loads(capsys.readouterr().out.splitlines()[-1])["summary"]
    assert last["benign"]["false_medium_and_above"] == 0
    assert last["missed"] == []
