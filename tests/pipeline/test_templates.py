"""``tocsin parse --templates``: each event says which template its line is of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tocsin.cli.main import main
from tocsin.testing import logs

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_lines_that_say_the_same_have_one_template(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "shop.log"
    path.write_bytes(
        logs.line(1, "request 7 took 3 ms", program="shopd[7]")
        + logs.failed(2, source="203.0.113.9", port=4000)
        + logs.line(3, "request 8 took 90 ms", program="shopd[8]")
    )

    assert main(["parse", str(path), "--templates"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert [one["tocsin.template.id"] for one in events] == [0, 1, 0]
    assert [one["tocsin.template.text"] for one in events] == [
        "request <*> took <*>",
        "Failed password for root from <*> port <*>",
        "request <*> took <*>",
    ]


def test_without_the_option_events_are_as_ever(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "shop.log"
    path.write_bytes(logs.line(1, "request 7 took 3 ms", program="shopd[7]"))

    assert main(["parse", str(path)]) == 0

    assert "template" not in capsys.readouterr().out
