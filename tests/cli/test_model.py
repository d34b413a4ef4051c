"""``tocsin model``: train, list, show, verify, each for people and for machines."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

import pytest

from tocsin.cli import model
from tocsin.core.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def run(*argv: str) -> int:
    parser = argparse.ArgumentParser()
    model.add_arguments(parser)
    return model.run(parser.parse_args(argv))


def trained(folder: Path) -> str:
    assert run(
        "train", "tiny", "--synthetic", "900", "--date", "2026-11-23", "--rate", "0.02",
        "--out", str(folder),
    ) == 0  # fmt: skip
    return str(folder)


def test_training_says_what_it_learned_from_and_what_its_threshold_is_worth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained(tmp_path)

    said = capsys.readouterr()
    assert said.out.startswith("trained tiny on ")
    assert "true rate at most" in said.out
    assert "next: tocsin model show tiny" in said.err


def test_show_prints_the_card_for_machines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = trained(tmp_path)
    capsys.readouterr()

    assert run("show", "tiny", "--models", folder, "--json") == 0

    card = json.loads(capsys.readouterr().out)
    assert (card["schema"], card["name"], card["date"]) == ("tocsin.model/1", "tiny", "2026-11-23")
    assert card["parameters"]["packets_min"] == 200
    assert card["metrics"]["later_recorded"] == {"windows": 0, "over_threshold": 0}


def test_show_prints_data_figures_and_limits_for_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = trained(tmp_path)
    capsys.readouterr()

    assert run("show", "tiny", "--models", folder) == 0

    said = capsys.readouterr().out
    assert "data: name made-up calm windows" in said
    assert "limit: says that a minute is unlike its training data" in said


def test_list_names_own_and_shipped_models(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = trained(tmp_path)
    capsys.readouterr()

    assert run("list", "--models", folder, "--json") == 0

    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["name"] for row in rows] == ["calm-traffic", "tiny"]


def test_verify_ends_with_4_when_a_bit_was_flipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = trained(tmp_path)
    archive = tmp_path / "tiny.npz"
    blob = bytearray(archive.read_bytes())
    blob[100] ^= 1
    archive.write_bytes(blob)
    capsys.readouterr()

    assert run("verify", "tiny", "--models", folder, "--json") == 4

    row = json.loads(capsys.readouterr().out)
    assert row["ok"] is False
    assert "expected sha256" in row["reason"]


def test_verify_checks_every_model_when_none_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = trained(tmp_path)
    capsys.readouterr()

    assert run("verify", "--models", folder) == 0

    assert capsys.readouterr().out.splitlines() == [
        "calm-traffic: arrays, card and forest agree",
        "tiny: arrays, card and forest agree",
    ]


def test_a_card_that_is_none_does_not_hide_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.json").write_text("{")

    assert run("list", "--models", str(tmp_path)) == 4

    said = capsys.readouterr()
    assert said.out.startswith("calm-traffic")
    assert "broken.json: not a model card" in said.err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("train", "tiny"), "--from names the captures"),
        (("train", "tiny", "--synthetic", "900"), "--from names the captures"),
        (("train", "tiny", "--from", "a.pcap", "--train-share", "1"), "between 0 and 1"),
        (("show", "absent"), "no model 'absent'; there are: calm-traffic"),
    ],
)
def test_what_does_not_fit_together_is_a_usage_error(argv: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run(*argv)
