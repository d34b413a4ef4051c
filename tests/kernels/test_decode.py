"""Decoding packets: link types, extension headers, fragments, damage."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from tests.features.captures import CLIENT, SERVER, pcap, tcp, udp
from tocsin.core.addresses import address_text
from tocsin.kernels import decode, framing

FRAME = tcp(CLIENT, SERVER, sport=4000, dport=22)


def decoded(frame: bytes, *, link: int = 1) -> np.void:
    """Return the decoded row of one frame."""
    buffer = np.frombuffer(pcap([(1.0, frame)], link=link), dtype=np.uint8)
    index, rows = np.zeros(1, dtype=framing.PACKET), np.zeros(1, dtype=decode.DECODED)
    framing.walk(buffer, 0, len(buffer), 0, framing.fresh_framing(), index, 1)
    decode.decode(buffer, index, 1, rows)
    return rows[0]


@pytest.mark.parametrize(
    ("frame", "link"),
    [
        (FRAME, 1),
        (FRAME[:12] + b"\x81\x00\x00\x07" + FRAME[12:], 1),
        (FRAME[:12] + b"\x88\xa8\x00\x09\x81\x00\x00\x07" + FRAME[12:], 1),
        (FRAME[14:], 101),
        (FRAME[14:], 12),
        (FRAME[14:], 228),
        (b"\2\0\0\0" + FRAME[14:], 0),
        (b"\0\0\0\2" + FRAME[14:], 108),
        (bytes(6) + b"\2\0\0\0\0\1\0\0" + b"\x08\0" + FRAME[14:], 113),
        (b"\x08\0" + bytes(18) + FRAME[14:], 276),
    ],
)
def test_every_link_type_leads_to_the_same_segment(frame: bytes, link: int) -> None:
    row = decoded(frame, link=link)

    assert row["weird"] == 0
    assert address_text(row["src_hi"], row["src_lo"]) == CLIENT
    assert address_text(row["dst_hi"], row["dst_lo"]) == SERVER
    assert (row["proto"], row["src_port"], row["dst_port"], row["flags"]) == (6, 4000, 22, 2)


def test_ipv6_extension_headers_are_walked() -> None:
    address = bytes.fromhex("20010db8") + bytes(11)
    segment = b"\x11\0" + bytes(6) + struct.pack("!HHHH", 53, 5353, 8, 0)
    frame = bytes(12) + b"\x86\xdd" + struct.pack("!IHBB", 6 << 28, len(segment), 60, 64)

    row = decoded(frame + address + b"\1" + address + b"\2" + segment)

    assert row["weird"] == 0
    assert address_text(row["src_hi"], row["src_lo"]) == "2001:db8::1"
    assert (row["proto"], row["src_port"], row["dst_port"], row["payload"]) == (17, 53, 5353, 0)


def test_a_later_fragment_has_no_ports() -> None:
    frame = bytearray(udp(CLIENT, SERVER, sport=1, dport=2, data=bytes(40)))
    frame[20:22] = struct.pack("!H", 185)

    row = decoded(bytes(frame))

    assert (row["weird"], row["is_fragment"], row["src_port"], row["dst_port"]) == (0, 1, 0, 0)


@pytest.mark.parametrize(
    ("frame", "link", "reason"),
    [
        (FRAME, 147, "link type not supported"),
        (FRAME[:9], 1, "cut inside the link header"),
        (FRAME[:25], 1, "cut inside the IP header"),
        (FRAME[:14] + b"\x65" + FRAME[15:], 1, "IP version contradicts the link header"),
        (FRAME[:14] + b"\x42" + FRAME[15:], 1, "IPv4 header length under 20"),
        (FRAME[:40], 1, "cut inside the transport header"),
        (FRAME[:46] + b"\x10" + FRAME[47:], 1, "TCP header length under 20"),
        (FRAME[:12] + b"\x08\x06" + bytes(9), 1, "cut inside ARP"),
    ],
)
def test_what_is_malformed_is_weird_with_its_reason(frame: bytes, link: int, reason: str) -> None:
    assert decode.WEIRD[decoded(frame, link=link)["weird"]] == reason


def test_any_bytes_decode_or_are_weird() -> None:
    random = np.random.default_rng(11)

    for link in (0, 1, 101, 113, 276):
        for size in range(90):
            row = decoded(random.integers(0, 256, size, dtype=np.uint8).tobytes(), link=link)
            assert row["weird"] < len(decode.WEIRD)
            assert 0 <= row["captured"] <= size
