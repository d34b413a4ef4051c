"""Background noise of a public service: many sources that fail a little each, in one day.

The usual state of a service that the whole Internet can reach. It is worth one line a day:
it says how much of it there is and who took part, and it is what a success or a persistent
source stands out from. Distinct sources are counted by linear counting (Whang et al., ACM
TODS 1990), exactly up to 64.

Catches ``noise_sources_min`` sources or more that fail at one service and host within a UTC
day. Names the first 64. Misses guessing by fewer sources below the bounds of `ssh_guessing`.
May raise with no history. Memory: 64 rows of the log kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.addresses import address_text
from tocsin.core.detection import Counts, Detection, Selector
from tocsin.core.times import DAY_NS
from tocsin.detect.base import AUTH_TRIPS, Policy, Stateless
from tocsin.detect.ssh_guessing import text_of
from tocsin.detect.trips import is_update, plural, span_text
from tocsin.kernels import layouts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray


class GuessingNoise(Stateless):
    """Explain trips of background noise."""

    name: ClassVar[str] = "guessing_noise"
    wants: ClassVar[str] = AUTH_TRIPS

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        """Yield one detection per trip."""
        for trip in rows[rows["code"] == layouts.BACKGROUND_NOISE]:
            yield self._explain(trip, source)

    def _explain(self, trip: np.void, source: str) -> Detection:
        first_ns, last_ns = int(trip["first_ns"]), int(trip["last_ns"])
        host = text_of(trip["host"]) or None
        service = text_of(trip["service_name"]) or "unknown"
        failures, distinct = int(trip["failures"]), int(trip["sources_distinct"])
        least = int(trip["threshold"])
        attackers = _sources(trip)
        tries = plural(failures, "failed log-in")
        return Detection(
            detector=self.name,
            rule=self.policy.rule,
            kind="brute_force",
            entity=host or source,
            episode=f"noise|{source}|{host}|{service}|{first_ns // DAY_NS}",
            source=source,
            detected_ns=int(trip["at_ns"]),
            offset=int(trip["offset"]),
            first_ns=first_ns,
            last_ns=last_ns,
            window_start_ns=first_ns // DAY_NS * DAY_NS,
            window_s=DAY_NS / 1e9,
            reason=(
                f"{tries} by {plural(distinct, 'source')} in {span_text(first_ns, last_ns)}; "
                f"{least:,} sources in a day are the bound"
            ),
            figure=f"{tries} by {plural(distinct, 'source')}",
            observed=float(distinct),
            threshold=float(least),
            score=distinct / max(least, 1),
            records_to_detect=int(trip["records_to_detect"]),
            is_update=is_update(trip),
            attackers=attackers,
            users=tuple(dict.fromkeys(name for name in map(text_of, trip["users"]) if name)),
            host=host,
            service=service,
            counts=Counts(events=failures),
            selector=Selector(
                source=source,
                medium="log",
                start_ns=first_ns,
                end_ns=last_ns,
                near=attackers,
                first_offset=int(trip["first_offset"]),
                last_offset=int(trip["last_offset"]),
            ),
            facts={"noise": 1, "sources": distinct},
        )


def _sources(trip: np.void) -> tuple[str, ...]:
    pairs = zip(trip["sources_hi"].tolist(), trip["sources_lo"].tolist(), strict=True)
    return tuple(dict.fromkeys(address_text(hi, lo) for hi, lo in pairs if hi or lo))
