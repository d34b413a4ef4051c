"""Traffic spikes: a target's packets, bytes or new flows per second against its own past.

An exponentially weighted mean and mean absolute deviation per target and measure, scored
before it learns; a window judged anomalous teaches only a shadow baseline (DESIGN, law 5).

Catches steep rises towards a host that has been seen for ``warmup_windows`` windows.
Misses slow ramps (`traffic_level_shift` reports them), a flood inside one conversation that
the target keeps up (`tocsin.kernels.flow_table.is_transfer`), and hosts without history: with no
history it raises nothing. Memory: the target table of the packet kernel, bounded there.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.detection import Counts, Detection, Selector
from tocsin.core.times import NS_PER_S
from tocsin.detect.base import PACKET_TRIPS, Policy, Stateless
from tocsin.detect.trips import episode_of, is_update, source_of, target_of
from tocsin.kernels import layouts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

MEASURES = {
    layouts.PACKETS_S: "packets/s",
    layouts.BYTES_S: "bytes/s",
    layouts.FLOWS_S: "new flows/s",
}


class TrafficSpike(Stateless):
    """Explain spike trips."""

    name: ClassVar[str] = "traffic_spike"
    wants: ClassVar[str] = PACKET_TRIPS
    code: ClassVar[int] = layouts.SPIKE
    kind: ClassVar[str] = "traffic_spike"

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        """Yield one detection per trip."""
        for trip in rows[rows["code"] == self.code]:
            yield self._explain(trip, source)

    def reason(self, trip: np.void) -> str:
        """Say the rate, the usual rate and how far beyond its usual wobble that is."""
        unit = MEASURES[int(trip["measure"])]
        window_s = int(trip["window_ns"]) / NS_PER_S
        return (
            f"{trip['observed']:,.0f} {unit} over {window_s:.0f} s; this host's usual is "
            f"{trip['expected']:,.1f} {unit} ({trip['score']:.0f} deviations above, "
            f"{trip['threshold']:.0f} is the bound)"
        )

    def _explain(self, trip: np.void, source: str) -> Detection:
        target = target_of(trip) or "unknown"
        single = source_of(trip)
        measure = int(trip["measure"])
        return Detection(
            detector=self.name,
            rule=self.policy.rule,
            kind=self.kind,
            entity=target,
            episode=episode_of(trip, target, measure, int(trip["window_ns"])),
            source=source,
            detected_ns=int(trip["at_ns"]),
            offset=int(trip["offset"]),
            first_ns=int(trip["first_ns"]),
            last_ns=int(trip["last_ns"]),
            window_start_ns=int(trip["window_start_ns"]),
            window_s=int(trip["window_ns"]) / NS_PER_S,
            reason=self.reason(trip),
            figure=f"{trip['observed']:,.0f} {MEASURES[measure]}",
            observed=float(trip["observed"]),
            expected=float(trip["expected"]),
            threshold=float(trip["threshold"]),
            score=float(trip["score"]),
            p_value=_laplace_tail(float(trip["score"])),
            records_to_detect=int(trip["records_to_detect"]),
            is_update=is_update(trip),
            attackers=(single,) if single else (),
            victims=(target,),
            counts=Counts(
                packets=int(trip["packets"]), flows=int(trip["flows"]), bytes=int(trip["bytes"])
            ),
            selector=Selector(
                source=source,
                medium="packets",
                start_ns=int(trip["first_ns"]),
                end_ns=int(trip["last_ns"]),
                near=(target,),
                first_offset=int(trip["first_offset"]),
                last_offset=int(trip["last_offset"]),
            ),
            facts={"measure": MEASURES[measure]},
        )


def _laplace_tail(score: float) -> float:
    """Return P(deviation >= score) if deviations were Laplace with that mean deviation."""
    return 0.5 * math.exp(-max(score, 0.0))
