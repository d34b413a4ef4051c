"""Answers of services told from questions, by port and by the bit that says it."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.kernels.decode import DECODED
from tocsin.kernels.services import is_answer


def told(data: bytes, *, src: int, dst: int, fragment: int = 0) -> bool:
    row = np.zeros(1, dtype=DECODED)
    row["src_port"], row["dst_port"], row["captured"] = src, dst, len(data)
    row["is_fragment"] = fragment
    return bool(is_answer(np.frombuffer(data + b"\0", dtype=np.uint8), row[0]))


@pytest.mark.parametrize(
    ("src", "dst", "data", "is_one"),
    [
        (53, 40_000, b"\0\7\x81\x80", True),
        (53, 53, b"\0\7\1\0", False),
        (123, 40_000, b"\xd7\0\3\x2a", True),
        (123, 123, b"\x23", False),
        (161, 80, b"", True),
        (161, 161, b"\x30", False),
        (500, 500, b"i" * 16, True),
        (500, 500, b"i" * 8 + bytes(8), False),
        (4500, 4500, bytes(4) + b"i" * 8 + bytes(8), False),
        (520, 520, b"\2", True),
        (40_000, 53, b"\0\7\x81\x80", False),
        (0, 0, b"", False),
    ],
)
def test_an_answer_is_told_by_port_and_direction_bit(
    src: int, dst: int, data: bytes, *, is_one: bool
) -> None:
    assert told(data, src=src, dst=dst) is is_one


def test_a_fragment_is_told_by_its_ports_alone() -> None:
    assert told(b"\0\0\0\0", src=53, dst=40_000, fragment=1)
