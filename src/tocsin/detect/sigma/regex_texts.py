"""Texts of which one at least stands wherever a regular expression matches.

Read from the expression's parse tree: what stands side by side is joined, branches are taken one
by one, what may be absent ends a text. Expressions in a form that Python does not know say nothing.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from itertools import product
from typing import Any

TEXTS_MAX, CHARACTERS_MAX = 64, 64
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})


@lru_cache(maxsize=1024)
def texts_in(pattern: str) -> frozenset[str] | None:
    r"""Return the texts in lower case; None when nothing must be there.

    >>> sorted(texts_in(r"(curl|wget)\s+-o \S+"))
    ['curl', 'wget']
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree: Any = re._parser.parse(pattern)  # type: ignore[attr-defined]  # noqa: SLF001
    except (re.error, OverflowError, RecursionError):
        return None
    best = _best(_runs(tree))
    if best is None or not all(best):
        return None
    return frozenset(text.lower() for text in best)


def _runs(tree: Any) -> list[frozenset[str]]:
    """Return for each unbroken stretch of an expression the texts that it may be."""
    found: list[frozenset[str]] = []
    open_ = frozenset({""})
    for operation, value in tree:
        name = str(operation)
        if name == "AT":
            continue
        texts = _texts(name, value)
        if texts is not None and len(open_) * len(texts) <= TEXTS_MAX:
            open_ = frozenset(a + b for a, b in product(open_, texts))
            if max(map(len, open_)) <= CHARACTERS_MAX:
                continue
        found += [open_] if open_ != {""} else []
        open_ = frozenset({""})
        if texts is None:
            found += _inside(name, value)
    return [*found, open_] if open_ != {""} else found


def _inside(name: str, value: Any) -> list[frozenset[str]]:
    """Return the stretches inside a part that may be too many texts to write out."""
    if name == "SUBPATTERN":
        return _runs(value[-1])
    if name in _REPEATS and value[0] >= 1:
        return _runs(value[2])
    if name == "BRANCH":
        bests = [_best(_runs(one)) for one in value[1]]
        if all(one is not None for one in bests):
            return [frozenset().union(*(one for one in bests if one))]
    return []


def _texts(name: str, value: Any) -> frozenset[str] | None:
    """Return all texts that a part may be, None when they are many or without end."""
    if name == "LITERAL":
        return frozenset({chr(value)})
    if name == "IN":
        return _members(value)
    if name == "SUBPATTERN":
        return _whole(value[-1])
    if name == "BRANCH":
        parts = [_whole(one) for one in value[1]]
        return None if None in parts else frozenset().union(*(p for p in parts if p))
    return None


def _whole(tree: Any) -> frozenset[str] | None:
    texts = frozenset({""})
    for operation, value in tree:
        part = _texts(str(operation), value)
        if part is None or len(texts) * len(part) > TEXTS_MAX:
            return None
        texts = frozenset(a + b for a, b in product(texts, part))
    return texts


def _members(value: Any) -> frozenset[str] | None:
    """Return the characters of a small class, None for a large or negated one."""
    if any(str(kind) != "LITERAL" for kind, _ in value) or len(value) > 8:  # noqa: PLR2004
        return None
    return frozenset(chr(code) for _, code in value)


def _best(runs: list[frozenset[str]]) -> frozenset[str] | None:
    return max(runs, key=lambda texts: (min(map(len, texts)), -len(texts)), default=None)
