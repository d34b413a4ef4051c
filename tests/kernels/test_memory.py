"""Tables begin with a page and are zero."""

import numpy as np
import pytest

from tocsin.kernels.memory import HUGE_BYTES, zeroed_rows


@pytest.mark.parametrize("rows", [1, 1000, 1 << 17])
def test_rows_are_zero_and_begin_a_huge_page(rows: int) -> None:
    dtype = np.dtype([("key", np.uint64), ("rest", np.uint8, 28)])

    table = zeroed_rows(rows, dtype=dtype)

    assert (table.shape, table.dtype) == ((rows,), dtype)
    assert table.ctypes.data % HUGE_BYTES == 0
    assert not table.view(np.uint8).any()


def test_rows_can_be_written() -> None:
    table = zeroed_rows(8, dtype=np.int64)

    table[7] = 9

    assert table.tolist() == [0, 0, 0, 0, 0, 0, 0, 9]
