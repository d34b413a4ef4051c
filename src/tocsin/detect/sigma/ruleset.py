"""All event rules together: which of them hold for an event.

Rules are kept by the log source that they ask for. Of those that an event's source admits, an
exact look-up per field and one pass of an automaton (Aho and Corasick, CACM 18(6), 1975) over its
texts say which need a look; only these are evaluated. Cost grows with matches, not with rules.
"""

from __future__ import annotations

from collections import defaultdict
from math import isfinite
from typing import TYPE_CHECKING, Any

import ahocorasick

from tocsin.core.predicates import RuleHit
from tocsin.detect.sigma.atoms import atoms_of, number_text
from tocsin.detect.sigma.matchers import matcher, number_of
from tocsin.detect.sigma.names import names_for
from tocsin.detect.sigma.seen import Seen
from tocsin.detect.sigma.sources import Sources, sources_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tocsin.core.predicates import Correlation, EventRule

INDEXES_MAX = 256


class RuleSet:
    """Event rules, ready to be asked; indexes are made for each log source when it is first met."""

    def __init__(
        self, rules: Iterable[EventRule], correlations: Iterable[Correlation] = ()
    ) -> None:
        self.rules = tuple(rules)
        self.correlations = tuple(correlations)
        self._indexes: dict[Sources, _Index] = {}

    def match(self, event: Mapping[str, Any]) -> tuple[RuleHit, ...]:
        """Return what holds for an event, in the order of the rules."""
        sources = sources_of(event)
        index = self._indexes.get(sources)
        if index is None:
            if len(self._indexes) >= INDEXES_MAX:
                self._indexes.clear()
            admitted = [rule for rule in self.rules if sources.admit(rule.logsource)]
            index = self._indexes[sources] = _Index(admitted, names_for(sources))
        return index.match(event)


class _Index:
    """The rules of one log source, by what must be there for them to hold."""

    def __init__(self, rules: list[EventRule], names: Mapping[str, tuple[str, ...]]) -> None:
        self._rules = rules
        self._names = names
        self._tests: dict[int, Callable[[Seen], bool]] = {}
        self._always: list[int] = []
        self._equal: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        held: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for number, rule in enumerate(rules):
            atoms = atoms_of(rule.condition)
            if atoms is None:
                self._always.append(number)
                continue
            for field, text, is_whole in atoms:
                (self._equal if is_whole else held)[field][text].append(number)
        self._held = {field: _automaton(texts) for field, texts in held.items()}

    def match(self, event: Mapping[str, Any]) -> tuple[RuleHit, ...]:
        """Return the hits among these rules."""
        if not self._rules:
            return ()
        seen = Seen(event, self._names)
        numbers = set(self._always)
        for field, texts in self._equal.items():
            for text in seen.lower(field):
                numbers.update(texts.get(text, ()))
                if text[:1].isdigit() and (plain := _plain(text)) != text:
                    numbers.update(texts.get(plain, ()))
        for field, automaton in self._held.items():
            for text in seen.lower(field) if field else seen.everything():
                for _, some in automaton.iter(text):
                    numbers.update(some)
        return tuple(
            RuleHit(self._rules[number]) for number in sorted(numbers) if self._test(number)(seen)
        )

    def _test(self, number: int) -> Callable[[Seen], bool]:
        test = self._tests.get(number)
        if test is None:
            test = self._tests[number] = matcher(self._rules[number].condition)
        return test


def _plain(text: str) -> str:
    """Return a number as rules write it (``0x1F``, ``31.0``: ``31``), any other text as it is."""
    number = number_of(text)
    return text if number is None or not isfinite(number) else number_text(number)


def _automaton(texts: Mapping[str, list[int]]) -> Any:
    automaton = ahocorasick.Automaton()
    for text, numbers in texts.items():
        automaton.add_word(text, tuple(numbers))
    automaton.make_automaton()
    return automaton
