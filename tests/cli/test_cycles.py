from __future__ import annotations

import gc

from tocsin.cli import cycles


def test_garbage_is_looked_for_while_a_command_runs_and_hardly_before() -> None:
    cycles.begin()
    assert gc.isenabled()
    assert gc.get_threshold()[0] == 1_000_000

    cycles.settle()
    assert gc.isenabled()
    assert gc.get_threshold()[0] == 100_000
