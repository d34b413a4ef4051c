"""Flows add up to the capture: by our own counts, and by those of tools that people trust."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tocsin.collect.source import open_source
from tocsin.core.errors import InputError
from tocsin.core.parameters import Parameters
from tocsin.pipeline.flow_records import FIELDS, FlowTotals, flow_columns, flow_records

SAMPLES = Path(__file__).parents[2] / "sample_data"
CAPTURES = ("ssh-guessing/capture.pcap", "calm-day/capture.pcap", "scan/vertical.pcapng")
TRUTH = ("benign_webex.pcap", "benign_teams.pcap", "brute_ssh_zeek.pcap", "scan_syn_3hosts.pcap")


def output_of(*argv: str, stdin: bytes = b"") -> str:
    """Return what a tool prints; skips the test where the tool is not installed."""
    try:
        run = subprocess.run(argv, input=stdin, capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip(f"{argv[0]} is not installed")
    return run.stdout.decode("utf-8", "replace")


def totals_of(path: Path) -> tuple[FlowTotals, list[InputError]]:
    totals = FlowTotals()
    problems: list[InputError] = []
    source = open_source(str(path), site="")
    for _ in flow_columns(source, parameters=Parameters(), problems=problems, totals=totals):
        pass
    return totals, problems


def records_of(path: Path) -> list[dict[str, Any]]:
    source = open_source(str(path), site="")
    return list(flow_records(source, parameters=Parameters(), problems=[]))


def check(path: Path) -> None:
    totals, problems = totals_of(path)

    words = output_of("capinfos", "-Mcd", "-T", "-r", str(path)).split("\t")
    assert problems == []
    assert totals.packets + totals.weird == totals.records == int(words[1])
    assert totals.bytes + totals.weird_bytes == int(words[2])


@pytest.mark.parametrize("name", CAPTURES)
def test_packets_and_bytes_are_those_of_capinfos(name: str) -> None:
    check(SAMPLES / name)


def test_packets_and_bytes_of_every_capture_with_truth_are_those_of_capinfos(
    shared_data: Path,
) -> None:
    for path in sorted((shared_data / "net").glob("*.pcap*")):
        check(path)


def conversations(path: Path, proto: str) -> Counter[frozenset[str]]:
    """Return packets by pair of ends, as tshark lists conversations."""
    found: Counter[frozenset[str]] = Counter()
    for line in output_of(
        "tshark", "-n", "-r", str(path), "-q", "-z", f"conv,{proto}"
    ).splitlines():
        words = line.split()
        if "<->" in words:
            at = 9 if words[5].isalpha() else 7
            found[frozenset((words[0], words[2]))] += int(words[at])
    return found


def check_conversations(path: Path) -> None:
    for proto in ("tcp", "udp"):
        ours: Counter[frozenset[str]] = Counter()
        for flow in records_of(path):
            if flow["proto"] == proto:
                ends = frozenset(f"{flow[f'{e}_ip']}:{flow[f'{e}_port']}" for e in ("src", "dst"))
                ours[ends] += flow["packets_out"] + flow["packets_in"]
        assert ours == conversations(path, proto)


@pytest.mark.parametrize("name", CAPTURES)
def test_each_conversation_has_the_packets_that_tshark_counts(name: str) -> None:
    check_conversations(SAMPLES / name)


@pytest.mark.parametrize("name", TRUTH)
def test_each_conversation_of_truth_has_the_packets_that_tshark_counts(
    name: str, shared_data: Path
) -> None:
    check_conversations(shared_data / "net" / name)


# Of the third one argus leaves 12 packets of the scan out, which capinfos and tshark count.
@pytest.mark.parametrize("name", CAPTURES[:2])
def test_packets_and_bytes_per_protocol_are_those_of_argus(name: str) -> None:
    path = SAMPLES / name
    try:
        argus = subprocess.run(
            ["argus", "-r", str(path), "-w", "-"], capture_output=True, check=True
        )
    except FileNotFoundError:
        pytest.skip("argus is not installed")
    listed = output_of("ra", "-r", "-", "-n", "-s", "proto", "pkts", "bytes", stdin=argus.stdout)
    theirs: Counter[str] = Counter()
    for line in listed.splitlines():
        words = line.split()
        if words and words[0] in {"tcp", "udp"}:
            theirs[words[0]] += int(words[1])
            theirs[words[0] + " bytes"] += int(words[2])

    ours: Counter[str] = Counter()
    for flow in records_of(path):
        if flow["proto"] in {"tcp", "udp"}:
            ours[flow["proto"]] += flow["packets_out"] + flow["packets_in"]
            ours[flow["proto"] + " bytes"] += flow["bytes_out"] + flow["bytes_in"]

    assert ours == theirs


def test_a_record_has_every_field_in_its_order() -> None:
    (first, *_) = records_of(SAMPLES / "ssh-guessing/capture.pcap")

    assert list(first) == [name for name, *_ in FIELDS]
