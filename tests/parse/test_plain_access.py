"""Access lines of the usual form: read at once, they say what the reader of all forms says."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernels.log_scan import Stamps
from tocsin.parse.plain_access import plain_access_event
from tocsin.parse.records import RecordReader

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tocsin.core.event import Event

READER = RecordReader(Stamps(year=2026))
PIECES = st.sampled_from((
    "203.0.113.9", "2001:db8::9", "::ffff:203.0.113.9", "203.0.113.256", "1.2", " - - ", " ana ",
    "[24/Nov/2026:10:00:00 +0100]", "[24/Nov/2026:25:00:00 +0100]", ' "', '" ', '"', "GET", "POST",
    " /wp-login.php", " /a?b=c", "?", " HTTP/1.1", "200", "302", "404", "999", " 9", " -", '"-"',
    '"https://example.org/wp-login.php"', '"curl/8"', "\\x22", "\\", "\u00e9", "\t", " ", "{", "}",
))  # fmt: skip
USUAL = (
    '203.0.113.9 - - [24/Nov/2026:10:00:00 +0100] "', "POST", " /wp-login.php?a=b", " HTTP/1.1",
    '" ', "200", " 9", ' "https://example.org/"', ' "curl/8"',
)  # fmt: skip


def differing(lines: Iterable[str]) -> tuple[int, list[tuple[Event, Event]]]:
    """Return how many lines were read at once, and the events that differ."""
    read, others = 0, []
    for line in lines:
        whole = READER.read(line, head=None)
        event = plain_access_event(line, whole["@timestamp"])
        if event is not None:
            read += 1
            others += [(event, whole)] if event != whole else []
    return read, others


def test_real_lines_say_the_same(shared_data: Path) -> None:
    path = shared_data / "logs/elastic-examples/apache_access_10k.log"

    read, others = differing(path.read_text(errors="backslashreplace").splitlines())

    assert (read > 9_900, others) == (True, [])


def test_requests_of_attacks_say_the_same(shared_data: Path) -> None:
    with gzip.open(shared_data / "logs/web/requests.jsonl.gz", "rt") as stream:
        asked = [json.loads(line)["request"] for line in stream]
    lines = (
        f'203.0.113.9 - - [24/Nov/2026:10:00:00 +0100] "{one["method"]} {_escaped(one["uri"])} '
        f'HTTP/1.1" 200 9 "-" "{_escaped(one["headers"].get("User-Agent", "-"))}"'
        for one in asked
        if one["method"]
    )

    read, others = differing(lines)

    assert (read > 10_000, others) == (True, [])


def _escaped(text: str) -> str:
    return "".join(
        one if " " <= one <= "~" and one not in '"\\' else f"\\x{ord(one) & 255:02X}"
        for one in text
    )


@given(st.integers(0, len(USUAL) - 1), st.lists(PIECES, max_size=3))
def test_a_line_with_another_part_says_the_same(place: int, pieces: list[str]) -> None:
    line = "".join((*USUAL[:place], *pieces, *USUAL[place + 1 :]))

    assert differing([line])[1] == []


def test_a_line_with_an_escape_is_left_to_the_other_reader() -> None:
    assert plain_access_event("".join(USUAL), None) is not None
    assert plain_access_event("".join(USUAL).replace("curl", r"\x22"), None) is None
