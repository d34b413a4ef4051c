"""How much web clients were given: beyond the table's bound others are still counted once."""

from __future__ import annotations

import numpy as np

from tocsin.core.times import NS_PER_S
from tocsin.features.web_amounts import WebAmountTable
from tocsin.kernels import scanner, web_amounts
from tocsin.testing.scenes import START_NS

MIB = 1 << 20


def lines(clients: list[int], size: int) -> np.ndarray:
    """Return rows of access lines, one second after the other."""
    rows = np.zeros(len(clients), dtype=scanner.LOG_ROW)
    rows["status"], rows["has_source"], rows["bytes"] = 200, 1, size
    rows["src_lo"] = np.array(clients, dtype=np.uint64) + np.uint64(0xFFFF_0A00_0000)
    rows["ts_ns"] = START_NS + np.arange(len(clients))
    return rows


def test_clients_that_gave_way_and_came_again_are_others_once() -> None:
    table = WebAmountTable(key=7)
    others = list(range(2 * web_amounts.CLIENTS_MAX))

    for _ in range(3):
        table.observe(lines(others, MIB))
    table.observe(lines([99_999], 300 * MIB))
    (told,) = table.take_messages()

    assert (told.what, told.bytes) == ("read", 300 * MIB)
    assert abs(told.others - len(others)) < 0.01 * len(others)
    assert told.others_bytes == 3 * len(others) * MIB


def test_what_is_read_over_many_hours_is_not_added_up() -> None:
    table = WebAmountTable(key=7)
    rows = lines([1] * 30, 20 * MIB)
    rows["ts_ns"] = START_NS + np.arange(30) * 1200 * NS_PER_S  # 60 MiB an hour

    table.observe(rows)

    assert table.take_messages() == []


def test_few_clients_are_counted_exactly_and_survive_a_restart() -> None:
    table, later = WebAmountTable(key=7), WebAmountTable(key=7)
    table.observe(lines([1, 2, 3, 4, 3, 2, 1], MIB))

    later.restore(table.state())
    later.observe(lines([4], 256 * MIB))

    assert [(told.others, told.bytes) for told in later.take_messages()] == [(3, 257 * MIB)]
