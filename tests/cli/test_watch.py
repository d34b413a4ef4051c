"""``tocsin watch``: incidents as they happen, a clean stop, and going on from there."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import pytest

from tocsin.cli.main import main
from tocsin.testing import logs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE_S = 120.0


@contextmanager
def watching(log: Path, state: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tocsin", "watch", str(log), "--state", str(state)]
    command += ["--json", "--tz", "UTC"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        while "watching" not in read_line(process.stderr):
            pass
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def read_line(stream: IO[str] | None) -> str:
    assert stream is not None
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        assert selector.select(PATIENCE_S), "nothing was said in time"
    return stream.readline()


def append(log: Path, lines: list[bytes]) -> None:
    with log.open("ab") as stream:
        stream.write(b"".join(lines))


def write_log(log: Path, lines: list[bytes]) -> None:
    """Write a log whose stamps lack a year, dated so that they fall into 2026."""
    append(log, lines)
    in_2026 = logs.START.timestamp() + 30 * 86_400
    os.utime(log, (in_2026, in_2026))


def stopped(process: subprocess.Popen[str], number: signal.Signals) -> int:
    process.send_signal(number)
    return process.wait(timeout=PATIENCE_S)


def found_by_analyze(log: Path, state: Path, capsys: pytest.CaptureFixture[str]) -> list[Any]:
    main(["analyze", str(log), "--state", str(state), "--json", "--year", "2026"])
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_incident_is_raised_while_the_log_grows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    log = tmp_path / "auth.log"
    write_log(log, logs.ordinary_day()[:4])

    with watching(log, tmp_path / "live") as process:
        append(log, logs.guessing(at_s=4000, failures=12))
        opened = json.loads(read_line(process.stdout))
        code = stopped(process, number)

    assert code == 0
    assert (opened["change"], opened["kind"]) == ("opened", "brute_force")
    (batch,) = found_by_analyze(log, tmp_path / "batch", capsys)
    assert batch["id"] == opened["id"]


def test_it_goes_on_from_its_checkpoint_and_repeats_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, state = tmp_path / "auth.log", tmp_path / "live"
    write_log(log, logs.guessing(at_s=0, failures=10))
    with watching(log, state) as process:
        first = json.loads(read_line(process.stdout))
        stopped(process, signal.SIGTERM)
    append(log, logs.guessing(at_s=20, failures=50))

    with watching(log, state) as process:
        later = json.loads(read_line(process.stdout))
        stopped(process, signal.SIGTERM)

    assert (first["change"], later["change"]) == ("opened", "updated")
    assert later["id"] == first["id"]
    (batch,) = found_by_analyze(log, tmp_path / "batch", capsys)
    assert batch["id"] == first["id"]


def test_a_second_watcher_is_told_who_holds_the_state(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "auth.log"
    write_log(log, logs.ordinary_day()[:4])

    with watching(log, tmp_path / "live") as process:
        code = main(["analyze", str(log), "--state", str(tmp_path / "live")])
        stopped(process, signal.SIGTERM)

    assert code == 5
    assert str(process.pid) in capsys.readouterr().err
