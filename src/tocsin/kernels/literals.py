"""Many literals at once: which of them stand in a text, one step a byte.

The automaton of Aho and Corasick ("Efficient string matching: an aid to bibliographic search",
CACM 18(6), 1975), with its transitions written out; letters count in either case, and bytes
that no literal holds share a column, so that the table stays small.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tocsin.kernels.lean import inlined

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

STATES_MAX = 1 << 20


class Literals(NamedTuple):
    """The automaton: rows of ``stride`` int32 in ``step``, the first one where a text begins.

    A row holds for each column where the next row begins, and last the marks of what has been
    read when it is reached; those with marks are the rows from ``marked`` on. ``column`` uint64
    (256) is a byte's column. Numbers that a kernel adds up to an index have no sign: so they
    cannot mean a place from the end, and need no look whether they do.
    """

    step: NDArray[np.int32]
    column: NDArray[np.uint64]
    stride: np.uint64
    marked: np.uint64


def compile_literals(
    literals: Iterable[tuple[bytes, int]], *, plus_is_space: bool = False
) -> Literals:
    """Return the automaton of (literal, mark) pairs; marks of one place are joined by ``or``.

    With ``plus_is_space`` the two count as one, as in the query of a request. Raises `ValueError` for an empty literal or more than `STATES_MAX` states.

    >>> found = compile_literals([(b"/.env", 1), (b".git", 2)])
    >>> marks_in(b"GET /.ENV and /.git/config", found)
    3
    """
    pairs = [(literal.lower(), mark) for literal, mark in literals]
    if plus_is_space:
        pairs = [(literal.replace(b"+", b" "), mark) for literal, mark in pairs]
    column = _columns(pairs)
    if plus_is_space:
        column[ord("+")] = column[ord(" ")]
    width = int(column.max()) + 1
    tree, marks = _tree(pairs, column)
    if len(tree) > STATES_MAX:
        raise ValueError(f"too many literals: {len(tree):,} states")
    step, nearest = _followed(tree, marks, width)
    # Rows that texts come by often lie side by side: near the beginning, and without marks.
    order = sorted(nearest, key=lambda state: marks[state] != 0)
    place = np.empty(len(tree), dtype=np.int32)
    place[order] = np.arange(len(tree), dtype=np.int32)
    rows = np.empty((len(tree), width + 1), dtype=np.int32)
    rows[:, :width] = place[step[order]] * np.int32(width + 1)
    rows[:, width] = [marks[state] for state in order]
    stride = np.uint64(width + 1)
    return Literals(rows.ravel(), column, stride, np.uint64(marks.count(0)) * stride)


def _tree(
    pairs: Iterable[tuple[bytes, int]], column: NDArray[np.uint64]
) -> tuple[list[dict[int, int]], list[int]]:
    """Return the states that follow each state by column, and the marks of each by itself."""
    tree: list[dict[int, int]] = [{}]
    marks = [0]
    for literal, mark in pairs:
        if not literal:
            raise ValueError("an empty literal stands in every text")
        state = 0
        for byte in literal:
            where = int(column[byte])
            after = tree[state].get(where)
            if after is None:
                after = tree[state][where] = len(tree)
                tree.append({})
                marks.append(0)
            state = after
        marks[state] |= mark
    return tree, marks


def _followed(
    tree: list[dict[int, int]], marks: list[int], width: int
) -> tuple[NDArray[np.int32], list[int]]:
    """Return every state's next states by column, and the states, nearest the beginning first.

    To the ``marks`` of each state are added those of its suffixes.
    """
    step = np.zeros((len(tree), width), dtype=np.int32)
    suffix, nearest = [0] * len(tree), [0]
    for where, after in tree[0].items():
        step[0, where] = after
    queue = deque(tree[0].values())
    while queue:
        state = queue.popleft()
        nearest.append(state)
        marks[state] |= marks[suffix[state]]
        step[state] = step[suffix[state]]
        for where, after in tree[state].items():
            suffix[after] = int(step[suffix[state], where])
            step[state, where] = after
            queue.append(after)
    return step, nearest


def _columns(pairs: Iterable[tuple[bytes, int]]) -> NDArray[np.uint64]:
    """Return the column of each byte; what no literal holds is in column 0."""
    used = sorted({byte for literal, _ in pairs for byte in literal})
    column = np.zeros(256, dtype=np.uint64)
    for number, byte in enumerate(used, start=1):
        column[byte] = number
    for byte in range(ord("A"), ord("Z") + 1):
        column[byte] = column[byte | 0x20]
    return column


@inlined
def marks_at(row, literals):  # type: ignore[no-untyped-def]
    """Return the marks of what has been read when a row (uint64) is reached."""
    step, _, stride, marked = literals
    return np.int64(step[row + stride - np.uint64(1)]) if row >= marked else np.int64(0)


@inlined
def next_row(row, byte, literals):  # type: ignore[no-untyped-def]
    """Return the row (uint64) that a byte leads to."""
    step, column, _, _ = literals
    return np.uint64(step[row + column[byte]])


def marks_in(text: bytes, literals: Literals) -> int:
    """Return the marks of all literals that stand in a text: the plain form of the kernels."""
    row, marks = np.uint64(0), 0
    for byte in text:
        row = next_row(row, byte, literals)
        marks |= int(marks_at(row, literals))
    return marks
