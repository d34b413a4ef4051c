"""Domain names: what somebody registered, and whether a person would have made it up."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

_VOWELS = frozenset("aeiouy")
_SECOND_LEVELS = frozenset({"co", "com", "net", "org", "gov", "edu", "ac", "or", "ne", "go", "gob"})
_RUN_MAX, _SHARE_MIN, _LENGTH_MIN, _SWITCHES_MAX = 4, 0.22, 7, 2


@lru_cache(maxsize=8192)
def registered(name: str) -> str:
    """Return the domain below a public suffix, by the shape of its last labels.

    >>> registered("a.b.example.org"), registered("a.example.co.uk")
    ('example.org', 'example.co.uk')
    """
    labels = name.split(".")
    is_double = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVELS  # noqa: PLR2004
    return ".".join(labels[-3:] if is_double else labels[-2:])


@lru_cache(maxsize=8192)
def is_random(label: str) -> bool:
    """Tell whether a label looks generated: unspeakable, or letters and digits in turns.

    >>> is_random("xkqjvzwpt"), is_random("wikipedia"), is_random("a8f3k9d2x1")
    (True, False, True)
    """
    letters = [c for c in label if c.isalpha()]
    if len(label) < _LENGTH_MIN or not letters or "-" in label:
        return False
    run = longest = 0
    for c in label:
        run = run + 1 if c.isalpha() and c not in _VOWELS else 0
        longest = max(longest, run)
    switches = sum(a.isdigit() != b.isdigit() for a, b in pairwise(label))
    vowels = sum(c in _VOWELS for c in letters) / len(letters)
    return longest > _RUN_MAX or vowels < _SHARE_MIN or switches > _SWITCHES_MAX
