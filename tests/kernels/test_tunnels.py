"""Link types and tunnels: the innermost conversation, or the outer one when it is malformed."""

from __future__ import annotations

import numpy as np
import pytest

from tests.features.captures import CLIENT, SERVER
from tests.kernels.wrapped import (
    AH,
    FRAME,
    LINKS,
    PACKET,
    TEREDO,
    TEREDO_FULL,
    TUNNELS,
    datagram,
    ethernet,
    ipv4,
    ipv6,
)
from tocsin.core.addresses import address_text
from tocsin.kernels import decode, framing

INNER, OUTER = (CLIENT, SERVER), ("192.0.2.1", "192.0.2.2")


def decoded(frame: bytes, *, link: int = 1) -> np.void:
    """Return the decoded row of one frame."""
    index, rows = np.zeros(1, dtype=framing.PACKET), np.zeros(1, dtype=decode.DECODED)
    index["caplen"], index["link"] = len(frame), link
    decode.decode(np.frombuffer(frame, dtype=np.uint8), index, 1, rows)
    return rows[0]


def ends(row: np.void) -> tuple[str, str]:
    return address_text(row["src_hi"], row["src_lo"]), address_text(row["dst_hi"], row["dst_lo"])


@pytest.mark.parametrize("name", [*LINKS, *TUNNELS])
def test_every_wrapping_leads_to_the_same_segment(name: str) -> None:
    link, frame = {**LINKS, **TUNNELS}[name]

    row = decoded(frame, link=link)

    assert (row["weird"], ends(row), row["layers"]) == (0, INNER, int(name in TUNNELS))
    assert (row["src_port"], row["dst_port"], row["flags"], row["payload"]) == (4000, 22, 2, 11)
    assert frame[row["payload_at"] :][: row["captured"]] == b"SSH-2.0-x\r\n"


@pytest.mark.parametrize("sample", [TEREDO, TEREDO_FULL])
def test_teredo_leads_to_the_ipv6_conversation(sample: tuple[int, bytes]) -> None:
    row = decoded(sample[1])

    assert ends(row) == ("2001:0:c633:6401::1", "2001:0:c633:6401::2")
    assert (row["proto"], row["dst_port"], row["layers"]) == (6, 22, 1)


def test_another_use_of_teredos_port_stays_what_it_is() -> None:
    row = decoded(ethernet(0x0800, ipv4(17, datagram(3544, ipv6(6, PACKET[20:])))))

    assert (ends(row), row["dst_port"], row["layers"]) == (OUTER, 3544, 0)


def test_an_authentication_header_does_not_hide_the_ports() -> None:
    row = decoded(AH[1])

    assert (row["src_port"], row["dst_port"], row["proto"], row["extensions"]) == (4000, 22, 6, 1)


@pytest.mark.parametrize(
    "frame",
    [
        ethernet(0x0800, ipv4(4, PACKET[:19])),
        ethernet(0x0800, ipv4(47, b"\0\0\x08\0" + b"\x35" + PACKET[1:])),
        ethernet(0x0800, ipv4(47, b"\0\1\x08\0" + PACKET)),
        ethernet(0x0800, ipv4(17, datagram(4789, b"\0" + bytes(7) + FRAME))),
        ethernet(0x0800, ipv4(17, datagram(4789, b"\x08" + bytes(7) + FRAME[:40]))),
        ethernet(0x0800, ipv4(17, datagram(6081, b"\x80\0\x65\x58" + bytes(4) + FRAME))),
    ],
)
def test_a_malformed_packet_inside_leaves_the_outer_one(frame: bytes) -> None:
    row = decoded(frame)

    assert (row["weird"], ends(row), row["layers"], row["flags"]) == (0, OUTER, 0, 0)


def test_of_two_tunnels_the_outer_opens_if_the_inner_is_malformed() -> None:
    inner = ipv6(4, b"\x35" + PACKET[1:])

    row = decoded(ethernet(0x0800, ipv4(41, inner)))

    assert (ends(row), row["proto"], row["layers"]) == (("2001:db8::1", "2001:db8::2"), 4, 1)


def test_four_tunnels_are_opened_and_a_fifth_is_told() -> None:
    packet = PACKET
    for _ in range(4):
        packet = ipv4(4, packet)
    four, five = decoded(ethernet(0x0800, packet)), decoded(ethernet(0x0800, ipv4(4, packet)))

    assert (ends(four), four["layers"], four["odd"]) == (INNER, 4, 0)
    assert (ends(five), five["layers"], decode.ODD[int(five["odd"]).bit_length() - 1]) == (
        OUTER,
        4,
        "more tunnels in one another than are opened",
    )


@pytest.mark.parametrize(
    ("frame", "link", "number"),
    [
        (ethernet(0x88E5, bytes(40)), 1, 0x88E5),  # MACsec
        (ethernet(0x8863, bytes(40)), 1, 0x8863),
        (bytes(12) + b"\0\x26\x42\x42\3" + bytes(35), 1, 0x42),  # spanning tree
        (LINKS["802.11"][1][:1] + b"\x40" + LINKS["802.11"][1][2:], 105, 0x120),  # encrypted
        (b"\x80\0" + bytes(40), 105, 0x108),  # a beacon
        (b"\xff\3\xc0\x21" + bytes(20), 9, 0xC021),
        (ethernet(0x8847, b"\0\1\1\x40" + b"\x12" + bytes(20)), 1, 0x8847),
    ],
)
def test_what_holds_no_ip_is_a_frame_with_a_number(frame: bytes, link: int, number: int) -> None:
    row = decoded(frame, link=link)

    assert (row["weird"], row["ethertype"], row["proto"]) == (0, number, 0)


def test_more_extension_headers_than_are_read_leave_an_event_without_ports() -> None:
    chain = b"".join(bytes([60]) + bytes(7) for _ in range(20)) + PACKET[20:]

    row = decoded(ethernet(0x86DD, ipv6(60, chain)))

    assert (row["weird"], row["extensions"], row["src_port"], row["dst_port"]) == (0, 8, 0, 0)
    assert decode.ODD[int(row["odd"]).bit_length() - 1].startswith("more IPv6 extension headers")


def test_padding_behind_the_packet_is_no_header() -> None:
    short = ipv4(6, PACKET[20:28])

    row = decoded(ethernet(0x0800, short + bytes(18)))

    assert decode.WEIRD[row["weird"]] == "cut inside the transport header"
