"""Flows of a capture in the contract's fields."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tocsin.core.addresses import address_text
from tocsin.core.errors import InputError
from tocsin.core.times import NS_PER_S, rfc3339
from tocsin.features.packet_lane import PacketLane
from tocsin.features.packet_trips import END_REASONS, STATES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from tocsin.collect.source import Source
    from tocsin.core.parameters import Parameters

PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6"}
_FLAGS = "FSRPAUEC"
_COUNTS = ("packets_out", "packets_in", "bytes_out", "bytes_in")


def flow_records(
    source: Source, *, parameters: Parameters, problems: list[InputError]
) -> Iterator[dict[str, Any]]:
    """Yield one dictionary per flow, in the order in which flows ended.

    Packets and bytes over all flows, plus what is weird, add up to the capture's. What
    can't be read is appended to ``problems``.
    """
    # As a live lane does: a packet that steps back is counted at its source's running time.
    lane = PacketLane(source.path, parameters=parameters, live=True, flows_wanted=True)
    try:
        for block in source.blocks():
            lane.feed(block)
            yield from map(_record, lane.take().flows)
    except InputError as error:
        problems.append(error)
    lane.finish()
    if lane.damage is not None:
        problems.append(lane.damage)
    yield from map(_record, lane.take().flows)


def _record(flow: np.void) -> dict[str, Any]:
    packets = int(flow["packets_out"] + flow["packets_in"])
    size = int(flow["bytes_out"] + flow["bytes_in"])
    duration_ns = int(flow["end_ns"] - flow["start_ns"])
    mean = size / packets
    return {
        "start": rfc3339(int(flow["start_ns"])),
        "end": rfc3339(int(flow["end_ns"])),
        "src_ip": address_text(int(flow["src_hi"]), int(flow["src_lo"])),
        "src_port": int(flow["src_port"]),
        "dst_ip": address_text(int(flow["dst_hi"]), int(flow["dst_lo"])),
        "dst_port": int(flow["dst_port"]),
        "proto": _protocol(flow),
        **{name: int(flow[name]) for name in _COUNTS},
        "tcp_flags_out": _flags(int(flow["flags_out"])),
        "tcp_flags_in": _flags(int(flow["flags_in"])),
        "state": STATES[int(flow["state"])],
        "duration_s": duration_ns / NS_PER_S,
        "payload_out": int(flow["payload_out"]),
        "payload_in": int(flow["payload_in"]),
        "size_min": int(flow["size_min"]),
        "size_max": int(flow["size_max"]),
        "size_mean": mean,
        "size_deviation": math.sqrt(max(float(flow["size_square_sum"]) / packets - mean**2, 0.0)),
        "gap_mean_s": int(flow["gap_sum_ns"]) / NS_PER_S / max(packets - 1, 1),
        "gap_max_s": int(flow["gap_max_ns"]) / NS_PER_S,
        "packets_s": packets / max(duration_ns / NS_PER_S, 0.1),
        "bytes_s": size / max(duration_ns / NS_PER_S, 0.1),
        **{name: int(flow[name]) for name in ("syn", "fin", "rst", "retransmit_syn")},
        "ttl_min": int(flow["ttl_min"]),
        "ttl_max": int(flow["ttl_max"]),
        "window_out": int(flow["window_out"]),
        "window_in": int(flow["window_in"]),
        "vlan": int(flow["vlan"]),
        "end_reason": END_REASONS[int(flow["end_reason"])],
    }


def _protocol(flow: np.void) -> str:
    ethertype = int(flow["ethertype"])
    if ethertype not in (0x0800, 0x86DD):
        return f"0x{ethertype:04x}"
    proto = int(flow["proto"])
    return PROTOCOLS.get(proto, str(proto))


def _flags(bits: int) -> str:
    return "".join(name for bit, name in enumerate(_FLAGS) if bits >> bit & 1)
