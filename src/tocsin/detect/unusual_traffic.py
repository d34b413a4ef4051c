"""Unusual traffic: an isolation forest over the 60 s windows of each address.

Source: Liu, Ting, Zhou, *Isolation Forest*, ICDM 2008; explained by path attribution
(`tocsin.kernels.forest.Forest.contributions`). The model is trained beforehand on calm
traffic and comes with a threshold from calm traffic that is later; nothing is learned here.

Catches combinations of counts and ratios that calm traffic does not show, without a rule
for them. Misses whatever looks like calm traffic within a minute (beacons, slow scans),
what an address merely sends,
and addresses that receive under ``packets_min`` packets a minute. It can't tell hostile from merely
new, so it never says more than ``low``. May raise with no history: the model is shipped.
Memory: one small record per address that was unusual within the last hour, 4,096 at most;
beyond it the longest silent one is forgotten and would open a new episode.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tocsin.core.addresses import address_text
from tocsin.core.detection import Counts, Detection, Selector
from tocsin.core.errors import IntegrityError
from tocsin.core.times import NS_PER_S
from tocsin.core.vocabulary import kind_of
from tocsin.detect.base import WINDOWS, Policy
from tocsin.kernels.forest import Forest, forest_of
from tocsin.kernels.window_vector import (
    FEATURE_NAMES,
    FEATURES,
    SHARE,
    WINDOW_S,
    WindowFeature,
    window_matrix,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

KIND = "unusual_traffic"
ENTITIES_MAX = 4096
_REASONS_MAX = 3
_ASPECTS = {
    "uncompleted_in": "handshakes",
    "completion_share": "handshakes",
    "packets_in": "volume",
    "bytes_in": "volume",
    "flows_in": "flows",
    "flow_packets_in": "flows",
    "packet_bytes_in": "sizes",
    "small_share": "sizes",
}
_ESTIMATED, _ESTIMATE_FULL = frozenset({"sources", "ports"}), 7000.0  # see kernels.bitmap
_WHOLE_FROM, _WHOLE_WITHIN = 10.0, 1e-6
_PHRASES = {
    "packets_in": "{} packets received",
    "bytes_in": "{} bytes received",
    "flows_in": "{} new flows towards it",
    "sources": "{} sources",
    "ports": "{} ports addressed",
    "uncompleted_in": "{} handshakes not completed",
    "packet_bytes_in": "{} bytes per packet received",
    "flow_packets_in": "{} packets received per new flow",
    "completion_share": "{} of handshakes completed",
    "small_share": "{} of packets under 64 bytes",
    "udp_share": "{} of packets UDP",
    "icmp_share": "{} of packets ICMP",
}


@dataclass(frozen=True, slots=True)
class TrafficModel:
    """What judging needs of a trained model.

    ``usual``, ``usual_low``, ``usual_high`` float64 (features,): the median, the first and
    the 99th percentile of the training rows. ``packets_min``: packets received in one
    window below which an address is not judged (it was not trained on such either).
    """

    name: str
    forest: Forest
    threshold: float
    usual: NDArray[np.float64]
    usual_low: NDArray[np.float64]
    usual_high: NDArray[np.float64]
    packets_min: int


def traffic_model(
    arrays: Mapping[str, NDArray[np.generic]],
    *,
    name: str,
    features: Sequence[str],
    threshold: float,
    packets_min: int,
) -> TrafficModel:
    """Return a model from the parts of its file; `IntegrityError` when they don't fit."""
    if tuple(features) != FEATURE_NAMES:
        message = f"expected features {FEATURE_NAMES}, got {tuple(features)}"
        raise IntegrityError(message, where=name)
    usual: dict[str, NDArray[np.float64]] = {}
    for part in ("usual", "usual_low", "usual_high"):
        array = arrays.get(part, np.empty(0))
        if array.shape != (len(FEATURE_NAMES),) or array.dtype != np.dtype("<f8"):
            raise IntegrityError(f"expected {len(FEATURE_NAMES)} float64 in {part!r}", where=name)
        usual[part] = array.astype(np.float64)
    if not 0.0 < threshold < 1.0:
        raise IntegrityError(f"expected a threshold between 0 and 1, got {threshold}", where=name)
    return TrafficModel(
        name=name,
        forest=forest_of(arrays, features=len(FEATURE_NAMES), where=name),
        threshold=threshold,
        packets_min=packets_min,
        **usual,
    )


@dataclass(frozen=True, slots=True)
class _Episode:
    first_ns: int
    last_ns: int
    first_offset: int
    windows: int
    packets: int
    flows: int
    bytes: int


