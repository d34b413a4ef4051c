"""Score sessions of known data sets with what judges windows: ``python tests/bench/novelty.py``.

Normal sessions are taken in their order: the first three fifths are learned, the threshold is set
on the next fifth (``--share`` of it may be above), the last fifth and all abnormal ones are
judged. Beside it two dumb baselines under the same protocol: a count vector, and an event, that
was never seen. Precision and F1 are given at the natural base rate. Data: ``TOCSIN_DATA``.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tocsin.detect.vector_history import VectorHistory

if TYPE_CHECKING:
    from collections.abc import Callable

Session = list[int]


@dataclass(frozen=True, slots=True)
class Set:
    """A data set: files of normal and abnormal sessions, and how many there really are."""

    normal: tuple[str, ...]
    abnormal: tuple[str, ...]
    natural: tuple[int, int]


SETS = {
    "hdfs": Set(("hdfs/xu_normal.csv.gz",), ("hdfs/xu_abnormal.csv.gz",), (552_640, 16_838)),
    "openstack": Set(
        ("openstack/openstack_train.csv.gz", "openstack/openstack_test_normal.csv.gz"),
        ("openstack/openstack_test_abnormal.csv.gz",),
        (4895, 651),
    ),
}


def read(folder: Path, names: tuple[str, ...]) -> list[Session]:
    """Return the sessions of files as lists of event numbers."""
    found: list[Session] = []
    for name in names:
        with gzip.open(folder / name, "rt", encoding="utf-8") as stream:
            rows = [row[-1].split() for row in csv.reader(stream) if row]
        found += [[int(event) for event in row] for row in rows if row and row[0].isdigit()]
    return found


class Triples:
    """The triples in a row of sessions, and which of them are new."""

    def __init__(self) -> None:
        self._known: set[tuple[int, ...]] = set()

    def of(self, session: Session, *, learn: bool) -> tuple[int, int]:
        """Return how many triples a session has, and how many of them were never seen."""
        found = list(zip(session, session[1:], session[2:], strict=False))
        unseen = sum(triple not in self._known for triple in found)
        if learn:
            self._known.update(found)
        return len(found), unseen


def surprise_of(train: list[Session]) -> Callable[[Session], float]:
    """Return the score of a session against those learned."""
    past, order = VectorHistory(), Triples()
    for session in train:
        triples, unseen = order.of(session, learn=True)
        past.learn(Counter(session), triples=triples, unseen=unseen)

    def score(session: Session) -> float:
        triples, unseen = order.of(session, learn=False)
        return sum(past.surprises(Counter(session), triples=triples, unseen=unseen).values())

    return score


def vector_of(train: list[Session]) -> Callable[[Session], float]:
    """Return 1 for a session whose count vector was never seen."""
    known = {frozenset(Counter(session).items()) for session in train}
    return lambda session: float(frozenset(Counter(session).items()) not in known)


def event_of(train: list[Session]) -> Callable[[Session], float]:
    """Return how many events of a session were never seen."""
    known = {event for session in train for event in session}
    return lambda session: float(len(set(session) - known))


def judged(
    name: str, fit: Callable[[list[Session]], Callable[[Session], float]], data: Set, folder: Path,
    *, share: float,
) -> dict[str, object]:  # fmt: skip
    """Return the figures of a way to score."""
    normal, abnormal = read(folder, data.normal), read(folder, data.abnormal)
    first, second = len(normal) * 3 // 5, len(normal) * 4 // 5
    score = fit(normal[:first])
    held = sorted(score(session) for session in normal[first:second])
    threshold = held[min(int(len(held) * (1 - share)), len(held) - 1)] if name == "surprise" else 0
    false = sum(score(session) > threshold for session in normal[second:])
    true = sum(score(session) > threshold for session in abnormal)
    calm = len(normal) - second
    tpr, fpr = true / len(abnormal), false / calm
    alarms = tpr * data.natural[1] + fpr * data.natural[0]
    precision = tpr * data.natural[1] / alarms if alarms else 0.0
    return {
        "score": name, "threshold": round(threshold, 2),
        "found": f"{true}/{len(abnormal)}", "false": f"{false}/{calm}",
        "tpr": round(tpr, 4), "fpr": round(fpr, 4), "precision": round(precision, 4),
        "f1": round(2 * precision * tpr / (precision + tpr), 4) if alarms else 0.0,
    }  # fmt: skip


def main() -> None:
    """Print a line of figures per set and score."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--share", type=float, default=0.002, help="of calm sessions above")
    args = parser.parse_args()
    folder = Path(os.environ.get("TOCSIN_DATA", "../shared/data")) / "ml"
    ways = {"surprise": surprise_of, "unseen vector": vector_of, "unseen event": event_of}
    for name, data in SETS.items():
        for way, fit in ways.items():
            found = judged(way, fit, data, folder, share=args.share)
            sys.stdout.write(json.dumps({"set": name, **found}) + "\n")


if __name__ == "__main__":
    main()
