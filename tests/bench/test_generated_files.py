"""What the benchmark measures on: right sizes, moving stamps, the same bytes every time."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from tests.bench import generate_access, generate_capture, generate_logs
from tests.bench.inputs import INPUTS
from tests.bench.log_body import write_log
from tests.bench.measure import Pace, Run
from tests.bench.peers import PEERS
from tests.bench.results import MEASURED, Result, ratio, table

if TYPE_CHECKING:
    from pathlib import Path


def stamps_of(path: Path) -> list[int]:
    data = path.read_bytes()
    at, found = 24, []
    while at < len(data):
        second, micro, kept, wire = struct.unpack_from("<IIII", data, at)
        assert kept <= min(wire, generate_capture.SNAP_BYTES)
        assert micro < 1_000_000
        found.append(second * 1_000_000 + micro)
        at += 16 + kept
    assert at == len(data)
    return found


def test_a_capture_has_exactly_the_packets_asked_for_in_time_order(tmp_path: Path) -> None:
    path = tmp_path / "packets.pcap"
    body = generate_capture.make_body(2000)

    generate_capture.write_capture(path, body, packets=5000)

    stamps = stamps_of(path)
    assert len(stamps) == 5000
    assert stamps == sorted(stamps)
    assert stamps[2000] - stamps[0] == generate_capture.BODY_S * 1_000_000


def test_the_same_seed_gives_the_same_capture() -> None:
    first, second = generate_capture.make_body(500), generate_capture.make_body(500)

    assert first.at_pass(0).tobytes() == second.at_pass(0).tobytes()


def test_a_capture_may_be_shorter_than_its_body(tmp_path: Path) -> None:
    path = tmp_path / "packets.pcap"

    generate_capture.write_capture(path, generate_capture.make_body(1000), packets=10)

    assert len(stamps_of(path)) == 10


def test_a_log_has_exactly_the_lines_asked_for_with_moving_stamps(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    body = generate_logs.make_body(1000)

    write_log(path, body, lines=2500)

    lines = path.read_text().splitlines()
    assert len(lines) == 2500
    assert lines[0].startswith("Jan  1 00:00:00 web01 ")
    assert lines[-1].startswith("Jan  1 00:00:24 web01 ")
    assert lines[0][15:] == lines[1000][15:] == lines[2000][15:]


def test_days_of_two_digits_keep_their_form() -> None:
    body = generate_logs.make_body(100)

    late = body.at_pass(10 * 86_400).tobytes()

    assert late.startswith(b"Jan 11 00:00:00 web01 ")


def test_an_access_log_has_moving_stamps_and_one_scanner_in_each_pass(tmp_path: Path) -> None:
    path = tmp_path / "access.log"

    write_log(path, generate_access.make_body(1000), lines=2500)

    lines = path.read_text().splitlines()
    assert len(lines) == 2500
    assert " - - [01/Jan/2026:00:00:00 +0000] " in lines[0]
    assert " - - [01/Jan/2026:00:00:24 +0000] " in lines[-1]
    assert sum(line.startswith(f"{generate_access.SCANNER} ") for line in lines) == 300
    assert any(line.startswith("2001:db8:") for line in lines)
    assert {line.split('" ')[1][0] for line in lines} >= {"2", "3", "4"}


def test_another_seed_gives_another_log() -> None:
    one, other = (generate_logs.make_body(100, seed=seed) for seed in (1, 2))

    assert one.at_pass(0).tobytes() != other.at_pass(0).tobytes()


def test_filled_packets_fill_the_link(tmp_path: Path) -> None:
    path = tmp_path / "full.pcap"
    body = generate_capture.make_body(2000, snap_bytes=2000, is_filled=True)

    generate_capture.write_capture(path, body, packets=2000, snap_bytes=2000)

    wire = body.canvas.bytes[(body.stamps_at + 12)[:, None] + range(4)].view("<u4").ravel()
    assert wire.max() in {1514, 1518}
    assert (wire >= 1500).mean() > 0.7


def test_each_peer_is_measured_on_an_input_that_there_is() -> None:
    assert {unit for peer in PEERS for unit in peer.units} <= INPUTS.keys()


def test_the_table_says_what_is_compared() -> None:
    pace = Pace(100, 1000, (Run(1.0, 1.0, 10, 0),), (Run(2.8, 2.0, 30, 0),))
    rows = [
        Result("with rules", "lines", MEASURED, pace=pace, slower_by=0.25),
        Result("two jobs", "lines", MEASURED, pace=pace, faster_by=ratio(16.0, 10.0)),
    ]

    shown = table(rows).splitlines()

    assert "+25.0% time" in shown[1]
    assert "1.60 x one job" in shown[2]


def test_pace_is_the_slope_between_the_best_runs() -> None:
    pace = Pace(
        small=100, large=1000,
        small_runs=(Run(1.5, 1.0, 10, 0), Run(1.0, 1.0, 10, 0)),
        large_runs=(Run(2.8, 2.0, 30, 0), Run(3.0, 2.0, 40, 0)),
    )  # fmt: skip

    assert pace.pace_per_s == pytest.approx(500.0)
    assert round(pace.start_up_s, 6) == 0.8
    assert pace.total_s == 2.8
    assert pace.rss_peak_bytes == 40


def test_a_pace_that_start_up_hides_is_unknown() -> None:
    pace = Pace(100, 1000, (Run(1.0, 1.0, 1, 0),), (Run(1.01, 1.0, 1, 0),))

    assert pace.pace_per_s is None
