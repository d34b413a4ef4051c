"""Traffic spikes and lasting changes of level: figures from trips, and from a capture."""

from __future__ import annotations

import math

import pytest

from tocsin.core.parameters import Parameters, SpikeParameters
from tocsin.detect.base import Policy
from tocsin.detect.traffic_level_shift import TrafficLevelShift
from tocsin.detect.traffic_spike import TrafficSpike
from tocsin.kernels import layouts
from tocsin.testing import captures
from tocsin.testing.conformance import packet_trip
from tocsin.testing.scenes import EngineRun, Stream, capture, wiring

POLICY = Policy(rule="rule-spike", parameters=Parameters())
QUICK = Parameters(spike=SpikeParameters(warmup_windows=10, packets_s_min=20.0, shift_windows=12))
BOTH = pytest.mark.parametrize("is_live", [False, True], ids=["replay", "live"])


def paced(*rates: int) -> Stream:
    """Return one host's packets at these rates, one second each."""
    return capture(
        captures.Packet(second + n / rate, "192.0.2.10", 40_000, "198.51.100.10", 80, captures.ACK)
        for second, rate in enumerate(rates)
        for n in range(rate)
    )


def test_a_spike_says_the_rate_the_usual_one_and_the_distance() -> None:
    row = packet_trip(layouts.SPIKE)
    row["observed"], row["expected"], row["score"], row["measure"] = 5123.4, 12.34, 45.6, 0

    (found,) = TrafficSpike(POLICY).judge(row, source="capture.pcap")

    assert found.reason == (
        "5,123 packets/s over 1 s; this host's usual is 12.3 packets/s "
        "(46 deviations above, 8 is the bound)"
    )
    assert found.figure == "5,123 packets/s"
    assert (found.kind, found.entity) == ("traffic_spike", "198.51.100.10")
    assert (found.observed, found.expected, found.threshold) == (5123.4, 12.34, 8.0)
    assert found.p_value == pytest.approx(0.5 * math.exp(-45.6))
    assert found.facts == {"measure": "packets/s"}


@pytest.mark.parametrize(
    ("measure", "unit"), [(0, "packets/s"), (1, "bytes/s"), (2, "new flows/s")]
)
def test_each_measure_has_its_unit_and_its_own_episode(measure: int, unit: str) -> None:
    row = packet_trip(layouts.SPIKE)
    row["measure"] = measure
    other = packet_trip(layouts.SPIKE)
    other["measure"] = (measure + 1) % 3

    (found,) = TrafficSpike(POLICY).judge(row, source="capture.pcap")
    (apart,) = TrafficSpike(POLICY).judge(other, source="capture.pcap")

    assert found.figure == f"50 {unit}"
    assert found.episode != apart.episode


def test_a_level_shift_says_the_old_and_the_new_level() -> None:
    row = packet_trip(layouts.LEVEL_SHIFT)

    (found,) = TrafficLevelShift(POLICY).judge(row, source="capture.pcap")

    assert found.reason == (
        "the usual rate changed from 4.0 to 50.0 packets/s and stayed; "
        "the new level is now the usual one"
    )
    assert (found.kind, found.detector) == ("baseline_shift", "traffic_level_shift")


@BOTH
def test_one_busy_second_is_found_once_with_its_figures(is_live: bool) -> None:
    run = EngineRun(wiring(parameters=QUICK, detectors=["traffic_spike"]), is_live=is_live)

    found = run([paced(*[5] * 40, 60, *[5] * 5)]).detections

    assert [d.reason for d in found] == [
        (
            "60 packets/s over 1 s; this host's usual is 5.0 packets/s "
            "(25 deviations above, 8 is the bound)"
        )
    ]
    assert found[0].counts.packets == 60


@BOTH
def test_a_host_without_history_raises_no_spike(is_live: bool) -> None:
    run = EngineRun(wiring(parameters=QUICK, detectors=["traffic_spike"]), is_live=is_live)

    assert run([paced(*[5] * 5, 60, *[5] * 3)]).detections == []


@BOTH
def test_a_lasting_level_is_reported_once_as_a_shift(is_live: bool) -> None:
    run = EngineRun(wiring(parameters=QUICK, detectors=["traffic_level_shift"]), is_live=is_live)

    found = run([paced(*[5] * 40, *[60] * 30)]).detections

    assert [d.reason for d in found] == [
        (
            "the usual rate changed from 5.0 to 60.0 packets/s and stayed; "
            "the new level is now the usual one"
        )
    ]


def upload(*, answer_every: int, answer_flags: int) -> Stream:
    """Return an upload at 5 packets/s that gets a second of 200; the server answers now and then."""
    packets = []
    for second, rate in enumerate([*[5] * 40, 200, *[5] * 5]):
        for n in range(rate):
            at_s = second + n / rate
            packets.append(
                captures.Packet(at_s, "192.0.2.10", 40_000, "198.51.100.10", 80, captures.ACK)
            )
            if n % answer_every == 0:
                packets.append(
                    captures.Packet(
                        at_s + 0.0001, "198.51.100.10", 80, "192.0.2.10", 40_000, answer_flags
                    )
                )
    return capture(packets)


@BOTH
@pytest.mark.parametrize(
    ("answer_every", "answer_flags", "raised"),
    [
        (5, captures.ACK, 0),  # acknowledged every fifth packet: the server takes part
        (200, captures.ACK, 1),  # hardly answered
        (5, captures.RST, 1),  # refused
    ],
)
def test_an_upload_that_the_server_keeps_up_is_no_spike(
    answer_every: int, answer_flags: int, raised: int, *, is_live: bool
) -> None:
    run = EngineRun(wiring(parameters=QUICK, detectors=["traffic_spike"]), is_live=is_live)

    found = run([upload(answer_every=answer_every, answer_flags=answer_flags)]).detections

    assert len(found) == raised
