"""Access lines of the usual form say the same whoever reads them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.generate_access import make_body
from tocsin.kernels.log_scan import Stamps
from tocsin.parse.plain_access import plain_access_event
from tocsin.parse.records import RecordReader

STAMP, TIME = "10/Oct/2026:13:55:36 +0000", "2026-10-10T13:55:36.000000Z"
USUAL = f'203.0.113.9 - - [{STAMP}] "GET /a?b=1 HTTP/1.1" 200 17 "-" "curl/8.5.0"'


def told(line: str) -> dict[str, object]:
    return dict(RecordReader(Stamps()).read(line, head=None))


def made(total: int) -> list[str]:
    """Return lines as the benchmark's access log holds them, all at one time."""
    body = make_body(total)
    text = bytes(body.data).decode()
    return [line.replace(" " * 20, STAMP[:20]) for line in text.splitlines()]


def test_lines_of_a_shop_say_the_same() -> None:
    lines = made(3000)

    events = [plain_access_event(line, TIME) for line in lines]

    assert all(event is not None for event in events)
    assert events == [told(line) for line in lines]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("200 17", "401 -"),
        ("200 17", "404 0"),
        ("GET", "PROPFIND"),
        ("/a?b=1", "/?"),
        ("/a?b=1", "*"),
        ("/a?b=1", "http://198.51.100.1/x?y"),
        ("HTTP/1.1", "HTTP/2.0"),
        ('"-" "curl/8.5.0"', '"https://shop.example.org/" "-"'),
        ("203.0.113.9", "2001:db8::9"),
        ("203.0.113.9", "::ffff:203.0.113.9"),
    ],
)
def test_other_words_in_it_say_the_same(old: str, new: str) -> None:
    line = USUAL.replace(old, new)

    assert plain_access_event(line, TIME) == told(line)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("203.0.113.9", "203.0.113.256"),
        ("203.0.113.9", "203.0.113.09"),
        ("203.0.113.9", "fe80::1%eth0"),
        ("- -", "- alice"),
        ("/a?b=1", r"/a\x22"),
        ("/a?b=1", "/a b"),
        ("curl", 'cu" "rl'),
        ("/8.5.0", '/8.5.0" "-'),
        ("203.0.113.9", "\u0662\u0660\u0663.0.113.9"),
    ],
)
def test_any_other_line_is_left_to_the_reader_of_all_forms(old: str, new: str) -> None:
    assert plain_access_event(USUAL.replace(old, new), TIME) is None


def test_no_made_up_line_says_anything_else() -> None:
    chosen = np.random.default_rng(7)
    letters = list('"\\ -?%[]GET/1:.\x00é203')
    read = 0
    for _ in range(4000):
        line = list(USUAL)
        for place in chosen.integers(0, len(line), 1 + int(chosen.integers(0, 2))):
            line[place] = letters[int(chosen.integers(0, len(letters)))]
        text = "".join(line)
        event = plain_access_event(text, TIME)
        if event is not None:
            whole = told(text)
            read += 1
            assert {**event, "@timestamp": whole["@timestamp"]} == whole, text

    assert read > 300
