"""``tocsin rule``: list, show, check, test."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tocsin.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

RULE = """\
title: Port scan
id: one
description: Tries many ports.
detector: port_scan
kind: port_scan
cold_start: all of it
"""


def test_list_gives_one_line_per_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "list", "--json"]) == 0

    rules = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rules) == 51
    assert {"port_scan", "syn_flood"} <= {rule["detector"] for rule in rules}


def test_show_finds_a_rule_by_its_detector(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "show", "syn_flood"]) == 0

    rule = json.loads(capsys.readouterr().out)
    assert (rule["kind"], rule["level"], rule["confirm_k"]) == ("syn_flood", "high", 1)


def test_show_refuses_a_name_that_no_rule_has(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "show", "nothing"]) == 2

    assert capsys.readouterr().err == "tocsin: 0 rules are called 'nothing'\n"


def test_check_says_per_file_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.yml").write_text(RULE, encoding="utf-8")
    (tmp_path / "wrong.yml").write_text(RULE + "levle: low\n", encoding="utf-8")

    assert main(["rule", "check", str(tmp_path), "--json"]) == 1

    said = capsys.readouterr()
    good, wrong = map(json.loads, said.out.splitlines())
    assert good == {
        "path": f"{tmp_path}/good.yml", "id": "one", "status": "ok", "reason": None, "line": 1,
    }  # fmt: skip
    assert (wrong["path"], wrong["status"]) == (f"{tmp_path}/wrong.yml", "invalid")
    assert 'wrong.yml:7: unknown key "levle"; did you mean "level"?' in wrong["reason"]
    assert said.err == ("1 rules are right, 0 ask for what is not in this version, 1 are wrong\n")


def test_check_refuses_what_is_no_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rule", "check", str(tmp_path / "absent")]) == 2

    assert capsys.readouterr().err.endswith("absent: is not a folder\n")


def test_a_wrong_rule_of_ones_own_stops_the_listing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wrong.yml").write_text("title: [x\n", encoding="utf-8")

    assert main(["rule", "list", "--rules", str(tmp_path)]) == 2

    assert capsys.readouterr().err.startswith(f"tocsin: {tmp_path}/wrong.yml:")


def test_the_shipped_rules_pass_their_own_tests(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "test", "--json"]) == 0

    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(results) >= 15
    assert all(result["ok"] for result in results)
