"""Literals in one automaton: where a plus is a space, and where it is itself."""

from __future__ import annotations

from tocsin.kernels.literals import compile_literals, marks_in

TEXT = b"/item?id=1+UNION+select+2"


def test_in_a_request_a_plus_counts_as_a_space() -> None:
    found = compile_literals([(b"union select", 1), (b"cd+/tmp", 2)], plus_is_space=True)

    assert marks_in(TEXT, found) == 1
    assert marks_in(b"/shell?cd+/tmp", found) == marks_in(b"/shell?cd /tmp", found) == 2


def test_elsewhere_a_plus_is_itself() -> None:
    assert marks_in(TEXT, compile_literals([(b"union select", 1)])) == 0
