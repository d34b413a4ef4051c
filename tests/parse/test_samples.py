"""Annotated sample logs: what stands above a line is what its event must say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.parse.reading import read

SAMPLES = Path(__file__).parent / "samples"


def annotated() -> list[Any]:
    """Return (expected fields, line) of every sample, named after file and line."""
    found = []
    for path in sorted(SAMPLES.glob("*.log")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for number in range(0, len(lines), 2):
            expected = json.loads(lines[number].removeprefix("# expect: "))
            case = (expected, lines[number + 1].encode())
            found.append(pytest.param(*case, id=f"{path.name}:{number + 2}"))
    return found


@pytest.mark.parametrize(("expected", "line"), annotated())
def test_sample_line_gives_the_event_above_it(expected: dict[str, Any], line: bytes) -> None:
    (event,) = read(line + b"\n")

    assert {name: event.get(name) for name in expected} == expected
