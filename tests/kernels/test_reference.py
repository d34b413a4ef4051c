"""The decoder against a second one in plain Python, over any bytes and mutated frames."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernels.reference import Facts, MalformedError, reference
from tests.kernels.wrapped import CORPUS, PACKET, datagram, ethernet, ipv4, ipv6
from tocsin.kernels import decode, framing

LINKS = (
    0,
    1,
    9,
    50,
    51,
    101,
    104,
    105,
    107,
    109,
    113,
    117,
    119,
    127,
    163,
    166,
    192,
    204,
    239,
    258,
    276,
)
SAMPLE = Path(__file__).parents[2] / "sample_data/calm-day/capture.pcap"
HOSTILE_PACKETS_MAX = 400


def facts_of(row: np.void) -> Facts | str:
    """Return what the kernel says in the reference's form: facts, or the reason why not."""
    if row["weird"]:
        return decode.WEIRD[row["weird"]]
    plain = {name: int(row[name]) for name in asdict(Facts()) if name not in {"src", "dst", "odd"}}
    src = int(row["src_hi"]) << 64 | int(row["src_lo"])
    dst = int(row["dst_hi"]) << 64 | int(row["dst_lo"])
    return Facts(src=src, dst=dst, odd=int(row["odd"]), **plain)


def both(frame: bytes, link: int) -> tuple[Facts | str, Facts | str]:
    """Return what the kernel and what the reference say of a frame."""
    index, rows = np.zeros(1, dtype=framing.PACKET), np.zeros(1, dtype=decode.DECODED)
    index["caplen"], index["link"] = len(frame), link
    decode.decode(np.frombuffer(frame or b"\0", dtype=np.uint8), index, 1, rows)
    row = rows[0]
    assert 0 <= row["payload_at"] <= len(frame)
    assert 0 <= row["captured"] <= len(frame) - row["payload_at"]
    return facts_of(row), said(frame, link)


def said(frame: bytes, link: int) -> Facts | str:
    """Return what the reference says: facts, or the reason why not."""
    try:
        return reference(frame, link)
    except MalformedError as reason:
        return str(reason)


@st.composite
def mutated(draw: st.DrawFn, frames: list[tuple[int, bytes]]) -> tuple[int, bytes]:
    """Return a frame with a few bytes changed, cut somewhere, or followed by others."""
    link, frame = draw(st.sampled_from(frames))
    data = bytearray(frame)
    for _ in range(draw(st.integers(0, 4))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    cut = draw(st.one_of(st.none(), st.integers(0, len(data))))
    return link, bytes(data[:cut]) + draw(st.binary(max_size=12))


@st.composite
def nested(draw: st.DrawFn) -> bytes:
    """Return an Ethernet frame with up to seven tunnels in one another."""
    kind, body = 0x0800, PACKET
    for _ in range(draw(st.integers(0, 7))):
        form = draw(st.integers(0, 3))
        if form == 0:
            proto = 4 if kind == 0x0800 else 41
        elif form == 1:
            body, proto = b"\0\0" + kind.to_bytes(2, "big") + body, 47
        elif form == 2:
            body, proto = datagram(4789, b"\x08" + bytes(7) + ethernet(kind, body)), 17
        else:
            body, proto = datagram(6081, b"\0\0" + kind.to_bytes(2, "big") + bytes(4) + body), 17
        kind = draw(st.sampled_from((0x0800, 0x86DD)))
        body = ipv4(proto, body) if kind == 0x0800 else ipv6(proto, body)
    return ethernet(kind, body)


def real_frames(path: Path, *, packets_max: int) -> list[tuple[int, bytes]]:
    """Return (link type, frame) of a capture's first packets; what can't be walked is left."""
    data = path.read_bytes()
    buffer = np.frombuffer(data or b"\0", dtype=np.uint8)
    index = np.zeros(packets_max, dtype=framing.PACKET)
    n, _, _ = framing.walk(buffer, 0, len(data), 0, framing.fresh_framing(), index, packets_max)
    return [(int(one["link"]), data[one["at"] : one["at"] + one["caplen"]]) for one in index[:n]]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(LINKS), st.binary(max_size=160))
def test_any_bytes_are_what_the_reference_says(link: int, frame: bytes) -> None:
    kernel, plain = both(frame, link)

    assert kernel == plain


@settings(max_examples=1500, deadline=None)
@given(mutated(CORPUS))
def test_a_mutated_frame_is_what_the_reference_says(sample: tuple[int, bytes]) -> None:
    kernel, plain = both(sample[1], sample[0])

    assert kernel == plain


@settings(max_examples=300, deadline=None)
@given(nested())
def test_tunnels_in_tunnels_are_what_the_reference_says(frame: bytes) -> None:
    kernel, plain = both(frame, 1)

    assert kernel == plain


@settings(max_examples=400, deadline=None)
@given(mutated(real_frames(SAMPLE, packets_max=300)))
def test_a_mutated_packet_of_a_real_capture_is_what_the_reference_says(
    sample: tuple[int, bytes],
) -> None:
    kernel, plain = both(sample[1], sample[0])

    assert kernel == plain


def test_hostile_packets_are_what_the_reference_says(shared_data: Path) -> None:
    different = []
    for path in sorted((shared_data / "net/hostile").iterdir()):
        for number, (link, frame) in enumerate(
            real_frames(path, packets_max=HOSTILE_PACKETS_MAX) if path.is_file() else []
        ):
            if link >= 0 and (pair := both(frame, link))[0] != pair[1]:
                different.append((path.name, number, *pair))

    assert different == []
