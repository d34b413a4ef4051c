"""The README's table of detectors is the table of rules."""

from __future__ import annotations

from pathlib import Path

from tocsin.detect.base import AUTH_TRIPS
from tocsin.detect.registry import detector_classes
from tocsin.settings.rules import load_rules

ROOT = Path(__file__).parent.parent.parent


def medium_of(cls: type) -> str:
    if getattr(cls, "wants", "") == AUTH_TRIPS:
        return "logs"
    return getattr(cls, "medium", "packets")


def test_the_table_of_detectors_is_true() -> None:
    classes = detector_classes()
    rules = load_rules([ROOT / "rules/detectors"]).rules
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.split("<!-- detectors")[1].split("<!-- end of detectors")[0]

    wanted = [
        f"| {rule.detector} | {rule.kind} | {rule.level} | {medium_of(classes[rule.detector])} | "
        for rule in sorted(rules, key=lambda rule: rule.detector)
    ]

    rows = [
        line for line in table.splitlines() if line.startswith("| ") and "detector |" not in line
    ]
    assert len(rows) == len(wanted)
    assert all(row.startswith(want) for row, want in zip(rows, wanted, strict=True))
    assert {rule.detector for rule in rules} == set(classes)
