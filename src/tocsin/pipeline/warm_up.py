"""Compile all kernels into the user's cache: the last step of an installation.

``python -m tocsin.pipeline.warm_up`` runs a tiny capture and a tiny log through an engine
and its evidence, the capture and the log in two processes.
"""

from __future__ import annotations

import struct
import sys
from multiprocessing import Process

import numpy as np

from tocsin.core.inputs import Block, SourceStatus
from tocsin.core.parameters import Parameters
from tocsin.detect.sigma.ruleset import RuleSet
from tocsin.features.flow_lane import FlowLane
from tocsin.kernels import scanner
from tocsin.kernels.byte_search import places_of
from tocsin.kernels.log_scan import Stamps
from tocsin.parse.known import known_templates
from tocsin.pipeline.lanes import LaneOptions, open_lane
from tocsin.pipeline.rule_lines import RuleLines, rule_texts
from tocsin.pipeline.traffic_models import shipped_traffic_model
from tocsin.pipeline.wiring import Wiring

_LINE = b"Jan  1 00:00:00 host sshd[1]: Failed password for root from 203.0.113.9 port 1 ssh2\n"


def warm_up() -> None:
    """Compile what is not in the cache yet; takes a minute or two on a cold machine."""
    sys.stderr.write("compiling kernels for this machine, once\n")
    parts = [Process(target=_packets), Process(target=_log)]
    for part in parts:
        part.start()
    for part in parts:
        part.join()


def _capture() -> bytes:
    frame = bytes(12) + b"\x08\x00" + bytes([0x45]) + bytes(8) + b"\x06" + bytes(30)
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    return head + struct.pack("<IIII", 1, 0, len(frame), len(frame)) + frame


def _run(medium: str, data: bytes) -> None:
    wiring = Wiring(parameters=Parameters(), rules=(), confirmations={}, pages={})
    opened = SourceStatus("warm-up", "opened", medium, "warm-up", time_ns=1)
    lane = open_lane(opened, wiring=wiring, options=LaneOptions(live=False, fallback_ns=1))
    lane.feed(Block("warm-up", data, 0))
    lane.finish()
    lane.take()


def _packets() -> None:
    _run("packets", _capture())


def _log() -> None:
    _run("log", _LINE)
    rows = np.zeros(1, dtype=scanner.LOG_ROW)
    texts = rule_texts(RuleSet(()), known_templates())
    stamps = Stamps(year=2026, zone="UTC", fallback_ns=1, newest=None)
    RuleLines(texts, stamps=stamps).read(
        np.frombuffer(_LINE, dtype=np.uint8), rows, np.zeros(1, dtype=np.uint8)
    )
    lane = FlowLane("warm-up", parameters=Parameters())
    lane.feed(Block("warm-up", _capture(), 0))
    lane.finish()
    places_of(_LINE, b"port")
    model = shipped_traffic_model()
    model.forest.scores(model.usual[None, :])
    model.forest.contributions(model.usual[None, :])


if __name__ == "__main__":
    warm_up()
