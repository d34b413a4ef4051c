"""Distributed guessing of one account: many sources, each below its own bound, one name.

The background of a public service tries names that every host has; who is after one account of
this host tries its name from many addresses. Of the sources that fail at a service in a UTC day,
those that name one account first are counted (`tocsin.kernels.auth_noise`); from
``noise_sources_min`` and a fifth of all sources on the account is under attack.

Source: ATT&CK T1110.001; Javed and Paxson, "Detecting stealthy, distributed SSH brute-forcing",
CCS 2013 (what a site's aggregate shows though no source does). Catches one account of a host tried
by a botnet. Misses names that every host has, and attacks that are a smaller part of
the noise. May raise with no history. Memory: 64 rows of the log kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.addresses import address_text
from tocsin.core.detection import Counts, Detection, Selector
from tocsin.core.times import DAY_NS
from tocsin.detect.accounts import EVERYWHERE
from tocsin.detect.base import AUTH_TRIPS, Policy, Stateless
from tocsin.detect.ssh_guessing import text_of
from tocsin.detect.trips import is_update, plural, span_text
from tocsin.kernels import layouts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray


class DistributedGuessing(Stateless):
    """Explain trips about an account that many sources try."""

    name: ClassVar[str] = "distributed_guessing"
    wants: ClassVar[str] = AUTH_TRIPS

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        """Yield one detection per trip about a name that not every host has."""
        for trip in rows[rows["code"] == layouts.ACCOUNT_FOCUS]:
            if text_of(trip["user_last"]).lower() not in EVERYWHERE:
                yield self._explain(trip, source)

    def _explain(self, trip: np.void, source: str) -> Detection:
        first_ns, last_ns = int(trip["first_ns"]), int(trip["at_ns"])
        host = text_of(trip["host"]) or None
        service = text_of(trip["service_name"]) or "unknown"
        user = text_of(trip["user_last"])
        trying, failing = int(trip["sources_distinct"]), int(trip["failures_window"])
        least = int(trip["threshold"])
        pairs = zip(trip["sources_hi"].tolist(), trip["sources_lo"].tolist(), strict=True)
        attackers = tuple(dict.fromkeys(address_text(hi, lo) for hi, lo in pairs if hi or lo))
        return Detection(
            detector=self.name,
            rule=self.policy.rule,
            kind="brute_force",
            entity=f"{user}@{host or source}",
            episode=f"focus|{source}|{host}|{service}|{user}|{first_ns // DAY_NS}",
            source=source,
            detected_ns=last_ns,
            offset=int(trip["offset"]),
            first_ns=first_ns,
            last_ns=last_ns,
            window_start_ns=first_ns // DAY_NS * DAY_NS,
            window_s=DAY_NS / 1e9,
            reason=(
                f"{plural(trying, 'source')} of {failing:,} that failed at {service} in a day "
                f"tried the account {user!r} first, in {span_text(first_ns, last_ns)}; "
                f"{least:,} sources and a fifth of all are the bound"
            ),
            figure=f"{plural(trying, 'source')} try {user!r}",
            observed=float(trying),
            threshold=float(least),
            score=trying / max(least, 1),
            records_to_detect=int(trip["records_to_detect"]),
            is_update=is_update(trip),
            attackers=attackers,
            users=(user,),
            host=host,
            service=service,
            counts=Counts(events=trying),
            selector=Selector(
                source=source,
                medium="log",
                start_ns=first_ns,
                end_ns=last_ns,
                near=attackers,
                first_offset=int(trip["first_offset"]),
                last_offset=int(trip["last_offset"]),
            ),
            facts={"distributed": 1, "sources_total": trying},
        )
