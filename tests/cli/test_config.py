"""``tocsin config``: is it right, and what is in force."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tocsin.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_check_of_the_defaults_counts_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "check"]) == 0

    assert capsys.readouterr().err == "defaults: right; 54 rules\n"


def test_check_names_the_line_that_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tocsin.toml"
    path.write_text('[[asset]]\nnam = "web01"\n', encoding="utf-8")

    assert main(["config", "check", "--config", str(path)]) == 2

    said = capsys.readouterr().err
    assert said == f'tocsin: {path}:2: unknown key "nam"; did you mean "name"?\n'


def test_show_prints_settings_and_thresholds_in_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tocsin.toml"
    path.write_text('[network]\nhome = ["198.51.100.0/24"]\n', encoding="utf-8")

    assert main(["config", "show", "--config", str(path)]) == 0

    shown = json.loads(capsys.readouterr().out)
    assert shown["settings"]["home"] == ["198.51.100.0/24"]
    assert shown["parameters"]["scan"]["ports_min"] == 5
