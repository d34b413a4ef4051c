"""From closed 60 s target windows to the matrix that learned detectors see; numpy only.

Windows hold integers, so that they merge; ratios and logarithms are made here, when a
window is scored. Only what arrives at an address is used: the packet lane counts at the
destination, and leaves the outgoing columns empty.

This stands beside the kernels because training (`tocsin.review`) and judging
(`tocsin.detect`) must share one definition and neither may import the other: a model is
only as good as the sameness of what it learned from and what it is asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOW_S = 60
COUNT, SIZE, SHARE = "count", "size", "share"


@dataclass(frozen=True, slots=True)
class WindowFeature:
    """One column of the matrix.

    ``scale`` says how the column is read back: ``count`` and ``size`` are ``log(1 + x)`` of
    a count and of bytes, ``share`` lies in 0..1.
    """

    name: str
    scale: str

    def natural(self, value: float) -> float:
        """Return the column's value in the unit that a person would use.

        >>> round(WindowFeature("sources", COUNT).natural(8.0725), 1)
        3204.1
        """
        return float(np.expm1(value)) if self.scale in {COUNT, SIZE} else float(value)


FEATURES: tuple[WindowFeature, ...] = (
    WindowFeature("packets_in", COUNT),
    WindowFeature("bytes_in", SIZE),
    WindowFeature("flows_in", COUNT),
    WindowFeature("sources", COUNT),
    WindowFeature("ports", COUNT),
    WindowFeature("uncompleted_in", COUNT),
    WindowFeature("packet_bytes_in", SIZE),
    WindowFeature("flow_packets_in", COUNT),
    WindowFeature("completion_share", SHARE),
    WindowFeature("small_share", SHARE),
    WindowFeature("udp_share", SHARE),
    WindowFeature("icmp_share", SHARE),
)
FEATURE_NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)


def window_matrix(windows: NDArray[np.void]) -> NDArray[np.float64]:
    """Return float64 (rows, features), columns as in `FEATURES`; every value is finite.

    ``windows`` are rows of ``layouts.TARGET_WINDOW``. A share of nothing is what calm
    traffic would show: completion 1, all others 0.
    """
    count = {
        name: np.maximum(windows[name].astype(np.float64), 0.0)
        for name in (
            "packets_in", "bytes_in", "flows_in", "syn_in", "completed_in", "udp_in",
            "icmp_in", "small_in", "sources", "ports",
        )
    }  # fmt: skip
    packets_in = count["packets_in"]
    # A handshake may complete in the window after its SYN, so completed may exceed SYN.
    uncompleted = np.maximum(count["syn_in"] - count["completed_in"], 0.0)
    log = np.log1p
    columns = {
        "uncompleted_in": log(uncompleted),
        "packet_bytes_in": log(_share(count["bytes_in"], packets_in)),
        "flow_packets_in": log(_share(packets_in, count["flows_in"])),
        "completion_share": 1.0 - _share(uncompleted, count["syn_in"]),
        "small_share": np.minimum(_share(count["small_in"], packets_in), 1.0),
        "udp_share": np.minimum(_share(count["udp_in"], packets_in), 1.0),
        "icmp_share": np.minimum(_share(count["icmp_in"], packets_in), 1.0),
    }
    matrix = np.empty((len(windows), len(FEATURES)), dtype=np.float64)
    for place, name in enumerate(FEATURE_NAMES):
        matrix[:, place] = columns[name] if name in columns else log(count[name])
    return matrix


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide, where nothing over nothing is 0 (part never exceeds 0 when whole is 0)."""
    quotient: NDArray[np.float64] = part / np.maximum(whole, 1.0)
    return quotient
