"""More cores change how long it takes, never what is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tocsin.collect.source import open_source
from tocsin.pipeline import parallel
from tocsin.pipeline.beside import Beside
from tocsin.pipeline.preserving import Reader, collect
from tocsin.pipeline.replay import replay
from tocsin.testing import logs
from tocsin.testing.captures import calm_web, pcap, port_scan, syn_flood
from tocsin.testing.scenes import wiring

if TYPE_CHECKING:
    from pathlib import Path

    from tocsin.evidence.selection import Selected


@pytest.fixture
def captures(tmp_path: Path) -> list[str]:
    calm = calm_web(seconds=40)
    scenes = {
        "scan.pcap": port_scan(at_s=1, ports=60),
        "flood.pcap": syn_flood(at_s=2, packets=3000, rate_s=1500),
        "both.pcap": sorted(calm + port_scan(at_s=5, ports=40), key=lambda packet: packet.at_s),
        "out_of_order.pcap": [*port_scan(at_s=50, ports=30), *calm],
    }
    for name, packets in scenes.items():
        (tmp_path / name).write_bytes(pcap(packets))
    (tmp_path / "auth.log").write_bytes(b"".join(logs.guessing(at_s=0, failures=40)) * 3)
    (tmp_path / "cut.pcap").write_bytes(pcap(calm)[:-7])
    return sorted(str(path) for path in tmp_path.iterdir())


def _found(paths: list[str], *, jobs: int) -> tuple[list[object], list[str], list[object]]:
    outcome = replay([open_source(p, site="site") for p in paths], wiring=wiring(), jobs=jobs)
    return (
        [incident.to_json() for incident in outcome.incidents],
        [str(problem) for problem in outcome.problems],
        [(read.sha256, read.bytes, read.ended.stats) for read in outcome.reads],
    )


@pytest.mark.parametrize("bytes_min", [0, 1 << 30])
def test_two_jobs_find_what_one_finds(
    captures: list[str], monkeypatch: pytest.MonkeyPatch, bytes_min: int
) -> None:
    alone = _found(captures, jobs=1)
    monkeypatch.setattr(parallel, "PARALLEL_BYTES_MIN", bytes_min)

    assert _found(captures, jobs=2) == alone
    assert len(alone[0]) == 3
    assert len(alone[1]) == 1


@pytest.mark.parametrize("names", [("both.pcap",), ("both.pcap", "flood.pcap", "auth.log")])
def test_two_jobs_keep_the_evidence_that_one_keeps(
    captures: list[str], monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    paths = [path for path in captures if path.endswith(names)]
    outcome = replay([open_source(p, site="site") for p in paths], wiring=wiring())
    wanted = [(one, outcome.selectors[one.id]) for one in outcome.incidents] * 2
    monkeypatch.setattr(parallel, "PARALLEL_BYTES_MIN", 0)

    alone, together = (
        collect(wanted, reads=outcome.reads, reader=Reader(jobs=jobs)) for jobs in (1, 2)
    )

    assert [[_plain(one) for one in some] for some in together] == [
        [_plain(one) for one in some] for some in alone
    ]
    assert sum(len(one.rows) for some in alone for one in some) > 80


def _plain(selected: Selected) -> tuple[object, ...]:
    return selected.source, selected.rows.tolist(), selected.data, selected.matched, selected.gaps


def test_an_error_beside_is_raised_here_and_nothing_more_is_run() -> None:
    beside, done = Beside(2), []

    def work(number: int) -> None:
        if number == 1:
            raise ValueError("one")
        done.append(number)

    beside.begin(work, 0)
    beside.begin(work, 1)
    beside.begin(work, 2)
    with pytest.raises(ValueError, match="one"):
        beside.settle()
    beside.close()

    assert done == [0]
