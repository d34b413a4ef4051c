"""The packet lane: what trips, what does not, and that no packet is lost."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.features.captures import (
    ACK,
    CLIENT,
    FIN,
    RESOLVER,
    RST,
    SERVER,
    SYN,
    dns_answer,
    lane_of,
    pcap,
    pcapng,
    tcp,
    udp,
)  # fmt: skip
from tocsin.core.addresses import address_text
from tocsin.core.errors import OutOfOrderError
from tocsin.core.inputs import Block
from tocsin.core.parameters import Parameters
from tocsin.features.packet_lane import PacketLane
from tocsin.features.packet_trips import STATES
from tocsin.kernels import layouts
from tocsin.kernels.framing import PACKET, walk

SAMPLES = Path(__file__).parents[2] / "sample_data"
START_S = 1_800_000_000.0


def raised(lane: PacketLane) -> list[tuple[int, str, str, int]]:
    """Return (code, source, target, port) of each trip that begins an episode."""
    return [
        (
            int(trip["code"]),
            address_text(trip["src_hi"], trip["src_lo"]),
            address_text(trip["dst_hi"], trip["dst_lo"]),
            int(trip["port"]),
        )
        for trip in lane.take().trips
        if trip["phase"] == layouts.RAISED
    ]


def test_ten_ports_without_an_answer_are_a_vertical_scan() -> None:
    content = pcap([(START_S + i * 2e-5, tcp(CLIENT, SERVER, dport=20 + i)) for i in range(10)])

    found = raised(lane_of(content))

    assert found == [(layouts.SCAN_VERTICAL, CLIENT, SERVER, 0)]


def test_nine_hosts_over_hours_are_a_horizontal_scan() -> None:
    content = pcap(
        [(START_S + i * 700, tcp(CLIENT, f"198.51.100.{i + 1}", dport=445)) for i in range(9)]
    )

    found = raised(lane_of(content))

    assert found == [(layouts.SCAN_HORIZONTAL, CLIENT, "::", 445)]


def test_unanswered_hosts_that_were_asked_for_by_name_are_no_scan() -> None:
    hosts = [f"198.51.100.{i + 1}" for i in range(9)]
    packets = [
        (START_S, udp(CLIENT, RESOLVER, sport=5000, dport=53, data=b"?" * 20)),
        (START_S + 0.1, udp(RESOLVER, CLIENT, sport=53, dport=5000, data=dns_answer(hosts))),
        *((START_S + 1 + i * 20, tcp(CLIENT, host, dport=443)) for i, host in enumerate(hosts)),
    ]

    named, unnamed = raised(lane_of(pcap(packets))), raised(lane_of(pcap(packets[2:])))

    assert named == []
    assert unnamed == [(layouts.SCAN_HORIZONTAL, CLIENT, "::", 443)]


def test_a_browser_whose_contacts_are_answered_is_no_scan() -> None:
    packets = []
    for i in range(40):
        host, at = f"198.51.100.{i + 1}", START_S + i * 0.01
        packets.append((at, tcp(CLIENT, host, sport=40000 + i, dport=443)))
        packets.append((at + 0.005, tcp(host, CLIENT, sport=443, dport=40000 + i, flags=SYN | ACK)))

    assert raised(lane_of(pcap(packets))) == []


def test_answers_without_a_question_are_no_contacts() -> None:
    packets = [
        (START_S + i, tcp(SERVER, f"203.0.113.{i + 1}", sport=80, flags=flags))
        for i, flags in enumerate([SYN | ACK, RST, RST | ACK] * 20)
    ]

    assert raised(lane_of(pcap(packets))) == []


def test_half_open_connections_from_everywhere_are_a_flood_known_at_the_panes_end() -> None:
    packets = [
        (START_S + i * 0.0001, tcp(f"203.0.113.{i % 250}", SERVER, sport=1024 + i, dport=80))
        for i in range(900)
    ]

    trips = lane_of(pcap(packets)).take().trips
    first = trips[trips["code"] == layouts.SYN_FLOOD][0]

    assert address_text(first["dst_hi"], first["dst_lo"]) == SERVER
    assert (first["port"], first["src_lo"]) == (80, 0)
    assert first["at_ns"] == 1_800_000_000_089_900_000  # the input ended before the pane


def test_short_ssh_sessions_of_one_size_are_guesses() -> None:
    packets = []
    for i in range(8):
        at, port = START_S + i * 5, 50000 + i
        out, back = {"sport": port, "dport": 902}, {"sport": 902, "dport": port}
        for step, frame in enumerate(
            [
                tcp(CLIENT, SERVER, **out),
                tcp(SERVER, CLIENT, **back, flags=SYN | ACK),
                tcp(SERVER, CLIENT, **back, flags=ACK, data=b"SSH-2.0-server\r\n"),
                tcp(CLIENT, SERVER, **out, flags=ACK, data=b"x" * 900),
                tcp(CLIENT, SERVER, **out, flags=FIN | ACK),
                tcp(SERVER, CLIENT, **back, flags=FIN | ACK),
            ]
        ):
            packets.append((at + step * 0.01, frame))

    (trip,) = [t for t in lane_of(pcap(packets)).take().trips if t["phase"] == layouts.RAISED]

    assert trip["code"] == layouts.GUESS_FLOWS
    assert (trip["port"], trip["flows"]) == (902, 8)
    assert trip["sample_ports"].tolist() == [50000 + i for i in range(8)]


def test_a_flood_after_a_calm_minute_is_a_spike_and_a_download_is_none() -> None:
    calm = [(START_S + i * 0.2, udp(CLIENT, SERVER, sport=4000, dport=9000)) for i in range(300)]
    burst = [START_S + 60 + i * 0.0005 for i in range(2000)]
    unasked = [(at, udp(CLIENT, SERVER, sport=4000, dport=9000)) for at in burst]
    asked = [(at, udp(SERVER, CLIENT, sport=9000, dport=4000)) for at in burst]
    last = [(START_S + 62, udp(CLIENT, SERVER, sport=4000, dport=9000))]

    flood, download = (
        raised(lane_of(pcap(calm + unasked + last))),
        raised(lane_of(pcap(calm + asked + last))),
    )

    assert (layouts.SPIKE, "::", SERVER, 0) in flood
    assert download == []


def test_a_closed_minute_counts_what_arrived() -> None:
    packets = [(60.0 * 30_000_000 + i, tcp(CLIENT, SERVER, sport=1000 + i)) for i in range(3)]

    (window,) = lane_of(pcap(packets)).take().windows

    assert window["start_ns"] == 60 * 30_000_000 * 10**9
    assert (window["packets_in"], window["bytes_in"], window["syn_in"]) == (3, 162, 3)
    assert (window["sources"], window["ports"]) == (1, 1)


@pytest.mark.parametrize("cut", [1, 7, 977])
def test_any_cut_gives_the_same(cut: int) -> None:
    packets = [(START_S + i * 0.01, tcp(CLIENT, SERVER, dport=20 + i)) for i in range(60)]
    content = pcapng(packets)

    whole, pieces = lane_of(content), lane_of(content, cut=cut)
    once, often = whole.take(), pieces.take()

    assert np.array_equal(once.trips, often.trips)
    assert np.array_equal(once.windows, often.windows)
    assert np.array_equal(once.flows, often.flows)
    assert whole.stats == pieces.stats


def test_a_lane_restored_from_its_state_goes_on_as_before() -> None:
    content = pcap([(START_S + i * 0.01, tcp(CLIENT, SERVER, dport=20 + i)) for i in range(60)])
    first, second = (PacketLane("a", parameters=Parameters()) for _ in range(2))

    first.feed(Block("a", content[:500], 0))
    second.restore(first.state())
    for lane in (first, second):
        lane.feed(Block("a", content[500:], 500))
        lane.finish()

    assert np.array_equal(first.take().trips, second.take().trips)


def test_a_capture_out_of_order_says_so_and_is_read_in_time_order() -> None:
    order = [5, 3, 8, 0, 1, 7, 2, 6, 4]
    content = pcap(
        [(START_S + i * 700, tcp(CLIENT, f"198.51.100.{i + 1}", dport=445)) for i in order]
    )

    lane = PacketLane("a", parameters=Parameters())
    lane.feed_sorted(memoryview(content))
    lane.finish()

    assert raised(lane) == [(layouts.SCAN_HORIZONTAL, CLIENT, "::", 445)]
    with pytest.raises(OutOfOrderError):
        lane_of(content)


def test_a_cut_capture_is_used_up_to_the_cut_and_says_where() -> None:
    content = pcap([(START_S + i, tcp(CLIENT, SERVER, dport=20 + i)) for i in range(3)])

    lane = lane_of(content[:-10])

    assert lane.stats.records == 2
    assert lane.damage is not None
    assert lane.damage.offset == 24 + 2 * (16 + 54)
    assert "ends inside a record" in str(lane.damage)


def test_an_absurd_length_is_told_with_its_figure_and_place() -> None:
    content = pcap([(START_S, tcp(CLIENT, SERVER))])
    content += (0).to_bytes(8) + (4_012_345_111).to_bytes(4, "little") + bytes(90)

    damage = lane_of(content).damage

    assert str(damage) == (
        "capture.pcap: at byte 94: record length 4,012,345,111 is more than 4,194,304 bytes"
    )


def test_initiator_and_state_follow_the_handshake() -> None:
    out, back = {"sport": 4000, "dport": 80}, {"sport": 80, "dport": 4000}
    packets = [
        (START_S, tcp(CLIENT, SERVER, **out)),
        (START_S + 0.1, tcp(SERVER, CLIENT, **back, flags=SYN | ACK)),
        (START_S + 0.2, tcp(CLIENT, SERVER, **out, flags=ACK)),
        (START_S + 0.3, tcp(CLIENT, SERVER, **out, flags=FIN | ACK)),
        (START_S + 0.4, tcp(SERVER, CLIENT, **back, flags=FIN | ACK)),
        (START_S + 0.5, tcp(SERVER, "203.0.113.77", sport=22, dport=999, flags=RST | ACK)),
    ]

    talk, stray = sorted(lane_of(pcap(packets)).take().flows, key=lambda f: int(f["start_ns"]))

    assert address_text(talk["src_hi"], talk["src_lo"]) == CLIENT
    assert (talk["packets_out"], talk["packets_in"], STATES[talk["state"]]) == (3, 2, "SF")
    assert address_text(stray["src_hi"], stray["src_lo"]) == "203.0.113.77"
    assert STATES[stray["state"]] == "OTH"


@pytest.mark.parametrize("name", ["ssh-guessing/capture.pcap", "calm-day/capture.pcap"])
def test_conversations_are_those_that_tshark_counts(name: str) -> None:
    path = SAMPLES / name
    lane = lane_of(path.read_bytes(), cut=1 << 20)

    flows = lane.take().flows
    packets = flows["packets_out"] + flows["packets_in"]

    assert packets.sum() + sum(lane.stats.weird.values()) == lane.stats.records
    assert (flows["bytes_out"] + flows["bytes_in"]).sum() == lane.stats.bytes
    for proto, word in ((6, "tcp"), (17, "udp")):
        assert packets[flows["proto"] == proto].sum() == _tshark_packets(path, word)


def _tshark_packets(path: Path, word: str) -> int:
    """Add up the packets of all conversations that tshark lists."""
    try:
        run = subprocess.run(
            ["tshark", "-r", str(path), "-q", "-z", f"conv,{word}"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    except FileNotFoundError:
        pytest.skip("tshark is not installed")
    lines = [line for line in run.stdout.splitlines() if "<->" in line]
    return sum(int(line.split()[9 if line.split()[5].isalpha() else 7]) for line in lines)


@pytest.mark.parametrize("make", [pcap, pcapng])
def test_damaged_bytes_are_counted_and_never_trusted(make: object) -> None:
    content = make([(START_S + i, tcp(CLIENT, SERVER, dport=i)) for i in range(1, 60)])  # type: ignore[operator]
    random = np.random.default_rng(7)

    for _ in range(60):
        damaged = np.frombuffer(content, dtype=np.uint8).copy()
        places = random.integers(28, len(damaged), 12)
        damaged[places] = random.integers(0, 256, 12)
        lane = PacketLane("a", parameters=Parameters(), live=True)
        lane.feed(Block("a", damaged.tobytes(), 0))
        lane.finish()
        stats = lane.stats
        assert stats.records == stats.events + sum(stats.weird.values()) + stats.filtered


def test_any_row_of_the_index_can_be_walked_from_its_framing() -> None:
    frame = tcp(CLIENT, SERVER, data=bytes(1400))
    content = pcapng([(START_S + i * 0.001, frame) for i in range(2000)])
    lane = lane_of(content)

    first, second = lane.index[:2]

    assert first.records + sum(row.records for row in lane.index[1:]) == 2000
    assert second.first_offset == first.end_offset
    for row in lane.index:
        assert row.framing is not None
        block = np.frombuffer(content[row.first_offset : row.end_offset], dtype=np.uint8)
        index = np.zeros(4096, dtype=PACKET)
        state = row.framing.copy()
        n, _, _ = walk(block, 0, len(block), row.first_offset, state, index, len(index))
        assert n == row.records
