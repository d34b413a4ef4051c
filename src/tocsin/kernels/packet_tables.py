"""Making the packet kernel's tables: sizes, bounds and parameters in one place.

The bounds, with their bytes: 131,072 flows (29 MB), 32,768 contact groups (15), 16,384
targets (30), 4,096 guess rows (2) and surges (3), outputs (13): together 92 MB of address
space, touched only where used. Flows that are given out take another 14 MB.
"""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

import numpy as np

from tocsin.kernels import decode, layouts
from tocsin.kernels.contacts import GROUP
from tocsin.kernels.flow_table import FLOW_ROW, blank_flow
from tocsin.kernels.guesses import GUESS
from tocsin.kernels.marks import LOOK_UPS_MAX, MARK
from tocsin.kernels.memory import zeroed_rows
from tocsin.kernels.panes import CLOCK_NS, LOOK_UPS, NEVER_NS, PANE, STATE_SIZE, Tables
from tocsin.kernels.resolved import RESOLVED_MAX
from tocsin.kernels.surges import SURGE, blank_surge
from tocsin.kernels.targets import FLOOD_ROW, TARGET, blank_target

if TYPE_CHECKING:
    from tocsin.core.parameters import Parameters

FLOWS_MAX, GROUPS_MAX, TARGETS_MAX, GUESSES_MAX = 1 << 17, 1 << 15, 1 << 14, 1 << 12
HOT_MAX, TRIPS_MAX = 4096, 4096
BATCH_PACKETS = 8192  # at most so many are handed to the kernel at once
SURGES_MAX, SURGE_TRIPS_MAX = 4096, 1024
_NS = 1e9


def packet_tables(
    parameters: Parameters,
    *,
    is_live: bool = False,
    flows_wanted: bool = False,
    since_ns: int = NEVER_NS,
    until_ns: int = np.iinfo(np.int64).max,
) -> Tables:
    """Return empty tables; ``flows_wanted`` makes room for flows to be given out."""

    def flat(part: object) -> np.ndarray:
        return np.array(astuple(part), dtype=np.float64)  # type: ignore[call-overload]

    return Tables(
        key=np.array([parameters.sketch_key], dtype=np.uint64),
        flow_tags=zeroed_rows(FLOWS_MAX, dtype=np.uint32),
        flows=zeroed_rows(FLOWS_MAX, dtype=FLOW_ROW),
        group_tags=zeroed_rows(GROUPS_MAX, dtype=np.uint32),
        groups=zeroed_rows(GROUPS_MAX, dtype=GROUP),
        target_tags=zeroed_rows(TARGETS_MAX, dtype=np.uint32),
        targets=zeroed_rows(TARGETS_MAX, dtype=TARGET),
        guess_tags=np.zeros(GUESSES_MAX, dtype=np.uint32),
        guesses=np.zeros(GUESSES_MAX, dtype=GUESS),
        hot=np.zeros(HOT_MAX, dtype=np.int64),
        seconds=np.zeros(TARGETS_MAX, dtype=np.int64),
        minutes=np.zeros(TARGETS_MAX, dtype=np.int64),
        blank_flow=blank_flow(),
        blank_group=zeroed_rows(1, dtype=GROUP),
        blank_target=blank_target(),
        blank_guess=np.zeros(1, dtype=GUESS),
        spike_trips=np.zeros(TRIPS_MAX, dtype=layouts.PACKET_TRIP),
        group_trips=np.zeros(TRIPS_MAX, dtype=GROUP),
        flood_trips=np.zeros(TRIPS_MAX, dtype=FLOOD_ROW),
        guess_trips=np.zeros(TRIPS_MAX, dtype=GUESS),
        windows=np.zeros(2 * TARGETS_MAX, dtype=layouts.TARGET_WINDOW),
        flows_out=np.zeros(65_536 if flows_wanted else 0, dtype=FLOW_ROW),
        marks=np.zeros(BATCH_PACKETS, dtype=MARK),
        weird=np.zeros(len(decode.WEIRD), dtype=np.int64),
        resolved=np.zeros(RESOLVED_MAX, dtype=np.uint64),
        scan=flat(parameters.scan),
        flood=flat(parameters.flood),
        spike=flat(parameters.spike),
        guess=flat(parameters.guess),
        surge=flat(parameters.surge),
        **_surge_tables(),
        own=np.array(
            [
                int(parameters.packet_lateness_s * _NS),
                int(parameters.jump_max_s * _NS),
                int(parameters.flow_idle_s * _NS),
                int(parameters.flow_active_s * _NS),
                int(is_live),
                since_ns,
                until_ns,
            ],
            dtype=np.int64,
        ),
    )


def _surge_tables() -> dict[str, np.ndarray]:
    return {
        "surging": np.zeros(3, dtype=np.int64),
        "surges": np.repeat(blank_surge(), SURGES_MAX),
        "blank_surge": blank_surge(),
        "busy": np.zeros(SURGES_MAX, dtype=np.int64),
        "surge_trips": np.zeros(SURGE_TRIPS_MAX, dtype=SURGE),
    }


def packet_state() -> np.ndarray:
    """Return the state of a lane that has seen nothing."""
    state = np.zeros(STATE_SIZE, dtype=np.int64)
    state[CLOCK_NS] = NEVER_NS
    state[PANE] = -1
    state[LOOK_UPS] = LOOK_UPS_MAX
    return state
