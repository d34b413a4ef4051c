"""Flows of a capture in the contract's fields, a column at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.core.addresses import address_text
from tocsin.core.errors import InputError
from tocsin.core.times import rfc3339
from tocsin.features.flow_lane import FlowLane
from tocsin.features.flow_shape import FEATURES
from tocsin.features.packet_trips import END_REASONS, STATES, flows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tocsin.collect.source import Source
    from tocsin.core.parameters import Parameters

PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6"}
TEXT, WHOLE, REAL = "text", "whole", "real"
_FLAGS = "FSRPAUEC"
_COUNTS = ("packets_out", "packets_in", "bytes_out", "bytes_in")
_IDENTITY: tuple[tuple[str, str, str, str], ...] = (
    ("start", TEXT, "RFC 3339", "time of the first packet"),
    ("end", TEXT, "RFC 3339", "time of the last packet"),
    ("src_ip", TEXT, "", "initiator: address, or MAC of frames without IP"),
    ("src_port", WHOLE, "", "its port, 0 where there is none"),
    ("dst_ip", TEXT, "", "responder: address or MAC"),
    ("dst_port", WHOLE, "", "its port"),
    ("proto", TEXT, "", "tcp, udp, icmp, icmp6, an IP protocol number, or 0x and an ethertype"),
    ("packets_out", WHOLE, "packets", "packets of the initiator"),
    ("packets_in", WHOLE, "packets", "packets of the responder"),
    ("bytes_out", WHOLE, "bytes", "bytes on the wire of the initiator"),
    ("bytes_in", WHOLE, "bytes", "bytes on the wire of the responder"),
    ("tcp_flags_out", TEXT, "", "TCP flags seen of the initiator, among FSRPAUEC"),
    ("tcp_flags_in", TEXT, "", "TCP flags seen of the responder"),
    ("state", TEXT, "", "of TCP, after Zeek's conn_state; - for others"),
)
_LAST: tuple[tuple[str, str, str, str], ...] = (
    ("first_bytes_out", TEXT, "hex", "first payload bytes of the initiator, at most 8, hex"),
    ("first_bytes_in", TEXT, "hex", "first payload bytes of the responder, at most 8, hex"),
    ("end_reason", TEXT, "", "end of input, idle, active (overlong) or evicted"),
)
FIELDS: tuple[tuple[str, str, str, str], ...] = (
    *_IDENTITY,
    *((f.name, WHOLE if f.is_whole else REAL, f.unit, f.words) for f in FEATURES),
    *_LAST,
)
"""Every column: name, kind (`TEXT`, `WHOLE`, `REAL`), unit, meaning."""


@dataclass(slots=True)
class FlowTotals:
    """What stands against what: ``records`` of a capture are its flows' packets and the weird.

    ``bytes`` and ``weird_bytes`` are bytes on the wire.
    """

    records: int = 0
    packets: int = 0
    bytes: int = 0
    flows: int = 0
    weird: int = 0
    weird_bytes: int = 0


def flow_columns(
    source: Source, *, parameters: Parameters, problems: list[InputError], totals: FlowTotals
) -> Iterator[dict[str, list[Any]]]:
    """Yield flows as columns (names of `FIELDS`, lists of one length), as they end.

    Packets and bytes over all flows, plus what is weird, add up to the capture's: ``totals``
    is added to at the end. What can't be read is appended to ``problems``.
    """
    lane = FlowLane(source.path, parameters=parameters)
    try:
        for block in source.blocks():
            lane.feed(block)
            yield from _some(lane.take_flows(), totals)
    except InputError as error:
        problems.append(error)
    lane.finish()
    lane.take()  # brings the counts up to date
    if lane.damage is not None:
        problems.append(lane.damage)
    yield from _some(lane.take_flows(), totals)
    totals.records += lane.stats.records
    totals.weird += sum(lane.stats.weird.values())
    totals.weird_bytes += lane.weird_bytes


def flow_records(
    source: Source, *, parameters: Parameters, problems: list[InputError]
) -> Iterator[dict[str, Any]]:
    """Yield one dictionary per flow, in the order in which flows ended."""
    totals = FlowTotals()
    for columns in flow_columns(source, parameters=parameters, problems=problems, totals=totals):
        names = list(columns)
        for values in zip(*columns.values(), strict=True):
            yield dict(zip(names, values, strict=True))


def _some(rows: NDArray[np.void], totals: FlowTotals) -> Iterator[dict[str, list[Any]]]:
    if not len(rows):
        return
    totals.flows += len(rows)
    totals.packets += int(rows["packets_out"].sum() + rows["packets_in"].sum())
    totals.bytes += int(rows["bytes_out"].sum() + rows["bytes_in"].sum())
    yield columns_of(rows)


def columns_of(rows: NDArray[np.void]) -> dict[str, list[Any]]:
    """Return rows (dtype `flow_features.WIDE_ROW`) as columns; None where nothing is known."""
    flows = flows_of(rows)
    columns = {
        "start": list(map(rfc3339, flows["start_ns"].tolist())),
        "end": list(map(rfc3339, flows["end_ns"].tolist())),
        "src_ip": _addresses(flows["src_hi"], flows["src_lo"]),
        "src_port": flows["src_port"].tolist(),
        "dst_ip": _addresses(flows["dst_hi"], flows["dst_lo"]),
        "dst_port": flows["dst_port"].tolist(),
        "proto": list(map(_protocol, flows["ethertype"].tolist(), flows["proto"].tolist())),
        **{name: flows[name].tolist() for name in _COUNTS},
        "tcp_flags_out": list(map(_flags, flows["flags_out"].tolist())),
        "tcp_flags_in": list(map(_flags, flows["flags_in"].tolist())),
        "state": [STATES[code] for code in flows["state"].tolist()],
    }
    with np.errstate(invalid="ignore", divide="ignore"):
        for feature in FEATURES:
            columns[feature.name] = feature.value(rows).tolist()
    for side, name in enumerate(("out", "in")):
        sizes = np.minimum(rows["entropy_bytes"][:, side], 8).tolist()
        words = flows[f"banner_{name}"].tolist()
        columns[f"first_bytes_{name}"] = [
            f"{word:016x}"[: 2 * size] for word, size in zip(words, sizes, strict=True)
        ]
    columns["end_reason"] = [END_REASONS[code] for code in flows["end_reason"].tolist()]
    return columns


def _addresses(hi: NDArray[np.uint64], lo: NDArray[np.uint64]) -> list[str]:
    return list(map(_address, hi.tolist(), lo.tolist()))


@lru_cache(maxsize=65_536)
def _address(hi: int, lo: int) -> str:
    return address_text(hi, lo)


def _protocol(ethertype: int, proto: int) -> str:
    if ethertype not in (0x0800, 0x86DD):
        return f"0x{ethertype:04x}"
    return PROTOCOLS.get(proto, str(proto))


@lru_cache(maxsize=256)
def _flags(bits: int) -> str:
    return "".join(name for bit, name in enumerate(_FLAGS) if bits >> bit & 1)
