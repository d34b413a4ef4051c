"""Opening lanes: what another medium needs is not loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

_OPEN = """
import sys
from tocsin.core.inputs import SourceStatus
from tocsin.core.parameters import Parameters
from tocsin.pipeline.lanes import LaneOptions, open_lane
from tocsin.pipeline.wiring import Wiring
wiring = Wiring(parameters=Parameters(), rules=(), confirmations={}, pages={})
options = LaneOptions(live=False, fallback_ns=1)
open_lane(SourceStatus("x", "opened", sys.argv[1], "s", time_ns=1), wiring=wiring, options=options)
asked = ("features.log_lane", "features.packet_lane", "parse.known", "parse.protocols")
print(*(name for name in asked if f"tocsin.{name}" in sys.modules))
"""


@pytest.mark.parametrize(
    ("medium", "loaded"),
    [
        ("packets", "features.packet_lane parse.protocols"),
        ("log", "features.log_lane parse.known"),
    ],
)
def test_a_lane_loads_what_its_own_medium_needs(medium: str, loaded: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _OPEN, medium], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == loaded
