"""Captures to the windows that models learn from."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.bench.generate_capture import make_body, write_capture
from tocsin.collect.source import open_source
from tocsin.core.errors import UsageError
from tocsin.core.parameters import Parameters
from tocsin.pipeline.target_windows import target_windows

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PACKETS = 1500


def windows_of(path: Path) -> NDArray[np.void]:
    return target_windows(open_source(str(path), site="lab"), parameters=Parameters())


def reordered(path: Path) -> Path:
    """Write the capture again with its second half before its first."""
    data = path.read_bytes()
    at, starts = 24, []
    while at < len(data):
        starts.append(at)
        at += 16 + struct.unpack_from("<I", data, at + 8)[0]
    middle = starts[len(starts) // 2]
    target = path.with_name("reordered.pcap")
    target.write_bytes(data[:24] + data[middle:] + data[24:middle])
    return target


def test_every_packet_is_counted_once_at_the_address_it_arrives_at(tmp_path: Path) -> None:
    path = tmp_path / "calm.pcap"
    write_capture(path, make_body(PACKETS), packets=PACKETS)

    found = windows_of(path)

    assert int(found["packets_in"].sum()) == PACKETS
    assert (np.diff(found["start_ns"]) >= 0).all()
    assert (found["start_ns"] % 60_000_000_000 == 0).all()


def test_a_capture_out_of_order_gives_the_windows_of_the_one_in_order(tmp_path: Path) -> None:
    path = tmp_path / "calm.pcap"
    write_capture(path, make_body(PACKETS), packets=PACKETS)

    straight, sorted_again = windows_of(path), windows_of(reordered(path))

    keys = ["start_ns", "hi", "lo"]
    counts = ["packets_in", "bytes_in", "flows_in", "syn_in", "sources"]
    first, second = (rows[np.argsort(rows[keys], order=keys)] for rows in (straight, sorted_again))
    for name in keys + counts:
        assert first[name].tolist() == second[name].tolist()


def test_a_log_is_no_capture(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_text("Jan  1 00:00:00 web01 sshd[1]: Connection closed by 203.0.113.9 port 4 \n")

    with pytest.raises(UsageError, match="expected a capture, got a log"):
        windows_of(path)
