"""A site behind a proxy: the configured proxy is no attacker, and evidence is its client's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tocsin.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

CLIENT, VISITOR = "203.0.113.9", "192.0.2.77"


def test_incident_and_evidence_name_the_client_of_a_proxy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, log = tmp_path / "tocsin.toml", tmp_path / "access.log"
    settings.write_text('[network]\nproxies = ["10.0.0.0/24"]\n', encoding="utf-8")
    log.write_text(
        "".join(
            f"10.0.0.5 - - [24/Nov/2026:10:00:{n:02} +0000] "
            f'"GET /{"backup" if n % 2 else "page"}{n}.sql HTTP/1.1" {404 if n % 2 else 200} 9 "-" '
            f'"Mozilla/5.0" "{CLIENT if n % 2 else VISITOR}"\n'
            for n in range(60)
        ),
        encoding="utf-8",
    )
    state = tmp_path / "state"

    main(["analyze", str(log), "--json", "--config", str(settings), "--state", str(state)])

    (incident,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (incident["kind"], incident["attackers"]) == ("web_scan", [CLIENT])
    (lines,) = (state / "evidence" / incident["id"]).glob("*.log")
    kept = lines.read_text(encoding="utf-8").splitlines()
    assert len(kept) > 10
    assert all(CLIENT in line for line in kept)
