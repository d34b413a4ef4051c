"""Many literals at once: which of them stand in a text, one step a byte.

The automaton of Aho and Corasick ("Efficient string matching: an aid to bibliographic search",
CACM 18(6), 1975), with its transitions written out; letters count in either case, and bytes
that no literal holds share a column, so that the table stays small.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

STATES_MAX = 1 << 20


class Literals(NamedTuple):
    """The automaton: rows of ``stride`` int32 in ``step``, the first one where a text begins.

    A row holds for each column where the next row begins, and last the marks of what has been
    read when it is reached; ``column`` int64 (256) is a byte's column.
    """

    step: NDArray[np.int32]
    column: NDArray[np.int64]
    stride: int


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
    tree: list[dict[int, int]] = [{}]
    marks = [0]
    for literal, mark in pairs:
        if not literal:
            raise ValueError("an empty literal stands in every text")
        state = 0
        for byte in literal:
            after = tree[state].get(column[byte])
            if after is None:
                after = tree[state][int(column[byte])] = len(tree)
                tree.append({})
                marks.append(0)
            state = after
        marks[state] |= mark
    if len(tree) > STATES_MAX:
        raise ValueError(f"too many literals: {len(tree):,} states")
    step = np.zeros((len(tree), width + 1), dtype=np.int32)
    suffix = [0] * len(tree)
    queue: deque[int] = deque()
    for where, after in tree[0].items():
        step[0, where] = after
        queue.append(after)
    while queue:
        state = queue.popleft()
        marks[state] |= marks[suffix[state]]
        step[state] = step[suffix[state]]
        for where, after in tree[state].items():
            suffix[after] = int(step[suffix[state], where])
            step[state, where] = after
            queue.append(after)
    step *= width + 1
    step[:, width] = marks
    return Literals(step.ravel(), column, width + 1)


def _columns(pairs: Iterable[tuple[bytes, int]]) -> NDArray[np.int64]:
    """Return the column of each byte; what no literal holds is in column 0."""
    used = sorted({byte for literal, _ in pairs for byte in literal})
    column = np.zeros(256, dtype=np.int64)
    for number, byte in enumerate(used, start=1):
        column[byte] = number
    for byte in range(ord("A"), ord("Z") + 1):
        column[byte] = column[byte | 0x20]
    return column


def marks_in(text: bytes, literals: Literals) -> int:
    """Return the marks of all literals that stand in a text: the plain form of the kernels."""
    row = marks = 0
    for byte in text:
        row = int(literals.step[row + literals.column[byte]])
        marks |= int(literals.step[row + literals.stride - 1])
    return marks
