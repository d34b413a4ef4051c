"""Password guessing from packets alone: many short, similar connections to one SSH server.

After the clear-text banner SSH is encrypted, so the sizes speak: a refused log-in carries
the key exchange and a few small packets, the same each time (the idea behind Hellemans et
al., "SSHCure", AIMS 2012). The server is known by its banner, on any port.

Catches tools that reconnect per guess. Misses few connections with many tries each, and
can't tell a refused log-in from a very short successful one. May raise with no history.
Memory: the guess table of the packet kernel, bounded there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.detection import Counts, Detection, Selector
from tocsin.detect.base import PACKET_TRIPS, Policy, Stateless
from tocsin.detect.trips import (
    episode_of,
    is_update,
    plural,
    ports_of,
    source_of,
    span_text,
    target_of,
)
from tocsin.kernels import layouts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray


class SshGuessingFlows(Stateless):
    """Explain guessing trips of the packet kernel."""

    name: ClassVar[str] = "ssh_guessing_flows"
    wants: ClassVar[str] = PACKET_TRIPS

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        """Yield one detection per trip."""
        for trip in rows[rows["code"] == layouts.GUESS_FLOWS]:
            yield self._explain(trip, source)

    def _explain(self, trip: np.void, source: str) -> Detection:
        attacker, victim = source_of(trip) or "unknown", target_of(trip) or "unknown"
        port = int(trip["port"])
        return Detection(
            detector=self.name,
            rule=self.policy.rule,
            kind="brute_force",
            entity=attacker,
            episode=episode_of(trip, attacker, victim, port),
            source=source,
            detected_ns=int(trip["at_ns"]),
            offset=int(trip["offset"]),
            first_ns=int(trip["first_ns"]),
            last_ns=int(trip["last_ns"]),
            window_start_ns=int(trip["first_ns"]),
            window_s=(int(trip["last_ns"]) - int(trip["first_ns"])) / 1e9,
            reason=self._reason(trip, port),
            figure=(
                f"{plural(int(trip['observed']), 'connection')} in "
                f"{span_text(int(trip['first_ns']), int(trip['last_ns']))}"
            ),
            observed=float(trip["observed"]),
            threshold=float(trip["threshold"]),
            score=float(trip["observed"]) / max(float(trip["threshold"]), 1.0),
            records_to_detect=int(trip["records_to_detect"]),
            is_update=is_update(trip),
            attackers=(attacker,),
            victims=(victim,),
            service="ssh",
            source_ports=ports_of(trip["sample_ports"]),
            counts=Counts(
                packets=int(trip["packets"]), flows=int(trip["flows"]), bytes=int(trip["bytes"])
            ),
            selector=Selector(
                source=source,
                medium="packets",
                start_ns=int(trip["first_ns"]),
                end_ns=int(trip["last_ns"]),
                near=(attacker,),
                far=(victim,),
                port=port,
                proto=6,
                first_offset=int(trip["first_offset"]),
                last_offset=int(trip["last_offset"]),
            ),
            facts={"port": port, "proto": "tcp"},
        )

    def _reason(self, trip: np.void, port: int) -> str:
        span = span_text(int(trip["first_ns"]), int(trip["last_ns"]))
        return (
            f"{plural(int(trip['observed']), 'short SSH connection')} of about the same size "
            f"to port {port} in {span}; {int(trip['threshold'])} within "
            f"{self.policy.parameters.guess.window_s / 60:.0f} min is the bound"
        )
