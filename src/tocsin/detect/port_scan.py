"""Port scans: a sequential test on first contacts, judged in the kernel as they happen.

Source: Jung, Paxson, Berger, Balakrishnan, "Fast Portscan Detection Using Sequential
Hypothesis Testing", IEEE S&P 2004; in a pessimistic form (an unanswered contact counts
before its time-out) so that a scan is named after a handful of probes. The slow form
counts distinct targets over an episode, for scans that mix in successes.

Catches vertical (many ports of one host) and horizontal (one port of many hosts) TCP
scans, fast or spread over hours. Misses scans below ``ports_min`` or ``hosts_min``
targets, scans of services that all answer, and UDP. May raise with no history. Memory:
the contacts table of the packet kernel, bounded there; nothing here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.detection import Counts, Detection, Selector
from tocsin.detect.base import PACKET_TRIPS, Policy, Stateless
from tocsin.detect.trips import (
    PROTOCOLS,
    episode_of,
    is_update,
    plural,
    ports_of,
    samples_of,
    source_of,
    span_text,
    target_of,
)
from tocsin.kernels import layouts
from tocsin.kernels.contacts import TECHNIQUES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray


_VERTICAL = frozenset({layouts.SCAN_VERTICAL, layouts.SCAN_SLOW_VERTICAL})
_PROBES = (
    "by SYN",
    "without any flag (NULL)",
    "by FIN alone",
    "by FIN, PSH and URG (XMAS)",
    "by FIN and ACK (Maimon)",
    "by ACK without a conversation",
    "by UDP",
)


class PortScan(Stateless):
    """Explain scan trips of the walk."""

    name: ClassVar[str] = "port_scan"
    wants: ClassVar[str] = PACKET_TRIPS
    codes: ClassVar[tuple[int, int]] = (layouts.SCAN_VERTICAL, layouts.SCAN_HORIZONTAL)

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        """Yield one detection per scan trip."""
        for trip in rows[(rows["code"] == self.codes[0]) | (rows["code"] == self.codes[1])]:
            yield explain(trip, self.name, self.policy, source)


def explain(trip: np.void, detector: str, policy: Policy, source: str) -> Detection:
    """Return the detection of a scan trip, fast or slow, as a detector and its rule say it.

    The fact ``outside``: the source is on the internet, and not of the home network.
    """
    vertical = int(trip["code"]) in _VERTICAL
    attacker = source_of(trip) or "unknown"
    target = target_of(trip)
    victims = (target,) if vertical and target else samples_of(trip)
    port = None if vertical else int(trip["port"])
    proto = int(trip["proto"])
    return Detection(
        detector=detector,
        rule=policy.rule,
        kind="port_scan",
        entity=attacker,
        episode=episode_of(trip, attacker, target if vertical else port),
        source=source,
        detected_ns=int(trip["at_ns"]),
        offset=int(trip["offset"]),
        first_ns=int(trip["first_ns"]),
        last_ns=int(trip["last_ns"]),
        window_start_ns=int(trip["first_ns"]),
        window_s=(int(trip["last_ns"]) - int(trip["first_ns"])) / 1e9,
        reason=reason_of(trip, vertical=vertical, victim=target, port=port),
        figure=(
            f"{plural(int(trip['distinct']), 'port' if vertical else 'host')} in "
            f"{span_text(int(trip['first_ns']), int(trip['last_ns']))}"
        ),
        observed=float(trip["distinct"]),
        expected=None,
        threshold=float(trip["threshold"]),
        score=float(trip["score"]),
        records_to_detect=int(trip["records_to_detect"]),
        is_update=is_update(trip),
        attackers=(attacker,),
        victims=victims,
        counts=Counts(packets=int(trip["packets"]), flows=int(trip["flows"])),
        selector=Selector(
            source=source,
            medium="packets",
            start_ns=int(trip["first_ns"]),
            end_ns=int(trip["last_ns"]),
            near=(attacker,),
            far=victims if vertical else (),
            port=port,
            proto=proto,
            first_offset=int(trip["first_offset"]),
            last_offset=int(trip["last_offset"]),
        ),
        facts={
            "scan": "vertical" if vertical else "horizontal",
            "technique": TECHNIQUES[int(trip["measure"])],
            "proto": PROTOCOLS.get(proto, str(proto)),
            "targets": int(trip["distinct"]),
            "outside": int(policy.home.is_outside(attacker)),
            "ports_sampled": ", ".join(map(str, ports_of(trip["sample_ports"]))),
        },
    )


def reason_of(trip: np.void, *, vertical: bool, victim: str | None, port: int | None) -> str:
    """Say how many targets were tried, how they answered, and what a calm host does."""
    distinct, refused = int(trip["distinct"]), int(trip["failures"])
    answered, silent = int(trip["successes"]), int(trip["pending"])
    what = (
        f"{plural(distinct, 'port')} of {victim}"
        if vertical
        else f"port {port} of {plural(distinct, 'host')}"
    )
    span = span_text(int(trip["first_ns"]), int(trip["last_ns"]))
    if trip["measure"]:
        return (
            f"{what} tried {_PROBES[int(trip['measure'])]} in {span}: {refused:,} refused or "
            f"unanswered, {silent:,} not answered yet, {answered:,} answered; "
            f"{int(trip['threshold'])} that come to nothing is the bound"
        )
    return (
        f"{what} tried in {span}: {refused:,} refused or unanswered, {silent:,} not answered yet, "
        f"{answered:,} accepted; of a calm host's first contacts about four in five are accepted"
    )
