"""Buffers begin with a page of memory."""

import mmap

import numpy as np
import pytest

from tocsin.collect.reading import Buffers, page_aligned


@pytest.mark.parametrize("size", [0, 1, 4096, 70_001])
def test_a_buffer_has_its_size_and_begins_a_page(size: int) -> None:
    buffer = page_aligned(size)

    assert len(buffer) == size
    assert bytes(buffer) == bytes(size)
    if size:
        assert np.frombuffer(buffer, dtype=np.uint8).ctypes.data % mmap.PAGESIZE == 0


def test_two_buffers_are_filled_in_turn() -> None:
    buffers = Buffers(10)

    assert len(buffers) == 10
