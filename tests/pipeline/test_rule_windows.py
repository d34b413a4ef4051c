"""Looking at a name instead of a record finds the same records."""

from __future__ import annotations

import random

import numpy as np
import pytest

from tocsin.kernels import scanner
from tocsin.kernels.line_marks import NOTHING, WHOLE, mark_lines
from tocsin.kernels.literals import compile_literals
from tocsin.kernels.log_scan import Scanner, Stamps, read_only
from tocsin.kernels.web_clients import NOT_PLAIN
from tocsin.parse.known import known_templates
from tocsin.pipeline.rule_windows import window_of

LINE = "Failed password for <invalid user |>{user.name} from {source.address} port {source.port} ssh{:int}"
TEXTS = ("/bin/sh", "; rm ", "user x", "or x ", "n -e ", "n from", "0 port 22 ssh", " from dead")
NAMES = ("root", "x", "user x", "a; rm -rf", "/bin/sh", "n", "n -e", "eve -e", "or x", "for", "")
FORMS = (
    "Failed password for {} from {} port 22 ssh2",
    "Failed password for invalid user {} from {} port 4022 ssh2",
    "error: Failed none for {} from {} port 1 ssh2",
    "Invalid user {} from {} port 22",
    "Connection closed by {} {} port 22 [preauth]",
    "Accepted publickey for {} from {} port 22 ssh2: ED25519 SHA256:n/bin/sh",
)
SOURCES = ("203.0.113.9", "2001:db8::dead", "dead::5", "mail.or", "0.0.0.0")


@pytest.mark.parametrize(
    ("line", "texts", "window"),
    [
        (LINE, ["/bin/sh"], 0),
        (LINE, ["user x"], 5),
        (LINE, [" from dead"], WHOLE),
        (LINE, ["password for"], WHOLE),
        (LINE, ["22 ssh2 "], WHOLE),  # what the program may put behind: [preauth]
        (LINE, ["n -e"], 0),
        (LINE, ["a" * 60], 0),
        ("{ssh.method:word} for {user.name}", ["/bin/sh"], WHOLE),
        ("Connection closed by {source.address}", ["/bin/sh"], NOTHING),
        ("Connection closed by {source.address}", ["by dead"], WHOLE),
    ],
)
def test_a_window_is_as_wide_as_a_text_may_reach(line: str, texts: list[str], window: int) -> None:
    assert window_of(line, texts) == window


def test_the_same_records_are_marked_as_by_looking_at_all_of_each() -> None:
    chosen, compiled = random.Random(3), known_templates()
    lines = [
        "Feb  3 10:00:01 web01 sshd[3]: "
        + chosen.choice(FORMS).format(chosen.choice(NAMES), chosen.choice(SOURCES))
        for _ in range(3000)
    ]
    data = read_only("\n".join(lines).encode() + b"\n")
    rows = np.zeros(len(lines), dtype=scanner.LOG_ROW)
    n, _ = Scanner(compiled.log_tables, stamps=Stamps(year=2026)).scan(data, rows, is_last=True)
    found = compile_literals([(text.encode(), 1) for text in TEXTS])
    literals = tuple(found)
    told = np.full(n, NOT_PLAIN, dtype=np.uint8)
    of_template = np.ones(len(compiled.log_tables.roles), dtype=np.int32)
    of_family = np.ones(len(compiled.datasets), dtype=np.int32)
    windows = np.full(len(of_template), WHOLE, dtype=np.int32)
    marked, expected = np.zeros(n, dtype=np.uint8), np.zeros(n, dtype=np.uint8)

    mark_lines(data, rows, n, told, of_template, of_family, windows, literals, expected)
    for number, meaning in enumerate(compiled.meanings):
        windows[number] = window_of(meaning.line, TEXTS)
    mark_lines(data, rows, n, told, of_template, of_family, windows, literals, marked)

    assert (windows >= 0).sum() > 10
    assert 500 < expected.sum() < 2500
    assert marked.tolist() == expected.tolist()
