"""The detector that compares a minute with calm traffic, explained by figures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tocsin.core.addresses import address_halves
from tocsin.core.errors import IntegrityError
from tocsin.core.parameters import Parameters
from tocsin.detect import unusual_traffic
from tocsin.detect.base import Policy
from tocsin.detect.unusual_traffic import TrafficModel, UnusualTraffic, traffic_model
from tocsin.kernels import layouts
from tocsin.kernels.window_vector import FEATURE_NAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

MINUTE_NS = 60_000_000_000
START_NS = 1_767_225_600_000_000_000
POLICY = Policy(rule="rule-unusual", parameters=Parameters())
TARGET = "198.51.100.5"
SOURCES = FEATURE_NAMES.index("sources")


def model() -> TrafficModel:
    """Return a forest of one split: at most 100 of something is calm, 3 of 4 rows were."""
    width = len(FEATURE_NAMES)
    arrays: dict[str, NDArray[np.generic]] = {
        "feature": np.array([SOURCES, -1, -1], dtype="<i2"),
        "threshold": np.array([np.log1p(100.0), 0.0, 0.0], dtype="<f8"),
        "left": np.array([1, 0, 0], dtype="<i4"),
        "right": np.array([2, 0, 0], dtype="<i4"),
        "samples": np.array([4, 3, 1], dtype="<i4"),
        "roots": np.array([0], dtype="<i4"),
        "usual": np.full(width, np.log1p(2.0)),
        "usual_low": np.full(width, -50.0),
        "usual_high": np.full(width, 50.0),
    }
    arrays["usual_high"][SOURCES] = np.log1p(14.0)
    return traffic_model(
        arrays, name="tiny", features=FEATURE_NAMES, threshold=0.66, packets_min=200
    )


def window(
    *, minute: int = 0, target: str = TARGET, sources: int = 3204, packets_in: int = 9000
) -> NDArray[np.void]:
    rows = np.zeros(1, dtype=layouts.TARGET_WINDOW)
    rows["start_ns"] = START_NS + minute * MINUTE_NS
    rows["hi"], rows["lo"] = address_halves(target)
    rows["packets_in"], rows["bytes_in"], rows["flows_in"] = packets_in, 540_000, sources
    rows["sources"] = sources
    rows["first_offset"], rows["last_offset"] = 24 + minute * 1000, 1000 + minute * 1000
    return rows


def test_a_flooded_minute_is_explained_with_its_figures_and_the_usual_ones() -> None:
    detector = UnusualTraffic(POLICY, model=model())

    (found,) = detector.judge(window(), source="capture.pcap")

    assert found.reason.startswith("3,204 sources in 60 s; calm traffic has 2; ")
    assert found.reason.endswith("(isolation score 0.69, threshold 0.66)")
    assert found.figure == "3,204 sources in 60 s"
    assert (found.observed, found.expected, found.threshold) == (3204.0, 2.0, 0.66)
    assert next(iter(found.contributions)) == "sources"
    assert found.contributions["sources"] == 0.489
    assert (found.kind, found.rule, found.entity) == ("unusual_traffic", "rule-unusual", TARGET)
    assert (found.victims, found.attackers) == ((TARGET,), ())
    assert found.detected_ns == START_NS + MINUTE_NS
    assert found.selector.near == (TARGET,)
    assert found.counts.packets == 9000
    assert found.facts == {"model": "tiny", "windows": 1}


def test_a_count_of_sources_that_is_full_says_at_least() -> None:
    (found,) = UnusualTraffic(POLICY, model=model()).judge(window(sources=7098), source="a.pcap")

    assert found.figure == "at least 7,098 sources in 60 s"


def test_calm_and_quiet_minutes_say_nothing() -> None:
    detector = UnusualTraffic(POLICY, model=model())
    calm, quiet = window(sources=100), window(packets_in=199)

    assert list(detector.judge(np.concatenate([calm, quiet]), source="capture.pcap")) == []
    assert list(detector.judge(calm[:0], source="capture.pcap")) == []


def test_without_a_model_nothing_is_unusual() -> None:
    assert list(UnusualTraffic(POLICY).judge(window(), source="capture.pcap")) == []


def test_unusual_minutes_of_one_address_are_one_episode_until_an_hour_of_silence() -> None:
    detector = UnusualTraffic(POLICY, model=model())
    rows = np.concatenate([window(minute=m) for m in (0, 1, 61, 123)])

    found = list(detector.judge(rows, source="capture.pcap"))

    assert [d.is_update for d in found] == [False, True, True, False]
    assert [d.counts.packets for d in found] == [9000, 18000, 27000, 9000]
    assert found[0].episode == found[2].episode != found[3].episode
    assert found[2].selector.first_offset == 24


def test_any_cut_of_the_windows_gives_the_same_detections() -> None:
    rows = np.concatenate([window(minute=m, sources=s) for m, s in enumerate((3, 900, 20, 4000))])

    whole = list(UnusualTraffic(POLICY, model=model()).judge(rows, source="capture.pcap"))
    cut = UnusualTraffic(POLICY, model=model())
    pieces = [d for i in range(4) for d in cut.judge(rows[i : i + 1], source="capture.pcap")]

    assert len(whole) == 2
    assert pieces == whole


def test_a_restart_goes_on_with_the_same_episode() -> None:
    before, after = UnusualTraffic(POLICY, model=model()), UnusualTraffic(POLICY, model=model())
    (first,) = before.judge(window(), source="capture.pcap")

    after.restore(before.state())
    (second,) = after.judge(window(minute=1), source="capture.pcap")

    assert second.episode == first.episode
    assert second.is_update


def test_two_sources_never_share_an_episode() -> None:
    detector = UnusualTraffic(POLICY, model=model())

    (first,) = detector.judge(window(), source="a.pcap")
    (second,) = detector.judge(window(), source="b.pcap")

    assert first.episode != second.episode


def test_the_table_of_episodes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unusual_traffic, "ENTITIES_MAX", 2)
    detector = UnusualTraffic(POLICY, model=model())
    rows = [window(target=f"198.51.100.{host}") for host in range(1, 6)]

    found = list(detector.judge(np.concatenate(rows), source="capture.pcap"))

    assert len(found) == 5
    assert len(detector.state()["episodes"]) == 2


def test_a_model_for_other_features_is_refused() -> None:
    with pytest.raises(IntegrityError, match="tiny: expected features"):
        traffic_model({}, name="tiny", features=("sources",), threshold=0.6, packets_min=1)


def test_a_model_without_its_usual_values_is_refused() -> None:
    with pytest.raises(IntegrityError, match="expected 12 float64 in 'usual'"):
        traffic_model({}, name="tiny", features=FEATURE_NAMES, threshold=0.6, packets_min=1)


def test_a_model_whose_threshold_is_no_score_is_refused() -> None:
    whole = model()
    parts = {name: getattr(whole, name) for name in ("usual", "usual_low", "usual_high")}

    with pytest.raises(IntegrityError, match=r"between 0 and 1, got 1\.5"):
        traffic_model(parts, name="tiny", features=FEATURE_NAMES, threshold=1.5, packets_min=1)


def test_a_threshold_above_the_score_silences_it() -> None:
    detector = UnusualTraffic(POLICY, model=replace(model(), threshold=0.7))

    assert list(detector.judge(window(), source="capture.pcap")) == []
