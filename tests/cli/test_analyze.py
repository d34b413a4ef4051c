"""``tocsin analyze`` as a person meets it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tocsin.cli.main import main
from tocsin.review.mixing import merged, packets_of
from tocsin.testing import captures

if TYPE_CHECKING:
    from pathlib import Path


def analyzed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict], str]:  # type: ignore[type-arg]
    code = main(["analyze", *arguments, "--json", "--year", "2026"])
    captured = capsys.readouterr()
    return code, [json.loads(line) for line in captured.out.splitlines()], captured.err


def test_the_sample_data_gives_a_handful_of_incidents(
    sample_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, incidents, _ = analyzed(capsys, str(sample_data), "--state", str(tmp_path))

    assert code == 0
    assert {"port_scan", "account_compromise", "syn_flood"} <= {i["kind"] for i in incidents}
    assert len(incidents) <= 4


def test_log_and_packets_of_the_guessing_are_one_incident(
    sample_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sample_data / "ssh-guessing"

    _, (incident,), _ = analyzed(capsys, str(folder), "--state", str(tmp_path))

    assert incident["attackers"] == ["203.0.113.66"]
    assert incident["victims"] == ["198.51.100.10"]
    assert len(incident["sources"]) == 2
    assert incident["confidence"] > 0.99


def test_a_second_run_adds_nothing_and_prints_the_same(
    sample_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, state = str(sample_data / "scan"), str(tmp_path)
    first = analyzed(capsys, folder, "--state", state)
    chain = (tmp_path / "evidence" / "chain.jsonl").read_bytes()

    second = analyzed(capsys, folder, "--state", state)

    assert second[1] == first[1]
    assert (tmp_path / "evidence" / "chain.jsonl").read_bytes() == chain


def test_killed_runs_leave_nothing_that_the_next_one_does_not_mend(
    sample_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(sample_data / "scan")
    _, wanted, _ = analyzed(capsys, folder, "--state", str(tmp_path / "whole"))
    state = str(tmp_path / "killed")
    command = [sys.executable, "-m", "tocsin", "analyze", folder, "--state", state, "--again"]

    for step in range(6):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=0.6 + 0.4 * step)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()

    _, found, _ = analyzed(capsys, folder, "--state", state)
    assert [i["id"] for i in found] == [i["id"] for i in wanted]
    assert [i["evidence"]["manifest_sha256"] for i in found] == [
        i["evidence"]["manifest_sha256"] for i in wanted
    ]
    assert main(["evidence", "verify", f"{state}/evidence", "--state", state]) == 0


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(
    sample_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = (sample_data / "scan" / "vertical.pcapng").read_bytes()
    cut = tmp_path / "cut.pcapng"
    cut.write_bytes(whole[:-3])

    code, incidents, words = analyzed(capsys, str(cut), "--state", str(tmp_path / "state"))

    assert code == 1
    assert len(incidents) == 1
    assert "cut.pcapng: at byte " in words
    assert "ends inside a record" in words


def test_a_report_is_one_file_under_two_megabytes(
    sample_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.html"

    analyzed(
        capsys, str(sample_data / "scan"), "--state", str(tmp_path / "s"), "--report", str(report)
    )

    text = report.read_text()
    assert len(text) < 2_000_000
    assert "Port scan by 203.0.113.66 against 9 hosts" in text
    assert "http://" not in text.replace("http://www.w3.org/", "")
    assert "Traffic spike" in text.partition("What was looked for")[2]
    assert "nothing until a host has been seen in 30 windows" in text


@pytest.mark.parametrize("option", ["--report", "--stats"])
def test_a_result_without_a_place_is_refused_before_the_work(
    sample_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    (tmp_path / "taken").write_text("")
    place = tmp_path / "taken" / "file"

    code = main(["analyze", str(sample_data / "scan"), "--state", str(tmp_path / "s"), option,
                 str(place)])  # fmt: skip

    assert code == 2
    assert capsys.readouterr().err == (
        f"tocsin: can't write {place}: {tmp_path / 'taken'} is no folder that can be written to\n"
    )
    assert not (tmp_path / "s").exists()


def test_the_statistics_add_up(
    sample_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stats = tmp_path / "stats.json"

    analyzed(capsys, str(sample_data), "--state", str(tmp_path / "s"), "--stats", str(stats))

    found = json.loads(stats.read_text())
    assert found["records"] == found["events"] + sum(found["weird"].values()) + found["filtered"]
    assert found["packets"] == 72_434


def test_incidents_at_or_above_a_level_give_exit_code_three(
    sample_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scan, state = str(sample_data / "scan"), str(tmp_path)

    assert analyzed(capsys, scan, "--state", state, "--fail-on", "medium")[0] == 3
    assert analyzed(capsys, scan, "--state", state, "--fail-on", "high")[0] == 0


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("is_pcapng", [False, True], ids=["pcap", "pcapng"])
def test_the_slice_holds_every_packet_of_the_incident(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], jobs: str, is_pcapng: bool
) -> None:
    calm = captures.pcap(captures.calm_web(seconds=30))
    scan = captures.pcap(captures.port_scan(at_s=0, ports=60))
    data = merged(calm, scan) if is_pcapng else scan
    (tmp_path / "scan.cap").write_bytes(data)

    main(["analyze", str(tmp_path / "scan.cap"), "--state", str(tmp_path / "s"), "--json",
          "--jobs", jobs])  # fmt: skip

    (incident,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (slice_,) = (tmp_path / "s" / incident["evidence"]["path"]).glob("capture-1.pcap*")
    kept = packets_of(slice_.read_bytes())
    assert incident["counts"]["packets"] == 120
    assert int(np.count_nonzero(kept["wirelen"] == 54)) == 120
