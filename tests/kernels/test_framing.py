"""Walking captures: both formats, both byte orders, damage."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from tests.features.captures import CLIENT, SERVER, pcap, pcapng, tcp
from tocsin.kernels import framing

FRAME = tcp(CLIENT, SERVER)
PACKETS = [(1_800_000_000.25, FRAME), (1_800_000_001.5, FRAME)]


def walk(content: bytes) -> tuple[np.ndarray, int, int]:
    """Return (rows, position, status) of one walk over everything."""
    index = np.zeros(100, dtype=framing.PACKET)
    buffer = np.frombuffer(content, dtype=np.uint8)
    n, at, status = framing.walk(
        buffer, 0, len(buffer), 0, framing.fresh_framing(), index, len(index)
    )
    return index[:n], at, status


@pytest.mark.parametrize(
    "content",
    [
        pcap(PACKETS),
        pcap(PACKETS, order=">"),
        pcap(PACKETS, is_nano=True),
        pcap(PACKETS, order=">", is_nano=True),
        pcapng(PACKETS),
        pcapng(PACKETS, order=">"),
        pcapng(PACKETS, resolution=9),
        pcapng(PACKETS, resolution=3, order=">"),
    ],
)
def test_each_format_gives_the_same_packets(content: bytes) -> None:
    rows, at, status = walk(content)

    assert rows["ts_ns"].tolist() == [1_800_000_000_250_000_000, 1_800_000_001_500_000_000]
    assert rows["caplen"].tolist() == [54, 54]
    assert rows["link"].tolist() == [1, 1]
    assert content[rows["at"][1] :][:54] == FRAME
    assert (at, status) == (len(content), framing.MORE)


def test_a_second_section_may_have_the_other_byte_order() -> None:
    first, second = pcapng(PACKETS[:1]), pcapng(PACKETS[1:], order=">", resolution=9)

    rows, at, _ = walk(first + second)

    assert rows["ts_ns"].tolist() == [1_800_000_000_250_000_000, 1_800_000_001_500_000_000]
    assert at == len(first) + len(second)


def test_an_absurd_length_ends_the_walk_where_it_stands() -> None:
    content = pcap(PACKETS) + struct.pack("<IIII", 0, 0, 4_012_345_111, 60) + bytes(60)

    rows, at, status = walk(content)

    assert (len(rows), at, status) == (2, len(content) - 76, framing.TOO_LONG)


def test_what_is_no_capture_is_told() -> None:
    assert walk(b"Nov 23 14:12:57 host sshd[1]: hello")[2] == framing.NOT_A_CAPTURE


def test_any_bytes_end_with_a_status_and_rows_inside_the_buffer() -> None:
    random = np.random.default_rng(5)
    heads = [pcap(PACKETS), pcapng(PACKETS), b""]

    for round_ in range(300):
        content = heads[round_ % 3] + random.integers(0, 256, 400, dtype=np.uint8).tobytes()
        rows, at, status = walk(content)
        assert 0 <= at <= len(content)
        assert status in range(6)
        assert ((rows["at"] >= 0) & (rows["at"] + rows["caplen"] <= len(content))).all()
