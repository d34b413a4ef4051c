"""How well template mining groups lines, on our own lines and on labelled ones."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from tests.review.varied import kinds, lines_of
from tocsin.review.grouping import agreement, grouping_accuracy

DATA = Path(os.environ.get("TOCSIN_DATA", Path(__file__).parents[3] / "shared/data"))
LABELLED = DATA / "logs" / "loghub-2k"
SYSTEMS = {"Apache": 1.0, "HDFS": 1.0, "OpenSSH": 1.0, "OpenStack": 1.0, "Spark": 0.99,
           "Windows": 1.0}  # fmt: skip


def labelled(system: str) -> Path:
    (path,) = LABELLED.glob(f"{system}_2k.log_structured*.csv")
    return path


@pytest.mark.skipif(not LABELLED.is_dir(), reason="needs the labelled logs of TOCSIN_DATA")
@pytest.mark.parametrize(("system", "least"), SYSTEMS.items())
def test_labelled_logs_are_grouped_as_people_grouped_them(system: str, least: float) -> None:
    with labelled(system).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    found = grouping_accuracy([row["Content"] for row in rows], [row["EventId"] for row in rows])

    assert found >= least


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("seed", [1])
def test_lines_of_many_kinds_are_grouped_by_what_they_say(kind: str, seed: int) -> None:
    made = lines_of(kinds()[kind], total=1000, seed=seed)

    assert grouping_accuracy([line for line, _ in made], [label for _, label in made]) >= 0.95


def test_a_group_counts_only_when_it_is_exactly_that_of_a_label() -> None:
    assert agreement([1, 1, 2, 2], ["a", "a", "b", "b"]) == 1.0
    assert agreement([1, 1, 1, 2], ["a", "a", "b", "b"]) == 0.0
    assert agreement([1, 1, 2, 3], ["a", "a", "b", "b"]) == 0.5
    assert agreement([], []) == 0.0


def test_each_line_needs_a_label() -> None:
    with pytest.raises(ValueError, match="expected a label for each of 2 lines, got 1"):
        agreement([1, 2], ["a"])
