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


def block(kind: int, body: bytes) -> bytes:
    """Return a little-endian pcapng block."""
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def section() -> bytes:
    return block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(*, link: int = 1, snaplen: int = 0, resolution: int = 6, offset_s: int = 0) -> bytes:
    options = struct.pack("<HHBxxx", 9, 1, resolution) + struct.pack("<HHq", 14, 8, offset_s)
    return block(1, struct.pack("<HHI", link, 0, snaplen) + options + bytes(4))


def enhanced(interface: int, units: int, frame: bytes, *, caplen: int | None = None) -> bytes:
    size = len(frame) if caplen is None else caplen
    head = struct.pack("<IIIII", interface, units >> 32, units & 0xFFFFFFFF, size, len(frame))
    return block(6, head + frame + bytes(-len(frame) % 4))


@pytest.mark.parametrize(
    ("resolution", "units", "time_ns"),
    [
        (0, 1_800_000_000, 1_800_000_000_000_000_000),
        (12, 1_800_000_250_000_000_999, 1_800_000_250_000_000),
        (18, 12_250_000_000_999_999_999, 12_250_000_000),
        (0x80 | 10, (1_800_000_000 << 10) + 512, 1_800_000_000_500_000_000),
        (0x80 | 20, (1_800_000_000 << 20) + (1 << 18), 1_800_000_000_250_000_000),
        (0x80 | 32, (1_800_000_000 << 32) + (1 << 30), 1_800_000_000_250_000_000),
        (0x80 | 60, (7 << 60) + (1 << 59), 7_500_000_000),
        (19, 1_800_000_000_250_000, 1_800_000_000_250_000_000),  # beyond: microseconds
        (0x80 | 127, 1_800_000_000_250_000, 1_800_000_000_250_000_000),
    ],
)
def test_each_resolution_gives_its_time(resolution: int, units: int, time_ns: int) -> None:
    content = section() + interface(resolution=resolution)

    rows, _, _ = walk(content + enhanced(0, units, FRAME))

    assert rows["ts_ns"].tolist() == [time_ns]


def test_an_offset_moves_the_time_and_an_absurd_one_stays_in_range() -> None:
    content = section() + interface(offset_s=-100) + interface(offset_s=1 << 62)
    content += interface(offset_s=-(1 << 62))

    rows, _, _ = walk(content + b"".join(enhanced(i, 500_000_000, FRAME) for i in range(3)))

    assert rows["ts_ns"].tolist() == [400_000_000_000, 9_223_372_035_000_000_000, 0]


def test_interfaces_have_their_own_link_type_and_resolution() -> None:
    content = section() + interface() + interface(link=101, resolution=9)

    rows, _, _ = walk(content + enhanced(1, 7_000_000_000, FRAME) + enhanced(0, 7_000_000, FRAME))

    assert rows["link"].tolist() == [101, 1]
    assert rows["ts_ns"].tolist() == [7_000_000_000, 7_000_000_000]


def test_a_file_merged_from_hundreds_of_interfaces_is_read() -> None:
    content = section() + b"".join(interface(link=1 + i % 2 * 100) for i in range(1500))

    rows, at, status = walk(content + enhanced(1499, 1, FRAME) + enhanced(2, 1, FRAME))

    assert (rows["link"].tolist(), status) == ([101, 1], framing.MORE)
    assert at == len(content) + 2 * 88


def test_simple_and_obsolete_packet_blocks_are_packets() -> None:
    content = section() + interface(snaplen=20)
    content += enhanced(0, 5_000_000, FRAME)
    content += block(3, struct.pack("<I", 54) + FRAME[:20])
    content += block(2, struct.pack("<HHIIII", 0, 9, 0, 6_000_000, 20, 54) + FRAME[:20])

    rows, _, _ = walk(content)

    assert rows["caplen"].tolist() == [54, 20, 20]
    assert rows["wirelen"].tolist() == [54, 54, 54]
    assert rows["ts_ns"].tolist() == [5_000_000_000, 5_000_000_000, 6_000_000_000]


@pytest.mark.parametrize(
    "lying",
    [
        enhanced(0, 1, FRAME, caplen=900),
        enhanced(1, 1, FRAME),
        block(6, bytes(8)),
        block(3, b""),
        block(2, bytes(4)),
    ],
)
def test_a_block_that_does_not_hold_what_it_says_is_a_record_without_bytes(lying: bytes) -> None:
    content = section() + interface() + enhanced(0, 9_000_000, FRAME) + lying

    rows, at, status = walk(content + enhanced(0, 10_000_000, FRAME))

    assert rows["link"].tolist() == [1, framing.LIES, 1]
    assert rows["caplen"].tolist() == [54, 0, 54]
    assert rows["ts_ns"].tolist() == [9_000_000_000, 9_000_000_000, 10_000_000_000]
    assert (at, status) == (len(content) + 88, framing.MORE)


def test_a_cut_interface_block_ends_the_walk() -> None:
    assert walk(section() + block(1, bytes(4)))[2] == framing.BAD_BLOCK


def test_options_that_lie_about_their_length_are_left() -> None:
    body = struct.pack("<HHI", 1, 0, 0) + struct.pack("<HHBxxx", 9, 60_000, 3)

    rows, _, _ = walk(section() + block(1, body) + enhanced(0, 1_000_000, FRAME))

    assert rows["ts_ns"].tolist() == [1_000_000_000]


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_modified_form_has_longer_record_headers(order: str) -> None:
    head = struct.pack(f"{order}IHHiIII", 0xA1B2CD34, 2, 4, 0, 0, 65535, 1)
    record = struct.pack(f"{order}IIIIIHBB", 7, 5, 54, 54, 2, 8, 0, 0) + FRAME

    rows, _, _ = walk(head + record + record)

    assert rows["ts_ns"].tolist() == [7_000_005_000, 7_000_005_000]
    assert rows["caplen"].tolist() == [54, 54]


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
