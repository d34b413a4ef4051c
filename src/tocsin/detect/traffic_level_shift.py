"""Lasting changes of level: a target's baseline was replaced, and somebody should know.

When ``shift_windows`` windows in a row were anomalous in the same way and no attack shape
was seen, the shadow baseline becomes the main one (DESIGN, law 5); the replacement itself
is reported with the old and the new level, so that a ramp can't teach in silence. May
raise nothing with no history. Memory: none here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.detect.traffic_spike import MEASURES, TrafficSpike
from tocsin.kernels import layouts

if TYPE_CHECKING:
    import numpy as np


class TrafficLevelShift(TrafficSpike):
    """Explain level-shift trips."""

    name: ClassVar[str] = "traffic_level_shift"
    code: ClassVar[int] = layouts.LEVEL_SHIFT
    kind: ClassVar[str] = "baseline_shift"

    def reason(self, trip: np.void) -> str:
        """Say the old level and the new one."""
        unit = MEASURES[int(trip["measure"])]
        return (
            f"the usual rate changed from {trip['expected']:,.1f} to {trip['observed']:,.1f} "
            f"{unit} and stayed; the new level is now the usual one"
        )
