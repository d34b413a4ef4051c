"""Where in a record of a known template a rule's text may stand at all.

Most of such a record is the program's own words, an address, a port; only a user's name is free. So
it is known beforehand which texts may stand in the words, and how far one that holds a part of the
name reaches beyond it: often a byte. What is left to look at is the name, not the record. This
holds where the source is an address: a host's name may be any word.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from tocsin.kernels.line_marks import NOTHING, WHOLE
from tocsin.parse.forms import Part, expand, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


_DIGITS = frozenset("0123456789")
# What stands in a field, and how long it may be; an address ends at its zone, which is the host's.
_CLASSES = {
    "int": (_DIGITS | {"-"}, 19),
    "port": (_DIGITS, 5),
    "host": (_DIGITS | frozenset("abcdef.:"), 45),
}
_USER = "user.name"
# What a program may put around a message of the same template.
_BEFORE, _BEHIND = ("", "error: ", "fatal: "), ("", " [preauth]")


@dataclass(frozen=True, slots=True)
class _Symbol:
    """Characters of which one stands here; behind it so many symbols may be left out."""

    characters: frozenset[str]
    leaves_out: int = 0


def window_of(line: str, texts: Iterable[str]) -> int:
    """Return how many bytes beside the user's name texts may reach in records of a template.

    ``line`` is in the form of `tocsin.parse.forms`, ``texts`` are in lower case. `WHOLE` where
    more than a name is free, or a text may stand in the program's words; `NOTHING` where there is
    no name, and no text can stand anywhere.

    >>> window_of("Invalid user {user.name} from {source.address}", ["/bin/sh", " /tmp/"])
    1
    >>> window_of("Invalid user {user.name} from {source.address}", ["user a"])
    5
    >>> window_of("Connection closed by {source.address}", ["/bin/sh"]) == NOTHING
    True
    """
    wanted = [text.lower() for text in texts]
    forms = [parts for one in expand(line) for parts in _with_and_without(parts_of(one))]
    found = {_window(parts, wanted) for parts in forms}
    return WHOLE if WHOLE in found else max(found)


def _with_and_without(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Yield the parts with each choice of the optional ones."""
    optional = [number for number, part in enumerate(parts) if part.kind == "optional"]
    for left_out in product((False, True), repeat=len(optional)):
        gone = {number for number, is_out in zip(optional, left_out, strict=True) if is_out}
        yield [part for number, part in enumerate(parts) if number not in gone]


def _window(parts: Sequence[Part], texts: Sequence[str]) -> int:
    named = [number for number, part in enumerate(parts) if part.text == _USER]
    free = [part for part in parts if part.kind not in {*_CLASSES, "literal", "optional"}]
    if len(named) > 1 or len(free) != len(named):
        return WHOLE
    place = named[0] if named else len(parts)
    before = [[Part("literal", head), *parts[:place]] for head in _BEFORE]
    behind = [[*parts[place + 1 :], Part("literal", end)] for end in _BEHIND]
    runs = [*before, *behind] if named else [[*a, *b] for a in before for b in behind]
    if any(_may_hold(_symbols(run), texts) for run in runs):
        return WHOLE
    if not named:
        return NOTHING
    turned = [text[::-1] for text in texts]
    reach = [_reach(_symbols(run, is_mirrored=True), turned) for run in before]
    return max(*reach, *(_reach(_symbols(run), texts) for run in behind))


def _symbols(parts: Sequence[Part], *, is_mirrored: bool = False) -> list[_Symbol]:
    found: list[_Symbol] = []
    for part in reversed(parts) if is_mirrored else parts:
        if part.kind in {"literal", "optional"}:
            text = part.text.lower()
            found += [_Symbol(frozenset(c)) for c in (text[::-1] if is_mirrored else text)]
        else:
            characters, most = _CLASSES[part.kind]
            found += [_Symbol(characters, left) for left in range(most - 1, -1, -1)]
    return found


def _may_hold(run: Sequence[_Symbol], texts: Iterable[str]) -> bool:
    """Tell whether one of the texts may stand within a run."""
    possible = frozenset().union(*(symbol.characters for symbol in run))
    anywhere = set(range(len(run)))
    return any(possible.issuperset(text) and _follows(text, run, anywhere) for text in texts)


def _reach(run: Sequence[_Symbol], texts: Iterable[str]) -> int:
    """Return the length of the longest end of a text that a run may begin with.

    The text's other characters are of the name: one of them at least.
    """
    longest = 0
    for text in texts:
        for first in range(1, len(text) - longest):
            if _follows(text[first:], run, {0}):
                longest = len(text) - first
                break
    return longest


def _follows(text: str, run: Sequence[_Symbol], places: set[int]) -> bool:
    """Tell whether a run may hold a text from one of the places on."""
    for character in text:
        reached: set[int] = set()
        for place in places:
            if place < len(run) and character in run[place].characters:
                reached |= {place + 1, place + 1 + run[place].leaves_out}
        if not reached:
            return False
        places = reached
    return True
