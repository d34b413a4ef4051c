"""Nothing that a remote side wrote reaches a terminal, a page or a listing as it is."""

from __future__ import annotations

import html
import unicodedata
from pathlib import Path

import pytest

from tocsin.cli.main import main

EVIL = "ro\x1b[2Jot\x9b31m\u202egpj\u2028\x7f\u200b<script>alert(1)</script>\x07\x85\ufeff"
ATTEMPTS = 40
HIDDEN = frozenset(("Cc", "Cf", "Co", "Cs", "Zl", "Zp"))


def hidden_in(text: str) -> set[str]:
    """Return the characters of a text that move, hide or reorder, line feeds apart."""
    return {char for char in text if unicodedata.category(char) in HIDDEN and char != "\n"}


@pytest.fixture(name="state", scope="module")
def analyzed_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a log of guesses at an evil name, its state and its report."""
    folder = tmp_path_factory.mktemp("hostile")
    lines = [
        f"Nov 11 08:{n // 60:02}:{n % 60:02} we\x1b[2Jb01 sshd[{n}]: Failed password for invalid user"
        f" {EVIL} from 203.0.113.9 port {4000 + n} ssh2"
        for n in range(ATTEMPTS)
    ]
    lines += [
        f'203.0.113.9 - - [11/Nov/2026:08:05:{n:02} +0000] "GET /?q=1%27+UNION+SELECT+1,2+FROM+x'
        f'{EVIL} HTTP/1.1" 404 1 "{EVIL}" "{EVIL}"'
        for n in range(ATTEMPTS)
    ]
    log = folder / "au\u202eth.log"
    log.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="")
    main(
        ["analyze", str(log), "--year", "2026", "--state", str(folder / "s"),
         "--report", str(folder / "r.html")]
    )  # fmt: skip
    return folder


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    main([*arguments])
    captured = capsys.readouterr()
    assert captured.out
    return captured.out + captured.err


def incident_of(capsys: pytest.CaptureFixture[str], state: Path) -> str:
    return told(capsys, "incident", "list", "--state", str(state / "s")).split("\n")[1].split()[-1]


@pytest.mark.parametrize("json", [[], ["--json"]])
@pytest.mark.parametrize("command", [["incident", "list"], ["evidence", "list"]])
def test_a_listing_holds_nothing_hidden(
    state: Path, capsys: pytest.CaptureFixture[str], command: list[str], json: list[str]
) -> None:
    assert hidden_in(told(capsys, *command, "--state", str(state / "s"), *json)) == set()


@pytest.mark.parametrize("json", [[], ["--json"]])
@pytest.mark.parametrize("command", ["incident", "evidence"])
def test_an_incident_and_its_evidence_are_shown_with_nothing_hidden(
    state: Path, capsys: pytest.CaptureFixture[str], command: str, json: list[str]
) -> None:
    number = incident_of(capsys, state)

    text = told(capsys, command, "show", number, "--state", str(state / "s"), *json)

    assert hidden_in(text) == set()


@pytest.mark.parametrize("json", [[], ["--json", "--detections"]])
def test_an_analysis_prints_nothing_hidden(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], json: list[str]
) -> None:
    log = next(state.glob("*.log"))

    text = told(capsys, "analyze", str(log), "--year", "2026", "--state", str(tmp_path), *json)

    assert hidden_in(text) == set()
    assert "203.0.113.9" in text


def test_events_are_printed_with_nothing_hidden(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hidden_in(told(capsys, "parse", str(next(state.glob("*.log"))))) == set()


def test_a_report_holds_no_markup_and_nothing_hidden(state: Path) -> None:
    page = (state / "r.html").read_text(encoding="utf-8")

    assert "<script>alert" not in page
    assert hidden_in(html.unescape(page)) <= {"\t"}
