"""The replay driver: files in, incidents out, problems said and never fatal."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tocsin.collect.walk import gather
from tocsin.core.times import rfc3339
from tocsin.pipeline.replay import replay
from tocsin.testing import captures, laws, logs
from tocsin.testing.scenes import attacked_site, scanned_web_server, wiring

if TYPE_CHECKING:
    from pathlib import Path

    from tocsin.pipeline.replay import Outcome

pytestmark = pytest.mark.timeout(300)


def replayed(folder: Path) -> Outcome:
    """Return what the files of a folder give."""
    gathered = gather([str(folder)], site="site", spool_dir=folder / "spool")
    return replay(gathered.sources, wiring=wiring())


def test_a_folder_gives_its_incidents_its_hashes_and_its_counts(tmp_path: Path) -> None:
    for stream in attacked_site():
        (tmp_path / stream.source).write_bytes(stream.data)

    outcome = replayed(tmp_path)

    assert sorted(one.kind for one in outcome.incidents) == [
        "account_compromise", "brute_force", "port_scan", "syn_flood",
    ]  # fmt: skip
    assert set(outcome.selectors) == {one.id for one in outcome.incidents}
    assert outcome.problems == []
    for read in outcome.reads:
        data = (tmp_path / read.source.path.rsplit("/", 1)[-1]).read_bytes()
        assert read.sha256 == hashlib.sha256(data).hexdigest()
        assert read.bytes == len(data)
        laws.check_records(read.ended.stats)


def test_a_capture_that_steps_back_is_read_again_in_time_order(tmp_path: Path) -> None:
    packets = scanned_web_server()
    (tmp_path / "turned.pcap").write_bytes(captures.pcap([*packets[600:], *packets[:600]]))

    outcome = replayed(tmp_path)

    assert {one.kind for one in outcome.incidents} == {"port_scan", "syn_flood"}
    (read,) = outcome.reads
    assert read.ended.stats.records == len(packets)
    assert read.sha256 == hashlib.sha256((tmp_path / "turned.pcap").read_bytes()).hexdigest()


def test_a_capture_cut_short_is_used_up_to_the_cut_and_said(tmp_path: Path) -> None:
    data = captures.pcap(captures.port_scan(at_s=5.0, ports=40))
    (tmp_path / "cut.pcap").write_bytes(data[:-10])

    outcome = replayed(tmp_path)

    assert [one.kind for one in outcome.incidents] == ["port_scan"]
    (problem,) = outcome.problems
    assert problem.offset == len(data) - 70
    assert "ends inside a record, 60 bytes of it are there" in str(problem)


def test_an_empty_folder_gives_nothing(tmp_path: Path) -> None:
    outcome = replayed(tmp_path)

    assert (outcome.incidents, outcome.reads, outcome.problems) == ([], [], [])


def test_progress_is_told_after_each_block(tmp_path: Path) -> None:
    (tmp_path / "auth.log").write_bytes(b"".join(logs.guessing(at_s=3.0, failures=9)))
    gathered = gather([str(tmp_path)], site="site", spool_dir=tmp_path / "spool")
    told: list[tuple[str, int]] = []

    replay(gathered.sources, wiring=wiring(), progress=lambda path, done: told.append((path, done)))

    assert told[-1][1] == (tmp_path / "auth.log").stat().st_size


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_log_over_new_year_is_of_two_years(tmp_path: Path, suffix: str) -> None:
    december = b"".join(logs.guessing(at_s=364 * 86_400.0 + 86_390, failures=10))
    data = december + b"".join(logs.guessing(at_s=0.0, failures=10, source="203.0.113.10"))
    path = tmp_path / f"auth.log{suffix}"
    path.write_bytes(gzip.compress(data) if suffix else data)

    gathered = gather([str(path)], site="site", spool_dir=tmp_path / "spool")
    outcome = replay(gathered.sources, wiring=replace(wiring(), year=2026))

    (read,) = outcome.reads
    assert read.newest == (1, 1)
    assert sorted(str(rfc3339(one.first_ns))[:10] for one in outcome.incidents) == [
        "2025-12-31", "2026-01-01",
    ]  # fmt: skip
