r"""Annotated lines in which a remote side imitates addresses, messages and whole lines.

What stands above a line is what its event must say; a list is any of its values. No event
names the address that every attacker here would like to have named, 198.51.100.7. ``{{NUL}}``, ``{{ESC}}``
and the like stand for characters that no text file should hold, ``{{1MB:x}}`` for a megabyte of x.

What can't be told: a local user may write any syslog tag (``logger -t sshd``), and a text log holds
nothing that says so. Where the journal is read, ``_COMM`` decides and the tag does not.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.parse.reading import read

INJECTIONS = Path(__file__).parent / "injections"
FORGED = "198.51.100.7"
MEGABYTE, LINES_MIN, SERVICES_MIN = 1 << 20, 250, 40
CHARACTERS = {
    "NUL": "\0", "CR": "\r", "ESC": "\x1b", "BEL": "\x07", "RLO": "\u202e", "LS": "\u2028",
    "NEL": "\x85",
}  # fmt: skip


def plain(text: str) -> str:
    """Return a line of a file as its attacker writes it."""
    text = re.sub(r"\{\{1MB:(.)\}\}", lambda found: found[1] * MEGABYTE, text)
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda found: CHARACTERS[found[1]], text)


def injections() -> list[Any]:
    """Return (expected fields, line) of every injection, named after file and line."""
    found = []
    for path in sorted(INJECTIONS.glob("*.log")):
        lines = path.read_text(encoding="utf-8").split("\n")
        for number in range(0, len(lines) - 1, 2):
            expected = json.loads(lines[number].removeprefix("# expect: "))
            found.append(pytest.param(expected, lines[number + 1], id=f"{path.name}:{number + 2}"))
    return found


@pytest.mark.parametrize(("expected", "line"), injections())
def test_no_forged_address_is_named(expected: dict[str, Any], line: str) -> None:
    (event,) = read(f"{plain(line)}\n".encode())

    assert event.get("source.ip") != FORGED
    for name, value in expected.items():
        assert event.get(name) in (value if isinstance(value, list) else [value]), name


def test_injections_are_many_and_of_many_services() -> None:
    files = list(INJECTIONS.glob("*.log"))

    assert len(files) >= SERVICES_MIN
    assert len(injections()) >= LINES_MIN
