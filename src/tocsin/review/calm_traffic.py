"""Calm windows made up by ourselves, for a host without a recorded week of calm traffic.

A short recording shows one network on one day; a forest trained on it alone finds every
other network unusual. These rows widen it: nine ordinary ways in which an address is busy
for a minute, each with log-normal volumes and jittered ratios, taken from what the
protocols do (a handshake completes, a download fills its segments, a call receives 20 to
100 packets a second) and from no one's recording.

They hold no attack, but no truth either: a card that trained on them says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.times import NS_PER_S
from tocsin.kernels import layouts
from tocsin.kernels.window_vector import WINDOW_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ADDRESS_LO = 0xFFFF_C633_6400  # 198.51.100.0, mapped


@dataclass(frozen=True, slots=True)
class CalmActivity:
    """One way to be busy for a minute; pairs are (median, spread in natural logarithms).

    ``packet_bytes_in``: mean bytes of a packet. ``tcp_share``, ``icmp_share``: of packets
    received; the rest is UDP. ``small_share``: packets with under 64 bytes of payload.
    ``lost_share``: handshakes not completed. ``served_share``: of the flows,
    those that others opened; ``sources_share``: distinct openers per such flow;
    ``services``: ports that serve them.
    """

    name: str
    weight: float
    packets_in: tuple[float, float]
    packet_bytes_in: tuple[float, float]
    flows: tuple[float, float]
    served_share: float
    sources_share: float
    services: int
    tcp_share: float
    icmp_share: float
    small_share: float
    lost_share: float


ACTIVITIES = (
    CalmActivity("download", 0.14, (6e3, 1.7), (1400, 0.1), (3, 1.0),
                 0.02, 0.7, 2, 0.99, 0.0, 0.05, 0.01),
    CalmActivity("upload", 0.08, (2.5e3, 1.6), (66, 0.2), (3, 1.0),
                 0.02, 0.7, 2, 0.99, 0.0, 0.93, 0.01),
    CalmActivity("browsing", 0.20, (900, 1.2), (800, 0.35), (25, 0.9),
                 0.02, 0.5, 2, 0.75, 0.0, 0.3, 0.03),
    CalmActivity("web_server", 0.18, (900, 1.5), (170, 0.5), (60, 1.3),
                 0.97, 0.3, 4, 0.97, 0.005, 0.55, 0.02),
    CalmActivity("call", 0.08, (3.5e3, 0.7), (600, 0.6), (6, 0.8),
                 0.1, 0.6, 3, 0.08, 0.005, 0.06, 0.02),
    CalmActivity("peer_to_peer", 0.06, (2e3, 1.3), (700, 0.6), (90, 0.8),
                 0.4, 0.9, 3, 0.4, 0.01, 0.35, 0.25),
    CalmActivity("name_server", 0.06, (900, 1.0), (85, 0.15), (800, 1.0),
                 0.9, 0.05, 2, 0.03, 0.0, 0.8, 0.01),
    CalmActivity("terminal", 0.10, (500, 0.8), (110, 0.5), (2, 0.7),
                 0.4, 0.8, 3, 0.98, 0.005, 0.75, 0.01),
    CalmActivity("monitored", 0.10, (450, 0.6), (120, 0.5), (40, 0.7),
                 0.7, 0.15, 20, 0.6, 0.25, 0.6, 0.04),
)  # fmt: skip


def calm_windows(rows: int, *, seed: int, start_ns: int = 0) -> NDArray[np.void]:
    """Return ``rows`` made-up calm rows of ``layouts.TARGET_WINDOW``, one a minute.

    The same seed gives the same rows. ``start_ns`` is the first row's window start.
    """
    rng = np.random.default_rng(seed)
    weights = np.array([activity.weight for activity in ACTIVITIES])
    chosen = rng.choice(len(ACTIVITIES), size=rows, p=weights / weights.sum())
    table = np.zeros(rows, dtype=layouts.TARGET_WINDOW)
    table["start_ns"] = start_ns + np.arange(rows) * (WINDOW_S * NS_PER_S)
    table["lo"] = (_ADDRESS_LO + rng.integers(1, 255, rows)).astype(np.uint64)
    for place, activity in enumerate(ACTIVITIES):
        own = np.flatnonzero(chosen == place)
        table[own] = _fill(table[own], activity, rng)
    return table


def _fill(
    rows: NDArray[np.void], activity: CalmActivity, rng: np.random.Generator
) -> NDArray[np.void]:
    size = len(rows)

    def spread(pair: tuple[float, float]) -> NDArray[np.float64]:
        return rng.lognormal(np.log(pair[0]), pair[1], size)

    packets_in = np.maximum(spread(activity.packets_in), 20).astype(np.int64)
    flows = np.clip(spread(activity.flows), 0, packets_in / 2).astype(np.int64)
    # A conversation that was already under way when its first packet was seen may look as
    # if the far end had opened it, towards an ephemeral port.
    under_way = rng.binomial(flows, 0.02)
    served = np.maximum(rng.binomial(flows, activity.served_share), under_way)
    tcp = rng.binomial(packets_in, _jitter(activity.tcp_share, rng, size))
    icmp = rng.binomial(packets_in - tcp, _jitter(activity.icmp_share, rng, size))
    syn = rng.binomial(served, tcp / packets_in)
    lost = rng.binomial(syn, _jitter(activity.lost_share, rng, size))
    openers = rng.binomial(served, _jitter(activity.sources_share, rng, size))
    sources = np.where(served > 0, np.maximum(openers, 1), 0)
    rows["packets_in"] = packets_in
    rows["bytes_in"] = packets_in * np.clip(spread(activity.packet_bytes_in), 54, 1514)
    rows["flows_in"] = served
    rows["syn_in"], rows["completed_in"] = syn, syn - lost
    rows["udp_in"], rows["icmp_in"] = packets_in - tcp - icmp, icmp
    rows["small_in"] = rng.binomial(packets_in, _jitter(activity.small_share, rng, size))
    rows["sources"] = sources
    services = np.minimum(1 + rng.binomial(activity.services - 1, 0.5, size), served)
    rows["ports"] = np.minimum(services + under_way, served)
    return rows


def _jitter(share: float, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
    """Spread a share around its mean; 0 stays 0."""
    if share <= 0.0:
        return np.zeros(size)
    strength = 12.0
    return rng.beta(share * strength + 0.05, (1.0 - share) * strength + 0.05, size)
