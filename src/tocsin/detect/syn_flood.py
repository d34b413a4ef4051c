"""SYN floods, by their shape: handshakes that never complete, many sources or few ports.

Source: RFC 4987 (TCP SYN flooding attacks and common mitigations) for what the attack is;
judged per target and one-second window, at every 100 ms pane, so a flood is named while
its first second is still open. A scan of many ports by one source is not a flood.

Catches floods with spoofed, many or single sources. Misses floods under
``half_open_min`` a second and floods whose handshakes complete. May raise with no
history. Memory: the target table of the packet kernel, bounded there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.detection import Counts, Detection, Selector
from tocsin.core.times import NS_PER_S
from tocsin.detect.base import PACKET_TRIPS, Policy, Stateless
from tocsin.detect.trips import (
    episode_of,
    is_update,
    plural,
    samples_of,
    source_of,
    span_text,
    target_of,
)
from tocsin.kernels import layouts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

SPOOFED = "*spoofed"


class SynFlood(Stateless):
    """Explain flood trips."""

    name: ClassVar[str] = "syn_flood"
    wants: ClassVar[str] = PACKET_TRIPS

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        """Yield one detection per flood trip."""
        for trip in rows[rows["code"] == layouts.SYN_FLOOD]:
            yield self._explain(trip, source)

    def _explain(self, trip: np.void, source: str) -> Detection:
        victim = target_of(trip) or "unknown"
        single = source_of(trip)
        port = int(trip["port"]) or None
        return Detection(
            detector=self.name,
            rule=self.policy.rule,
            kind="syn_flood",
            entity=victim,
            episode=episode_of(trip, victim),
            source=source,
            detected_ns=int(trip["at_ns"]),
            offset=int(trip["offset"]),
            first_ns=int(trip["first_ns"]),
            last_ns=int(trip["last_ns"]),
            window_start_ns=int(trip["window_start_ns"]),
            window_s=int(trip["window_ns"]) / NS_PER_S,
            reason=_reason(trip, single),
            figure=f"{int(trip['observed']):,} half-open connections a second",
            observed=float(trip["observed"]),
            threshold=float(trip["threshold"]),
            score=float(trip["score"]),
            records_to_detect=int(trip["records_to_detect"]),
            is_update=is_update(trip),
            attackers=(single,) if single else (SPOOFED,),
            victims=(victim,),
            counts=Counts(
                packets=int(trip["packets"]), flows=int(trip["flows"]), bytes=int(trip["bytes"])
            ),
            selector=Selector(
                source=source,
                medium="packets",
                start_ns=int(trip["first_ns"]),
                end_ns=int(trip["last_ns"]),
                near=(victim,),
                far=(single,) if single else (),
                port=port,
                proto=6,
                first_offset=int(trip["first_offset"]),
                last_offset=int(trip["last_offset"]),
            ),
            facts={
                "proto": "tcp",
                **({"port": port} if port else {}),
                "sources_sampled": ", ".join(samples_of(trip)),
            },
        )


def _reason(trip: np.void, single: str | None) -> str:
    half_open, whole = int(trip["observed"]), int(trip["flows"])
    sources = plural(int(trip["sources"]), "source")
    who = f"one source, {single}" if single else f"about {sources}, most seen once"
    span = span_text(int(trip["first_ns"]), int(trip["last_ns"]))
    return (
        f"{half_open:,} half-open connections in one second ({whole:,} SYN in {span}) from {who}; "
        f"{int(trip['successes']):,} handshakes completed; "
        f"a calm service completes nearly all, and {int(trip['threshold']):,} a second is the bound"
    )
