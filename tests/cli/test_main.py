"""The dispatcher: what is found, what is refused, and with which exit code."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tocsin import __version__
from tocsin.cli import config
from tocsin.cli.main import COMMANDS, LATER, main
from tocsin.core.errors import IntegrityError, NotPermittedError, TocsinError

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


def test_help_names_every_command_and_those_of_later_versions(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--help"]) == 0

    said = capsys.readouterr().out
    assert [name for name in (*COMMANDS, *LATER) if name not in said] == []


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from tocsin.cli.main import main; main(['--help']);"
        "print(sorted({'numpy', 'numba', 'pandas', 'sqlalchemy', 'yaml'} & sys.modules.keys()))"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.splitlines()[-1] == "[]"


def test_without_a_command_the_help_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2

    assert capsys.readouterr().out.startswith("usage: tocsin COMMAND")


def test_the_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0

    assert capsys.readouterr().out == f"tocsin {__version__}\n"


def test_a_misspelt_command_gets_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["anlyze"]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert 'unknown command "anlyze"; did you mean "analyze"?' in said.err


def test_an_unknown_command_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["\x1b[2J"]) == 2

    assert 'unknown command "\\x1b[2J"' in capsys.readouterr().err


@pytest.mark.parametrize("name", LATER)
def test_a_command_of_a_later_version_says_so(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([name, "anything"]) == 2

    assert "is not in this version" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["ack", "assign", "verdict", "close"])
def test_a_verb_of_a_later_version_says_so(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["incident", verb, "a3f1c09be2d4"]) == 2

    assert capsys.readouterr().err == f"tocsin: incident {verb} is not in this version\n"


def test_a_wrong_option_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["config", "check", "--nonsense"])

    assert left.value.code == 2
    assert "--nonsense" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])

    assert left.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: tocsin {name}")


@pytest.mark.parametrize(
    ("error", "code"), [(IntegrityError("altered"), 4), (NotPermittedError("held"), 5)]
)
def test_an_error_is_one_line_and_its_exit_code(
    error: TocsinError,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(_: argparse.Namespace) -> int:
        raise error

    monkeypatch.setattr(config, "run", fail)

    assert main(["config", "check"]) == code
    assert capsys.readouterr().err == f"tocsin: {error.message}\n"


def test_an_interrupt_leaves_with_the_code_of_a_signal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(config, "run", interrupt)

    assert main(["config", "check"]) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    script = tmp_path / "print_much.py"
    script.write_text(
        "from tocsin.cli import config, main\n"
        "def run(args):\n    for _ in range(100_000): print('x' * 80)\n    return 0\n"
        "config.run = run\n"
        "raise SystemExit(main.main(['config', 'show']))\n",
        encoding="utf-8",
    )

    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.readline()
        command.stdout.close()
        said = command.stderr.read()

    assert (command.returncode, said) == (0, b"")
