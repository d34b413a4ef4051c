"""What is printed: one JSON line per value, tables that fit, nothing that moves the cursor."""

from __future__ import annotations

import json
from os import terminal_size
from typing import TYPE_CHECKING

import pytest

from tocsin.cli import output

if TYPE_CHECKING:
    from collections.abc import Sequence


def test_a_figure_that_is_no_number_is_printed_as_null(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_json({"score": float("nan"), "parts": [float("inf"), 2.5, (float("-inf"), 1)]})

    assert json.loads(capsys.readouterr().out) == {"score": None, "parts": [None, 2.5, [None, 1]]}


def test_one_value_is_one_line_whatever_its_texts_hold(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_json({"user": "ro\not\u2028x"})

    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert json.loads(said) == {"user": "ro\not\u2028x"}


def test_words_go_to_stderr_and_leave_stdout_to_data(capsys: pytest.CaptureFixture[str]) -> None:
    output.words("reading capture.pcap")

    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "reading capture.pcap\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("web01\x1b[2J", "web01\\x1b[2J"),
        ("root\r\nAccepted", "root\\x0d\\x0aAccepted"),
        ("a\x9bb", "a\\x9bb"),
        ("gpj\u202eexe", "gpj\\u202eexe"),
        ("ad\u200bmin", "ad\\u200bmin"),
        ("ad\ufeffmin", "ad\\ufeffmin"),
        ("line\u2028two", "line\\u2028two"),
        ("Zoë 東京", "Zoë 東京"),
    ],
)
def test_what_could_move_or_hide_text_is_escaped(text: str, shown: str) -> None:
    assert output.safe(text) == shown


def test_a_table_in_a_file_is_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table([("P1", "x" * 300)], header=("prio", "incident"))

    assert capsys.readouterr().out.splitlines() == ["prio  incident", "P1    " + "x" * 300]


def printed_at(width: int, rows: Sequence[Sequence[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: terminal_size((width, 24)))
    output.print_table(rows, header=("prio", "incident"))


def test_the_widest_column_gives_way_to_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printed_at(40, [("P1", "x" * 300)], monkeypatch)

    lines = capsys.readouterr().out.splitlines()
    assert lines == ["prio  incident", "P1    " + "x" * 33 + "…"]


def test_a_table_that_fits_keeps_every_character(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printed_at(40, [("P1", "port scan")], monkeypatch)

    assert capsys.readouterr().out.splitlines() == ["prio  incident", "P1    port scan"]
