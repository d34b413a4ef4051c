"""An attack merged into ordinary traffic keeps its packets, its pace and its link type."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.review.mixing import merged, middle_ns, packets_of
from tocsin.testing.captures import START_S, calm_web, pcap, port_scan

_NS = 1_000_000_000


def test_the_attack_begins_in_the_middle_of_the_longest_stretch() -> None:
    calm = pcap(calm_web(seconds=100))
    attack = pcap(port_scan(at_s=5000, ports=20))

    rows = packets_of(merged(calm, attack))

    assert len(rows) == 100 * 8 + 40
    assert np.all(np.diff(rows["ts_ns"]) >= 0)
    scan = rows[rows["wirelen"] == 54]["ts_ns"]
    assert (int(rows["ts_ns"][0]) - int(START_S) * _NS) == 0
    assert np.isin(int(START_S) * _NS + 49_526_000_000, scan)


def test_a_silence_ends_a_stretch() -> None:
    times = np.array([0, 10, 20, 1000, 1100, 1200, 1300], dtype=np.int64) * _NS

    assert middle_ns(times) == 1150 * _NS


def test_link_types_are_kept_apart() -> None:
    calm = pcap(calm_web(seconds=2))
    raw = bytearray(pcap(port_scan(at_s=0, ports=2)))
    raw[20] = 101

    assert set(packets_of(merged(calm, bytes(raw)))["link"].tolist()) == {1, 101}


def test_a_capture_without_packets_is_refused() -> None:
    with pytest.raises(ValueError, match="without packets"):
        merged(pcap([]), pcap(calm_web(seconds=1)))
