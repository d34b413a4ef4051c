"""What to look for in access lines, for detectors and for event rules.

Of a rule it is known which texts must be there for it to hold, and for which answers and methods
it may hold at all: "not found" is no news to a rule about what was handed out. Rules that may hold
for the same of them share a mark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.detect.sigma.atoms import atoms_of
from tocsin.detect.sigma.names import ALIASES, names_for
from tocsin.detect.sigma.possible import may_hold
from tocsin.detect.sigma.sources import sources_of
from tocsin.detect.web.access_literals import ACCESS_EVENT, REQUEST_TEXTS, access_literals
from tocsin.kernels.access_scan import AccessTexts
from tocsin.kernels.literals import compile_literals
from tocsin.kernels.web_table import METHODS, RULE, RULE_MARKS, STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tocsin.core.predicates import Condition, EventRule
    from tocsin.detect.sigma.ruleset import RuleSet

_STATUS, _METHOD = "http.response.status_code", "http.request.method"
_KNOWN_METHODS = ("POST", "PUT", None)  # of any other nothing is known; in the kernels' order


def access_texts(rules: RuleSet) -> AccessTexts:
    """Return what to look for, and with which answers rules may hold."""
    sources = sources_of(ACCESS_EVENT)
    names = names_for(sources)
    answers = _Answers()
    for rule in rules.rules:
        if sources.admit(rule.logsource):
            answers.add(rule, names)
    literals = compile_literals([*access_literals(), *answers.pairs()], plus_is_space=True)
    return AccessTexts(literals, rules=answers.rules, always=answers.always)


class _Answers:
    """Rules by the answers that they may be about; beyond `RULE_MARKS` kinds the last is shared."""

    def __init__(self) -> None:
        self.rules = np.zeros((METHODS, STATUSES), dtype=np.uint16)
        self.always = np.zeros((METHODS, STATUSES), dtype=np.uint8)
        self._texts: dict[str, int] = {}
        self._marks: dict[bytes, int] = {}

    def add(self, rule: EventRule, names: Mapping[str, tuple[str, ...]]) -> None:
        may = _answers_of(rule.condition)
        atoms = atoms_of(rule.condition, lambda name, _: not name or _is_text(name, names))
        if atoms is None:
            self.always |= may.astype(np.uint8)
            return
        place = min(self._marks.setdefault(may.tobytes(), len(self._marks)), RULE_MARKS - 1)
        self.rules |= np.where(may, np.uint16(1 << place), np.uint16(0))
        for _, text, _ in atoms:
            self._texts[text] = self._texts.get(text, 0) | (RULE << place)

    def pairs(self) -> list[tuple[bytes, int]]:
        """Return the texts with their marks."""
        return [(text.encode(), marks) for text, marks in sorted(self._texts.items())]


def _is_text(name: str, names: Mapping[str, tuple[str, ...]]) -> bool:
    """Tell whether a rule's field is one whose text stands in the line."""
    meant = names.get(name) or ALIASES.get(name, (name,))
    return all(one in REQUEST_TEXTS for one in meant)


def _answers_of(condition: Condition) -> NDArray[np.bool_]:
    """Return for which methods and statuses a condition may hold, bool (METHODS, STATUSES)."""
    asked = set(_fields_of(condition))
    names = {name: {name, *(a for a, meant in ALIASES.items() if meant == (name,))}
             for name in (_STATUS, _METHOD)}  # fmt: skip
    may = np.ones((METHODS, STATUSES), dtype=np.bool_)
    has_status, has_method = (bool(asked & names[name]) for name in (_STATUS, _METHOD))
    for number, method in enumerate(_KNOWN_METHODS):
        known = names[_METHOD] if has_method and method else set()
        event: dict[str, object] = {_METHOD: method} if known else {}
        if not has_status:
            may[number] = may_hold(condition, event, known)
            continue
        for status in range(STATUSES):
            told = {**event, _STATUS: status}
            may[number, status] = may_hold(condition, told, known | names[_STATUS])
    return may


def _fields_of(condition: Condition) -> list[str]:
    if condition[0] in {"and", "or"}:
        return [name for part in condition[1] for name in _fields_of(part)]
    if condition[0] == "not":
        return _fields_of(condition[1])
    return [] if condition[0] == "any" else [condition[1]]
