"""Every detector passes the battery; a double that breaks a promise does not."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tocsin.core.messages import DnsMessage
from tocsin.core.parameters import Parameters
from tocsin.detect.base import PACKET_TRIPS, Policy
from tocsin.detect.new_service import NewService
from tocsin.detect.registry import detector_classes
from tocsin.detect.syn_flood import SynFlood
from tocsin.detect.unusual_traffic import UnusualTraffic
from tocsin.pipeline.traffic_models import shipped_traffic_model
from tocsin.testing import conformance
from tocsin.testing.conformance import NotConformingError, check_detector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tocsin.core.detection import Detection
    from tocsin.detect.base import Detector

pytestmark = pytest.mark.timeout(300)

POLICY = Policy(rule="rule-a", parameters=Parameters())
HEARING = sorted(name for name, cls in detector_classes().items() if cls.wants == "messages")


def made(name: str) -> Detector:
    """Return a fresh detector of that name."""
    cls = detector_classes()[name]
    if cls is UnusualTraffic:
        return UnusualTraffic(POLICY, model=shipped_traffic_model())
    return cls(POLICY)


@pytest.mark.parametrize("name", sorted(detector_classes()))
def test_a_detector_keeps_its_promises(name: str) -> None:
    check_detector(lambda: made(name), rule="rule-a")


@pytest.mark.parametrize("name", HEARING)
def test_a_detector_hears_all_that_it_looks_at(name: str) -> None:
    attacks = (conformance.rows_for("messages", detector=other) for other in HEARING)
    rows = sorted(chain.from_iterable(attacks), key=lambda message: message.at_ns)

    conformance.check_hearing(lambda: made(name), rows=rows)


@pytest.mark.parametrize("wants", ["packet_trips", "auth_trips"])
def test_every_code_is_judged_by_exactly_one_detector(wants: str) -> None:
    rows = conformance.rows_for(wants, copies=1)
    # A worm's scan is told twice: as a scan, and what makes it a worm's.
    classes = {name: cls for name, cls in detector_classes().items() if name != "worm"}
    detectors = [made(name) for name, cls in classes.items() if cls.wants == wants]

    for row in rows:
        judged = [d for d in detectors if list(d.judge(np.array([row]), source="s"))]

        assert len(judged) == 1, int(row["code"])


class Changes(SynFlood):
    """Writes into the rows that it was lent."""

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        yield from super().judge(rows, source=source)
        rows["observed"] += 1


class Forgetful(SynFlood):
    """Numbers its detections, and forgets the number in a restart."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self.seen = 0

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        for found in super().judge(rows, source=source):
            self.seen += 1
            yield replace(found, score=float(self.seen))


class Hoarder(SynFlood):
    """Keeps a row per address for ever."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self.seen: list[int] = []

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        self.seen.extend(rows["src_lo"].tolist())
        yield from super().judge(rows, source=source)

    def state(self) -> dict[str, Any]:
        return {"seen": self.seen}

    def restore(self, state: dict[str, Any]) -> None:
        self.seen = list(state["seen"])


class Wordless(SynFlood):
    """Gives no figure in its reason."""

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        for found in super().judge(rows, source=source):
            yield replace(found, reason="something is odd")


class NotANumber(SynFlood):
    """Gives a score that is not a number."""

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        for found in super().judge(rows, source=source):
            yield replace(found, score=float("nan"))


class Backwards(SynFlood):
    """Judges the newest row first."""

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        yield from super().judge(rows[::-1], source=source)


class Greedy(SynFlood):
    """Judges whatever comes, by whichever code."""

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        for trip in rows:
            yield self._explain(trip, source)


class Counting(SynFlood):
    """Remembers across detectors: the same rows give something else the second time."""

    total = 0

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        for found in super().judge(rows, source=source):
            Counting.total += 1
            yield replace(found, score=float(Counting.total))


class Silent(SynFlood):
    """Raises nothing at all."""

    wants = PACKET_TRIPS

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        yield from ()


@pytest.mark.parametrize(
    ("double", "complaint"),
    [
        (Changes, "rows that judging leaves as they were"),
        (Counting, "the same detections from the same rows"),
        (Forgetful, "the same detections after a restart"),
        (Hoarder, "a state of at most"),
        (Wordless, "figures in the reason"),
        (NotANumber, "a finite score"),
        (Backwards, "detections in the order of their rows"),
        (Greedy, "nothing from rows of code 250"),
        (Silent, "at least one detection"),
    ],
)
def test_a_detector_that_breaks_a_promise_is_caught(double: type[SynFlood], complaint: str) -> None:
    with pytest.raises(NotConformingError, match=complaint):
        check_detector(lambda: double(POLICY), rule="rule-a")


class Deaf(NewService):
    """Looks at every answer, and says that it hears those of name servers only."""

    hears = (DnsMessage,)


def test_a_detector_that_looks_at_more_than_it_hears_is_caught() -> None:
    with pytest.raises(NotConformingError, match="the same without messages that it does not hear"):
        check_detector(lambda: Deaf(POLICY), rule="rule-a")


def test_a_selector_that_ends_before_it_begins_is_caught() -> None:
    (found,) = SynFlood(POLICY).judge(conformance.packet_trip(5), source=conformance.SOURCE)
    turned = replace(found.selector, start_ns=found.selector.end_ns + 1)

    with pytest.raises(NotConformingError, match="a selector that spans time and bytes"):
        conformance.check_numbers(replace(found, selector=turned), rule="rule-a")


def test_rows_that_nobody_gives_out_are_refused() -> None:
    with pytest.raises(NotConformingError, match="expected wants one of"):
        conformance.rows_for("frames")
