"""What the detectors of floods and reflections share: from a surge's trip to a detection.

Shapes and bounds stand in `tocsin.kernels.surges` and `tocsin.kernels.verdicts`. A source
that sent four fifths of it is named, and so are up to eight sources; more are named by the
first eight when each came often, else they are ``*spoofed`` (or ``*reflectors``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.detection import Counts, Detection, Selector
from tocsin.core.times import NS_PER_S
from tocsin.detect.base import PACKET_TRIPS, Policy, Stateless
from tocsin.detect.trips import (
    PROTOCOLS,
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

Flavours = Mapping[int, tuple[str, str]]
"""By flavour: the fact ``attack``, and what the packets are called."""
SPOOFED, REFLECTORS = "*spoofed", "*reflectors"
SOURCES_NAMED_MAX = 8
PACKETS_OF_A_HOST = 20  # from a source within a second: it is there


class SurgeDetector(Stateless):
    """Explain the surge trips of one code; a detector says what its packets are called."""

    name: ClassVar[str]
    code: ClassVar[int]
    wants: ClassVar[str] = PACKET_TRIPS
    group: ClassVar[str] = SPOOFED
    packets: ClassVar[str]  # what is counted, in the plural
    flavours: ClassVar[Flavours] = {}

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        """Yield one detection per surge trip of this detector's code."""
        for trip in rows[rows["code"] == self.code]:
            yield self._explain(trip, source)

    def called(self, trip: np.void) -> str:
        """Return what the packets of a trip are called, in the plural."""
        return self.flavours.get(int(trip["measure"]), ("", self.packets))[1]

    def _explain(self, trip: np.void, source: str) -> Detection:
        victim = target_of(trip) or "unknown"
        single = source_of(trip)
        port = int(trip["port"]) or int(trip["sample_ports"][0]) or None
        expected = float(trip["expected"])
        return Detection(
            detector=self.name,
            rule=self.policy.rule,
            kind=self.name,
            entity=victim,
            episode=episode_of(trip, victim),
            source=source,
            detected_ns=int(trip["at_ns"]),
            offset=int(trip["offset"]),
            first_ns=int(trip["first_ns"]),
            last_ns=int(trip["last_ns"]),
            window_start_ns=int(trip["window_start_ns"]),
            window_s=int(trip["window_ns"]) / NS_PER_S,
            reason=self._reason(trip, single),
            figure=f"{trip['observed']:,.0f} {self.called(trip)} a second",
            observed=float(trip["observed"]),
            expected=expected if expected > 0 else None,
            threshold=float(trip["threshold"]),
            score=float(trip["score"]),
            records_to_detect=int(trip["records_to_detect"]),
            is_update=is_update(trip),
            attackers=self._attackers(trip, single),
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
                proto=int(trip["proto"]) or None,
                first_offset=int(trip["first_offset"]),
                last_offset=int(trip["last_offset"]),
            ),
            facts=self._facts(trip),
        )

    def _attackers(self, trip: np.void, single: str | None) -> tuple[str, ...]:
        if single is not None:
            return (single,)
        sources = max(int(trip["sources"]), 1)
        is_often = self.group == SPOOFED and trip["contacts"] >= PACKETS_OF_A_HOST * sources
        if sources <= SOURCES_NAMED_MAX or is_often:
            return samples_of(trip) or (self.group,)
        return (self.group,)

    def _facts(self, trip: np.void) -> dict[str, str | int | float]:
        facts: dict[str, str | int | float] = {"proto": PROTOCOLS.get(int(trip["proto"]), "ip")}
        if trip["port"]:
            facts["port"] = int(trip["port"])
        if trip["sample_ports"][0]:
            facts["source_port"] = int(trip["sample_ports"][0])
        attack = self.flavours.get(int(trip["measure"]), ("", ""))[0]
        if attack:
            facts["attack"] = attack
        facts["sources"] = int(trip["sources"])
        facts["sources_sampled"] = ", ".join(samples_of(trip))
        return facts

    def _reason(self, trip: np.void, single: str | None) -> str:
        span = span_text(int(trip["first_ns"]), int(trip["last_ns"]))
        sources = plural(int(trip["sources"]), "source")
        who = f"one source, {single}" if single else f"about {sources}"
        usual = f", {trip['expected']:,.0f} is usual here" if trip["expected"] > 0 else ""
        return (
            f"{trip['observed']:,.0f} {self.called(trip)} a second ({int(trip['packets']):,} "
            f"in {span}) from {who}, of {int(trip['failures']):,} bytes on average; "
            f"{int(trip['pending']):,} of {int(trip['contacts']):,} in one second began a "
            f"conversation, {int(trip['successes']):,} were answered; "
            f"{trip['threshold']:,.0f} a second is the bound{usual}"
        )


FRAGMENTS: Flavours = {layouts.FRAGMENTS: ("fragments", "IP fragments of nothing whole")}
