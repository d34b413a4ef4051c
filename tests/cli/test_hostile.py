"""Damaged captures end with an exit code and a word, whatever they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.hostile import files_of, run_here

EVERY = 23


def test_a_sample_of_hostile_captures_ends_normally(shared_data: Path) -> None:
    folder = shared_data / "net/hostile"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")

    outcomes = [run_here(path) for path in files_of(folder)[::EVERY]]

    faults = [
        (o.path.name, o.fault) for o in outcomes if o.fault and not o.fault.startswith("took")
    ]
    assert faults == []


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (b"\xd4\xc3\xb2\xa1\x02\x00", 1, "cut short"),
        (b"\x0a\x0d\x0d\x0a" + b"\xff" * 40, 0, ""),
        (b"\xac\x01\x00\x1c" + bytes(60), 1, "IXIA"),
        (b"btsnoop\0" + bytes(60), 1, "Bluetooth"),
        (b"iptrace 2.0" + bytes(60), 1, "AIX"),
    ],
)
def test_what_can_not_be_read_is_told(tmp_path: Path, content: bytes, code: int, word: str) -> None:
    path = tmp_path / "input.bin"
    path.write_bytes(content)

    outcome = run_here(path)

    assert (outcome.exit_code, word in outcome.words) == (code, True)