class UnusualTraffic:
    """Judge closed windows; without a model there is nothing usual, and it says nothing."""

    name: ClassVar[str] = "unusual_traffic"
    wants: ClassVar[str] = WINDOWS

    def __init__(self, policy: Policy, *, model: TrafficModel | None = None) -> None:
        self.policy = policy
        self.model = model
        self._episodes: dict[tuple[str, str], _Episode] = {}  # by (source, address)
        self._gap_ns = kind_of(KIND).folds_s * NS_PER_S

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        """Yield a detection per window whose score exceeds the model's threshold."""
        model = self.model
        if model is None or not len(rows):
            return
        busy = rows[rows["packets_in"] >= model.packets_min]
        if not len(busy):
            return
        matrix = window_matrix(busy)
        scores = model.forest.scores(matrix)
        strange = np.flatnonzero(scores > model.threshold)
        bits = model.forest.contributions(matrix[strange])
        for place, row in enumerate(strange.tolist()):
            window = busy[row]
            address = address_text(int(window["hi"]), int(window["lo"]))
            episode = self._remember(window, source=source, address=address)
            yield self._explain(
                window, float(scores[row]), matrix[row], bits[place], model=model,
                episode=episode, source=source, address=address,
            )  # fmt: skip

    def state(self) -> dict[str, Any]:
        """Return the open episodes as plain values."""
        return {"episodes": [[*key, *astuple(episode)] for key, episode in self._episodes.items()]}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        self._episodes = {
            (row[0], row[1]): _Episode(*(int(value) for value in row[2:]))
            for row in state.get("episodes", [])
        }

    def _remember(self, window: np.void, *, source: str, address: str) -> _Episode:
        """Add the window to its address's episode, which moves to the end of the table."""
        start_ns = int(window["start_ns"])
        end_ns = start_ns + WINDOW_S * NS_PER_S
        known = self._episodes.pop((source, address), None)
        if known is None or start_ns - known.last_ns > self._gap_ns:
            known = _Episode(start_ns, end_ns, int(window["first_offset"]), 0, 0, 0, 0)
        grown = replace(
            known,
            last_ns=end_ns,
            windows=known.windows + 1,
            packets=known.packets + int(window["packets_in"]),
            flows=known.flows + int(window["flows_in"]),
            bytes=known.bytes + int(window["bytes_in"]),
        )
        self._episodes[source, address] = grown
        while len(self._episodes) > ENTITIES_MAX:
            del self._episodes[next(iter(self._episodes))]
        return grown

    def _explain(
        self,
        window: np.void,
        score: float,
        vector: NDArray[np.float64],
        bits: NDArray[np.float64],
        *,
        model: TrafficModel,
        episode: _Episode,
        source: str,
        address: str,
    ) -> Detection:
        chosen = _telling(vector, bits, model)
        lead = chosen[0]
        end_ns = int(window["start_ns"]) + WINDOW_S * NS_PER_S
        return Detection(
            detector=self.name,
            rule=self.policy.rule,
            kind=KIND,
            entity=address,
            episode=_episode_name(source, address, episode.first_ns),
            source=source,
            detected_ns=end_ns,
            offset=int(window["last_offset"]),
            first_ns=episode.first_ns,
            last_ns=end_ns - 1,
            window_start_ns=int(window["start_ns"]),
            window_s=float(WINDOW_S),
            reason=_reason(vector, chosen, score, model),
            figure=f"{_phrase(lead, vector)} in {WINDOW_S} s",
            observed=round(FEATURES[lead].natural(float(vector[lead])), 4),
            expected=round(FEATURES[lead].natural(float(model.usual[lead])), 4),
            threshold=model.threshold,
            score=round(score, 6),
            records_to_detect=int(window["packets_in"]),
            is_update=episode.windows > 1,
            victims=(address,),
            counts=Counts(packets=episode.packets, flows=episode.flows, bytes=episode.bytes),
            selector=Selector(
                source=source,
                medium="packets",
                start_ns=episode.first_ns,
                end_ns=end_ns - 1,
                near=(address,),
                first_offset=episode.first_offset,
                last_offset=int(window["last_offset"]),
            ),
            contributions={FEATURE_NAMES[i]: round(float(bits[i]), 4) for i in chosen},
            facts={"model": model.name, "windows": episode.windows},
        )


def _telling(
    vector: NDArray[np.float64], bits: NDArray[np.float64], model: TrafficModel
) -> list[int]:
    """Return the features to name: by contribution, those outside the calm range first.

    A split may credit a feature whose value is ordinary by itself; a person can only be
    told what differs, so such features come after all that lie outside. Of two features
    that say the same thing only the first is named.
    """
    outside = (vector < model.usual_low) | (vector > model.usual_high)
    order = sorted(range(len(bits)), key=lambda i: (not outside[i], -float(bits[i]), i))
    chosen: dict[str, int] = {}
    for i in order:
        chosen.setdefault(_ASPECTS.get(FEATURE_NAMES[i], FEATURE_NAMES[i]), i)
    return list(chosen.values())[:_REASONS_MAX]


def _reason(
    vector: NDArray[np.float64], chosen: list[int], score: float, model: TrafficModel
) -> str:
    parts = []
    for place, i in enumerate(chosen):
        phrase = _phrase(i, vector)
        usual = _figure(FEATURES[i], float(model.usual[i]))
        span = f" in {WINDOW_S} s" if place == 0 else ""
        parts.append(f"{phrase}{span}; calm traffic has {usual}")
    figures = f"(isolation score {score:.2f}, threshold {model.threshold:.2f})"
    return f"{'; '.join(parts)} {figures}"


def _phrase(i: int, vector: NDArray[np.float64]) -> str:
    name, value = FEATURE_NAMES[i], float(vector[i])
    text = _PHRASES[name].format(_figure(FEATURES[i], value))
    is_full = name in _ESTIMATED and FEATURES[i].natural(value) >= _ESTIMATE_FULL
    return f"at least {text}" if is_full else text


def _figure(feature: WindowFeature, value: float) -> str:
    natural = feature.natural(value)
    if feature.scale == SHARE:
        return f"{100 * natural:.0f} %"
    is_whole = natural >= _WHOLE_FROM or abs(natural - round(natural)) < _WHOLE_WITHIN
    return f"{natural:,.0f}" if is_whole else f"{natural:.2g}"


def _episode_name(source: str, address: str, first_ns: int) -> str:
    return hashlib.sha256(f"{KIND}|{source}|{address}|{first_ns}".encode()).hexdigest()[:16]
