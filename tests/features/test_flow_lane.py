"""What is measured of a flow, by literal figures; and that no packet is lost on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.features.captures import ACK, CLIENT, FIN, SERVER, SYN, pcap, pcapng, tcp, udp
from tests.kernels.wrapped import CORPUS
from tocsin.core.inputs import Block
from tocsin.core.parameters import Parameters
from tocsin.features.flow_lane import FlowLane
from tocsin.features.flow_shape import FEATURES
from tocsin.features.packet_lane import PacketLane
from tocsin.kernels.compiled import COMPILED
from tocsin.pipeline.flow_records import columns_of

PSH = 8
START_S = 1_800_000_000.0


def lane_over(content: bytes, *, cut: int = 0) -> FlowLane:
    """Return a flow lane that was fed the content in pieces of ``cut`` bytes and finished."""
    lane = FlowLane("capture.pcap", parameters=Parameters())
    step = cut or max(len(content), 1)
    for at in range(0, len(content), step):
        lane.feed(Block("capture.pcap", content[at : at + step], at))
    lane.finish()
    return lane


def flows(content: bytes, *, cut: int = 0) -> list[dict[str, Any]]:
    columns = columns_of(lane_over(content, cut=cut).take_flows())
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def segment(at_s: float, *, is_out: bool, seq: int, flags: int = ACK, data: bytes = b"") -> Any:
    ends = (CLIENT, SERVER) if is_out else (SERVER, CLIENT)
    ports = (4000, 80) if is_out else (80, 4000)
    frame = bytearray(tcp(*ends, sport=ports[0], dport=ports[1], flags=flags, data=data))
    frame[38:42] = seq.to_bytes(4, "big")
    return START_S + at_s, bytes(frame)


TALK = [
    segment(0.0, is_out=True, seq=100, flags=SYN),
    segment(0.1, is_out=False, seq=500, flags=SYN | ACK),
    segment(0.2, is_out=True, seq=101),
    segment(0.3, is_out=True, seq=101, flags=PSH | ACK, data=b"abcdabcd"),
    segment(0.5, is_out=True, seq=101, flags=PSH | ACK, data=b"abcdabcd"),  # again
    segment(0.7, is_out=False, seq=501, data=bytes(100)),
    segment(0.8, is_out=False, seq=701, data=bytes(100)),  # 601 to 700 is missing
    segment(3.8, is_out=True, seq=109, flags=FIN | ACK),
    segment(3.9, is_out=False, seq=801, flags=FIN | ACK),
]


def test_a_flow_has_its_figures_both_ways() -> None:
    (flow,) = flows(pcap(TALK))

    wanted = {
        "src_ip": CLIENT, "dst_port": 80, "state": "SF", "packets_out": 5, "packets_in": 4,
        "bytes_out": 5 * 54 + 16, "bytes_in": 4 * 54 + 200, "payload_out": 16, "payload_in": 200,
        "size_min_out": 54, "size_max_out": 62, "size_min_in": 54, "size_max_in": 154,
        "size_mean_in": 104.0, "size_deviation_in": 50.0,
        "header_out": 5 * 54, "header_min_in": 54, "header_max_in": 54,
        "payload_packets_out": 2, "payload_min_out": 8, "payload_mean_in": 100.0,
        "syn_out": 1, "syn_in": 1, "psh_out": 2, "psh_in": 0, "ack_out": 4, "ack_in": 4,
        "fin_out": 1, "fin_in": 1, "rst_in": 0, "turns": 5,
        "retransmits_out": 1, "holes_out": 0, "retransmits_in": 0, "holes_in": 1,
        "entropy_out": 2.0, "entropy_bytes_out": 8, "entropy_in": 0.0, "entropy_bytes_in": 100,
        "first_bytes_out": "6162636461626364", "active_periods": 2, "small_out": 5, "small_in": 2,
        "window_min_out": 1024, "window_zero_out": 0, "bulks_out": 0, "fragments": 0,
    }  # fmt: skip
    assert {name: flow[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("duration_s", 3.9), ("answer_s", 0.1), ("handshake_s", 0.1),
        ("gap_min_s", 0.1), ("gap_max_s", 3.0), ("gap_mean_s", 3.9 / 8),
        ("gap_min_out_s", 0.1), ("gap_max_out_s", 3.3), ("gap_mean_out_s", 0.95),
        ("gap_min_in_s", 0.1), ("gap_max_in_s", 3.1), ("gap_mean_in_s", 3.8 / 3),
        ("active_min_s", 0.1), ("active_max_s", 0.8), ("idle_min_s", 3.0), ("idle_mean_s", 3.0),
    ],
)  # fmt: skip
def test_a_flow_has_its_times(name: str, seconds: float) -> None:
    (flow,) = flows(pcap(TALK))

    assert flow[name] == pytest.approx(seconds)


def test_what_one_packet_cannot_tell_is_none() -> None:
    (flow,) = flows(pcap([(START_S, udp(CLIENT, SERVER, sport=1, dport=2))]))

    missing = {name for name, value in flow.items() if value is None}
    assert {"gap_min_s", "answer_s", "handshake_s", "size_min_in", "entropy_out", "idle_max_s",
            "payload_min_out", "window_min_out", "gap_deviation_in_s"} <= missing  # fmt: skip
    assert "size_min_out" not in missing


def test_four_full_packets_in_a_row_are_a_bulk() -> None:
    packets = [
        (START_S + i * 0.1, udp(CLIENT, SERVER, sport=1, dport=2, data=bytes(100)))
        for i in range(5)
    ]
    packets += [(START_S + 1, udp(SERVER, CLIENT, sport=2, dport=1, data=b"x"))]

    (flow,) = flows(pcap(packets))

    assert (flow["bulks_out"], flow["bulk_packets_out"], flow["bulk_bytes_out"]) == (1, 5, 500)
    assert flow["bulk_rate_out"] == pytest.approx(500 / 0.4)
    assert flow["bulks_in"] == 0


def test_sequence_numbers_go_round() -> None:
    talk = [
        segment(i * 0.1, is_out=True, seq=(2**32 - 16 + i * 8) % 2**32, data=b"12345678")
        for i in range(4)
    ]

    (flow,) = flows(pcap(talk))

    assert (flow["retransmits_out"], flow["holes_out"]) == (0, 0)


@pytest.mark.parametrize("cut", [7, 100, 4096])
def test_flows_do_not_depend_on_how_the_capture_was_cut(cut: int) -> None:
    content = pcap(TALK * 3)

    assert flows(content, cut=cut) == flows(content)


def test_the_engine_counts_the_same_flows() -> None:
    content = pcap([*TALK, *[(START_S + 5, tcp(CLIENT, SERVER, sport=i)) for i in range(50)]])
    engine = PacketLane("a", parameters=Parameters(), live=True, flows_wanted=True)
    engine.feed(Block("a", content, 0))
    engine.finish()

    lane = lane_over(content)
    lane.take()

    narrow = engine.take().flows
    wide = lane.take_flows()
    assert len(wide) == len(narrow) == 51
    for name in ("packets_out", "packets_in", "bytes_out", "bytes_in", "gap_sum_ns"):
        assert wide[name].sum() == narrow[name].sum()
    assert lane.stats == engine.stats


def test_names_are_unique_and_say_their_unit() -> None:
    names = [feature.name for feature in FEATURES]

    assert len(set(names)) == len(names) >= 50
    assert all(f.unit == "s" for f in FEATURES if f.name.endswith("_s") and "/" not in f.unit)


@settings(max_examples=150 if COMPILED else 2, deadline=None)
@given(
    st.sampled_from([pcap, pcapng]),
    st.lists(st.sampled_from([frame for _, frame in CORPUS]), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=20),
    st.integers(1, 500),
)
def test_every_record_of_a_damaged_capture_is_counted_once(
    make: Any, frames: list[bytes], edits: list[tuple[int, int]], cut: int
) -> None:
    content = bytearray(make([(START_S + i, frame) for i, frame in enumerate(frames)]))
    for place, value in edits:
        content[place % len(content)] = value
    engine = PacketLane("a", parameters=Parameters(), live=True)
    wide = FlowLane("a", parameters=Parameters())

    for lane in (engine, wide):
        for at in range(0, len(content), cut):
            lane.feed(Block("a", bytes(content[at : at + cut]), at))
        lane.finish()
        lane.take()

    rows = wide.take_flows()
    for stats in (engine.stats, wide.stats):
        assert stats.records == stats.events + sum(stats.weird.values()) + stats.filtered
    assert int(rows["packets_out"].sum() + rows["packets_in"].sum()) == wide.stats.events
    total = int(rows["bytes_out"].sum() + rows["bytes_in"].sum()) + wide.weird_bytes
    assert total == wide.stats.bytes
    assert engine.stats == wide.stats
    with np.errstate(all="raise", under="ignore"):
        assert len(columns_of(rows)["start"]) == len(rows) if len(rows) else True


@settings(max_examples=100 if COMPILED else 2, deadline=None)
@given(st.binary(max_size=600), st.integers(1, 300))
def test_any_bytes_end_without_a_fault(content: bytes, cut: int) -> None:
    for head in (b"", pcap([]), pcapng([])):
        lane = lane_over(head + content, cut=cut)
        assert lane.stats.records == lane.stats.events + sum(lane.stats.weird.values())
