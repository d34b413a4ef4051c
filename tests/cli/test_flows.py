"""``tocsin flows``: the same flows in each format, every field explained."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.features.captures import CLIENT, SERVER, pcap, tcp, udp
from tocsin.cli.main import main
from tocsin.pipeline.flow_records import FIELDS

ROOT = Path(__file__).parents[2]
PACKETS = [
    (1.8e9, tcp(CLIENT, SERVER)),
    (1.8e9 + 1, udp(CLIENT, SERVER, sport=5, dport=6, data=b"x")),
]


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "two.pcap"
    path.write_bytes(pcap(PACKETS))
    return path


def test_the_three_formats_hold_the_same_flows(
    capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import pyarrow.parquet as pq

    assert main(["flows", str(capture)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert main(["flows", str(capture), "--format", "csv"]) == 0
    table = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    place = tmp_path / "flows.parquet"
    assert main(["flows", str(capture), "--format", "parquet", "--output", str(place)]) == 0

    assert pq.read_table(place).to_pylist() == rows
    assert sorted(row["proto"] for row in rows) == ["tcp", "udp"]
    assert [row["src_ip"] for row in table] == [CLIENT, CLIENT]
    assert sorted(row["entropy_out"] for row in table) == ["", "0.0"]


def test_an_empty_capture_has_a_header_and_a_schema_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import pyarrow.parquet as pq

    path, place = tmp_path / "none.pcap", tmp_path / "none.parquet"
    path.write_bytes(pcap([]))

    assert main(["flows", str(path), "--format", "csv"]) == 0
    assert main(["flows", str(path), "--format", "parquet", "--output", str(place)]) == 0

    names = [name for name, *_ in FIELDS]
    assert capsys.readouterr().out.strip().split(",") == names
    assert pq.read_table(place).column_names == names


def test_what_is_no_flow_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "weird.pcap"
    path.write_bytes(pcap([*PACKETS, (1.8e9 + 2, b"cut")]))

    assert main(["flows", str(path)]) == 0

    assert capsys.readouterr().err == "3 packets: 2 in 2 flows (97 bytes), 1 weird (3 bytes)\n"


def test_every_field_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flows", "--fields"]) == 0

    told = capsys.readouterr().out.splitlines()
    assert len(told) == len(FIELDS) + 1 + (1 if told[1].startswith("-") else 0)
    assert any("handshake_s" in line and "from SYN to SYN-ACK" in line for line in told)


def test_the_page_about_flows_lists_every_field() -> None:
    page = (ROOT / "docs/flows.md").read_text(encoding="utf-8")

    assert [f"| `{name}` | {unit} | {text} |" in page for name, _, unit, text in FIELDS] == [
        True
    ] * len(FIELDS)


def test_no_path_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flows"]) == 2

    assert "needs a PATH" in capsys.readouterr().err
