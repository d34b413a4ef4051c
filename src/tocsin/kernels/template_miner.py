"""Template mining in a stream: which lines say the same, whatever they say it about.

A masked line (`tocsin.kernels.template_masks`) is a row of words. Rows of one length stand
together. A new row that a template covers is of that template. Else it is compared with all
rows of its length: those that differ from it in the same places form a group, and when every
one of these places has shown enough different words, they become one template with wildcards
there. How many are enough depends on what stands there: two where a name is expected ("user",
"from") or where numbers hide in all of the words, three for what looks like an identifier, six
for plain words: "started" and "stopped" are two templates, six names are one.

Sources: Drain (He, Zhu, Zheng, Lyu, ICWS 2017: groups by length, then similarity), Brain (Yu et
al., TSC 2023: a place is variable when it shows more words than a bound), LILAC's and
loghub-2.0's remarks on grouping. Unlike Drain no tree follows the first words, and a single
similar row is not enough to merge. Deterministic in the order of lines; no clock, no chance.

Bounds: `TEMPLATES_MAX` rows. At the bound the quarter that was seen longest ago is forgotten:
a line of it is a new template again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.kernels.template_masks import MASK, masked

if TYPE_CHECKING:
    from numpy.typing import NDArray

TEMPLATES_MAX = 4096
NAMES_ENOUGH, IDENTIFIERS_ENOUGH, WORDS_ENOUGH = 2, 3, 6
WILD, WILDCARD = 0, "<*>"
_FIRST_ROWS = 8
_PUNCTUATION = "([{,'\":;.!)]}"
_IDENTIFIER = re.compile(r"[*._/\\@$:#]|[a-z][A-Z]|^[A-Z]{2,}$")
_NAMES_A_VALUE = re.compile(r"=\*\W*$")  # "uid=*": the word itself says what the value is
# fmt: off
_BEFORE_NAMES = frozenset((
    "user", "users", "for", "from", "host", "hosts", "node", "nodes", "name", "named",
    "username",
))
# fmt: on


@dataclass(slots=True)
class _Rows:
    """All rows of one length: words as numbers, and the template of each."""

    words: NDArray[np.int32]
    templates: list[int] = field(default_factory=list)

    def live(self) -> NDArray[np.int32]:
        """Return the rows that are in use."""
        return self.words[: len(self.templates)]

    def append(self, row: NDArray[np.int32], template: int) -> None:
        """Add a row at the end."""
        used = len(self.templates)
        if used == len(self.words):
            more = np.zeros((max(2 * used, _FIRST_ROWS), self.words.shape[1]), dtype=np.int32)
            more[:used] = self.words
            self.words = more
        self.words[used] = row
        self.templates.append(template)

    def keep(self, chosen: NDArray[np.bool_]) -> None:
        """Drop the rows that are not chosen."""
        self.words = self.live()[chosen]
        self.templates = [
            t for t, kept in zip(self.templates, chosen.tolist(), strict=True) if kept
        ]


class TemplateMiner:
    """Sort lines into templates as they come.

    >>> miner = TemplateMiner()
    >>> ids = [miner.add(f"session of {name} closed after {n} s") for n, name in enumerate("abcdef")]
    >>> miner.text(ids[0])
    'session of <*> closed after <*>'
    >>> {miner.root(one) for one in ids}
    {0}
    """

    def __init__(self, *, templates_max: int = TEMPLATES_MAX) -> None:
        self._max = templates_max
        self._numbers: dict[str, int] = {WILDCARD: WILD}
        self._words: list[str] = [WILDCARD]
        self._lengths: dict[int, _Rows] = {}
        self._parents: dict[int, int] = {}  # of templates that became part of another
        self._seen: dict[int, int] = {}  # of each template: when last, by `clock`
        self._next = 0
        self._clock = 0
        self.forgotten = 0

    def __len__(self) -> int:
        """Return how many templates are known."""
        return len(self._seen)

    def root(self, template: int) -> int:
        """Return the template that a template has become part of, itself when of none."""
        while template in self._parents:
            template = self._parents[template]
        return template

    def add(self, text: str, *, clock: int = -1) -> int:
        """Return the template of a line, a new one when it is like no other.

        ``clock`` orders lines for `TEMPLATES_MAX` (default: one more than before).
        """
        return self.add_words(masked(text), clock=clock)

    def add_words(self, words: tuple[str, ...], *, clock: int = -1) -> int:
        """Do the same for a line that is masked."""
        self._clock = clock if clock >= 0 else self._clock + 1
        row = np.array([self._number(word) for word in words], dtype=np.int32)
        rows = self._lengths.get(len(words))
        if rows is None:
            rows = self._lengths[len(words)] = _Rows(np.zeros((0, len(words)), dtype=np.int32))
        template = self._place(words, row, rows)
        self._seen[template] = self._clock
        if len(self._seen) > self._max:
            self._forget()
        return template

    def touch(self, template: int, clock: int) -> None:
        """Say that a template was seen, where it was known without `add`."""
        if template in self._seen:
            self._seen[template] = max(self._seen[template], clock)

    def text(self, template: int) -> str:
        """Return a template as text, ``<*>`` where it varies; empty when it was forgotten."""
        template = self.root(template)
        for rows in self._lengths.values():
            if template in rows.templates:
                row = rows.words[rows.templates.index(template)].tolist()
                text = " ".join(self._words[number] for number in row)
                return text.replace(WILDCARD, MASK).replace(MASK, WILDCARD)
        return ""

    def _number(self, word: str) -> int:
        number = self._numbers.get(word)
        if number is None:
            number = self._numbers[word] = len(self._words)
            self._words.append(word)
        return number

    def _place(self, words: tuple[str, ...], row: NDArray[np.int32], rows: _Rows) -> int:
        known = rows.live()
        differs = (known != row) & (known != WILD)
        counts = differs.sum(axis=1)
        covering = np.flatnonzero(counts == 0)
        if len(covering):
            wild = (known[covering] == WILD).sum(axis=1)
            return rows.templates[int(covering[int(np.argmin(wild))])]
        near = np.flatnonzero(counts * 2 <= len(words))
        groups: dict[bytes, list[int]] = {}
        for index, places in zip(near.tolist(), np.packbits(differs[near], axis=1), strict=True):
            groups.setdefault(places.tobytes(), []).append(index)
        for group in sorted(groups.values(), key=lambda some: (int(counts[some[0]]), some[0])):
            places = np.flatnonzero(differs[group[0]])
            if self._is_one(words, known[group], places):
                return self._merge(row, rows, group, places)
        self._next += 1
        rows.append(row, self._next - 1)
        return self._next - 1

    def _is_one(
        self, words: tuple[str, ...], group: NDArray[np.int32], places: NDArray[np.int64]
    ) -> bool:
        """Tell whether rows that differ from a line in some places say the same as it."""
        chosen = set(places.tolist())
        if not any(_says_something(word) for i, word in enumerate(words) if i not in chosen):
            return False
        for place in chosen:
            shown = {self._words[number] for number in group[:, place].tolist()} | {words[place]}
            if len(shown) < _enough(words[place - 1] if place else "", shown):
                return False
        return True

    def _merge(
        self, row: NDArray[np.int32], rows: _Rows, group: list[int], places: NDArray[np.int64]
    ) -> int:
        """Make one template of a line and the rows of a group."""
        known = rows.live()
        whole = row.copy()
        whole[(known[group] == WILD).any(axis=0)] = WILD
        whole[places] = WILD
        covered = ((known == whole) | (whole == WILD)).all(axis=1)
        parts = sorted({rows.templates[i] for i in np.flatnonzero(covered).tolist()})
        first = parts[0]
        for part in parts[1:]:
            self._parents[part] = first
            self._seen.pop(part, None)
        rows.keep(~covered)
        rows.append(whole, first)
        return first

    def _forget(self) -> None:
        """Drop the quarter of the templates that was seen longest ago, and unused words."""
        order = sorted(self._seen, key=lambda one: (self._seen[one], one))
        dropped = set(order[: max(len(order) // 4, 1)])
        self.forgotten += len(dropped)
        for template in dropped:
            del self._seen[template]
        self._parents = {
            part: self.root(part) for part in self._parents if self.root(part) not in dropped
        }
        words, self._words, self._numbers = self._words, [WILDCARD], {WILDCARD: WILD}
        for length, rows in list(self._lengths.items()):
            rows.keep(np.array([t not in dropped for t in rows.templates], dtype=np.bool_))
            if not rows.templates:
                del self._lengths[length]
                continue
            for i, row in enumerate(rows.words.tolist()):
                rows.words[i] = [self._number(words[number]) for number in row]

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps, as plain values."""
        return {
            "words": list(self._words),
            "rows": [
                [length, rows.live().tolist(), list(rows.templates)]
                for length, rows in self._lengths.items()
            ],
            "parents": list(self._parents.items()),
            "seen": list(self._seen.items()),
            "next": self._next,
            "clock": self._clock,
            "forgotten": self.forgotten,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        self._words = list(state["words"])
        self._numbers = {word: number for number, word in enumerate(self._words)}
        self._lengths = {
            length: _Rows(
                np.array(rows, dtype=np.int32).reshape(len(templates), length), list(templates)
            )
            for length, rows, templates in state["rows"]
        }
        self._parents = {part: whole for part, whole in state["parents"]}
        self._seen = {template: at for template, at in state["seen"]}
        self._next, self._clock = state["next"], state["clock"]
        self.forgotten = state["forgotten"]


def _says_something(word: str) -> bool:
    return any(letter.isalpha() for letter in word)


def _enough(before: str, shown: set[str]) -> int:
    """Return how many different words show that a place varies; ``before`` stands before it."""
    if all(MASK in word and not _NAMES_A_VALUE.search(word) for word in shown):
        return NAMES_ENOUGH
    is_identifier = all(
        _IDENTIFIER.search(word.rstrip(_PUNCTUATION)) and not _NAMES_A_VALUE.search(word)
        for word in shown
    )
    if before.endswith(("=", ":")):
        return NAMES_ENOUGH if is_identifier else IDENTIFIERS_ENOUGH
    if before.lower().strip(_PUNCTUATION) in _BEFORE_NAMES:
        return NAMES_ENOUGH
    return IDENTIFIERS_ENOUGH if is_identifier else WORDS_ENOUGH
