"""Sigma correlations: what several events say together, counted per group as they come.

Each correlation keeps one small memory per group (the values of its ``group-by``), in a bounded
table; the group that was silent longest gives way. Time is the source's own: an event that is
stamped before another of its source counts at that one's time.

A lower bound (``gte``, ``gt``) is judged at every event over the span that ends with it. An upper
bound or an exact figure (``lte``, ``lt``, ``eq``, ``neq``) can be judged only when a span is over:
spans then begin with a group's first event, and are judged at the first event of the source that
comes after their end. Ordered rules may not share an event. Source: Sigma correlation rules
specification 2.1.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from math import ceil
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from tocsin.detect.sigma.names import names_for
from tocsin.detect.sigma.seen import Seen, texts_of
from tocsin.detect.sigma.sources import sources_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tocsin.core.predicates import Correlation

GROUPS_MAX, ENTRIES_MAX, MEASURED_MAX = 2048, 65_536, 1000
PARTIES_MAX, VALUE_CHARACTERS_MAX, DEPTH_MAX = 16, 256, 8
_MEASURES = {"value_sum": "sum", "value_avg": "mean", "value_median": "median",
             "value_percentile": "percentile"}  # fmt: skip


@dataclass(slots=True)
class Group:
    """What one group of a correlation has come to; plain values only.

    ``entries`` are [time, place of the rule, value, attacker, victim, user] of what still counts,
    oldest first: of a value or rule that came again only its last. ``records`` counts all events
    since the group was empty; ``chain`` holds per rule of an ordered correlation when the newest
    chain that has reached it began; ``end_ns`` is where a span that waits for its end is over.
    """

    key: list[str]
    entries: list[list[Any]] = field(default_factory=list)
    chain: list[int] = field(default_factory=list)
    end_ns: int = 0
    records: int = 0


class Match(NamedTuple):
    """An event for which rules hold: its time, itself, and who took part."""

    at_ns: int
    event: Mapping[str, Any]
    parties: tuple[str, str, str]


class Raised(NamedTuple):
    """A correlation that holds: for which group, with which figure, since when, and for whom."""

    correlation: Correlation
    group: tuple[tuple[str, str], ...]
    observed: float
    first_ns: int
    records: int
    attackers: tuple[str, ...]
    victims: tuple[str, ...]
    users: tuple[str, ...]


class Correlator:
    """All correlations of one source.

    Memory: per correlation `GROUPS_MAX` groups and `ENTRIES_MAX` entries.
    """

    def __init__(self, correlations: Sequence[Correlation]) -> None:
        self._sizes = {one.id: 0 for one in correlations}
        self._by_rule: dict[str, list[Correlation]] = {}
        for one in correlations:
            for rule in dict.fromkeys(one.rules):
                self._by_rule.setdefault(rule, []).append(one)
        self._waiting = [one for one in correlations if one.sign not in _LOWER]
        self._groups: dict[str, OrderedDict[str, Group]] = {
            one.id: OrderedDict() for one in correlations
        }
        self._now_ns = 0

    def advance(self, at_ns: int) -> Iterator[Raised]:
        """Let the source's time move on; yield what was waiting for the end of its span."""
        self._now_ns = max(self._now_ns, at_ns)
        for one in self._waiting:
            groups = self._groups[one.id]
            while groups:  # oldest span first: spans of one correlation are equally long
                key, group = next(iter(groups.items()))
                if group.end_ns > self._now_ns:
                    break
                del groups[key]
                self._sizes[one.id] -= len(group.entries)
                observed = _observed(one, group.entries)
                if _holds(observed, one):
                    yield _raised(one, group, observed)

    def counts(self, rules: Iterable[str]) -> bool:
        """Tell whether a correlation counts events for which one of ``rules`` holds."""
        return not self._by_rule.keys().isdisjoint(rules)

    def take(self, rules: Iterable[str], match: Match) -> Iterator[Raised]:
        """Count an event for which ``rules`` hold; yield the correlations that it completes.

        What a correlation says counts in turn for those that name it.
        """
        seen = Seen(match.event, names_for(sources_of(match.event)))
        given = [(rule, _values_of(seen)) for rule in rules if rule in self._by_rule]
        for _ in range(DEPTH_MAX):
            after = []
            for rule, value_of in given:
                for one in self._by_rule.get(rule, ()):
                    raised = self._count(one, rule, value_of, match)
                    if raised is not None:
                        yield raised
                        after.append((one.id, _values_of(seen, dict(raised.group))))
            given = after

    def _count(
        self, one: Correlation, rule: str, value_of: _ValueOf, match: Match
    ) -> Raised | None:
        key = [value_of(one.field_of(name, rule), name) for name in one.group_by]
        if any(value is None for value in key):
            return None  # an event without the field is of no group
        texts = [str(value)[:VALUE_CHARACTERS_MAX] for value in key]
        value: Any = None
        if one.fields:
            counted = [value_of(one.field_of(name, rule), name) for name in one.fields]
            if any(part is None for part in counted):
                return None
            value = "|".join(str(part)[:VALUE_CHARACTERS_MAX] for part in counted)
        return self._step(one, self._group(one, texts), rule, value, match)

    def _group(self, one: Correlation, texts: list[str]) -> Group:
        groups, name = self._groups[one.id], "\x1f".join(texts)
        group = groups.get(name)
        if group is None:
            group = groups[name] = Group(texts, chain=[-1] * len(one.rules))
            group.end_ns = self._now_ns + one.timespan_ns
        elif one.sign in _LOWER:
            groups.move_to_end(name)
        return group

    def _step(
        self, one: Correlation, group: Group, rule: str, value: Any, match: Match
    ) -> Raised | None:
        now_ns, entries, before = self._now_ns, group.entries, len(group.entries)
        place = one.rules.index(rule)
        again = _same(one, entries, place, value)
        if again is not None:
            del entries[again]
        entries.append([now_ns, place, value, *match.parties])
        oldest_ns = now_ns - one.timespan_ns if one.sign in _LOWER else -1
        drop, most = 0, _entries_max(one)
        while entries[drop][0] < oldest_ns or len(entries) - drop > most:
            drop += 1
        del entries[:drop]
        group.records = 1 if len(entries) == 1 and again is None else group.records + 1
        self._sizes[one.id] += len(entries) - before
        self._make_room(one)
        if one.sign not in _LOWER:
            return None
        if one.type == "temporal_ordered":
            observed = _ordered(one, group, rule, now_ns)
        else:
            observed = _observed(one, entries)
        return _raised(one, group, observed) if _holds(observed, one) else None

    def _make_room(self, one: Correlation) -> None:
        groups = self._groups[one.id]
        while len(groups) > GROUPS_MAX or (self._sizes[one.id] > ENTRIES_MAX and len(groups) > 1):
            self._sizes[one.id] -= len(groups.popitem(last=False)[1].entries)

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps, as plain values."""
        return {
            "now_ns": self._now_ns,
            "groups": {
                name: [asdict(group) for group in groups.values()]
                for name, groups in self._groups.items()
            },
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint; groups of a correlation that is no more are forgotten."""
        self._now_ns = state["now_ns"]
        for name, groups in state["groups"].items():
            if name in self._groups:
                made = [Group(**group) for group in groups]
                self._groups[name] = OrderedDict(("\x1f".join(one.key), one) for one in made)
                self._sizes[name] = sum(len(one.entries) for one in made)


_LOWER = (">=", ">")


def _entries_max(one: Correlation) -> int:
    """Return how many entries a group needs, so that twice its bound is still seen."""
    if one.type in _MEASURES:
        return MEASURED_MAX
    return 2 * ceil(one.bound) + 16


def _same(one: Correlation, entries: Sequence[Sequence[Any]], place: int, value: Any) -> int | None:
    """Return where an entry stands that says the same as a new one, None when each counts."""
    if one.type == "value_count":
        return next((n for n, entry in enumerate(entries) if entry[2] == value), None)
    if one.type in {"temporal", "temporal_ordered"}:
        return next((n for n, entry in enumerate(entries) if entry[1] == place), None)
    return None


class _ValueOf:
    """Answers for an event's fields, and for the group of a correlation that stands for it."""

    def __init__(self, seen: Seen, group: Mapping[str, str]) -> None:
        self._seen, self._group = seen, group

    def __call__(self, field_name: str, alias: str) -> str | None:
        for name in (alias, field_name):
            if name in self._group:
                return self._group[name]
        texts = texts_of(self._seen.value(field_name))
        return texts[0] if texts else None


def _values_of(seen: Seen, group: Mapping[str, str] | None = None) -> _ValueOf:
    return _ValueOf(seen, group or {})


def _ordered(one: Correlation, group: Group, rule: str, now_ns: int) -> float:
    """Return how many of the rules have been met in their order within the span, at most all."""
    chain, begun = group.chain, -1
    for place in range(len(one.rules) - 1, -1, -1):  # from the end: an event counts only once
        if one.rules[place] != rule:
            continue
        begun = now_ns if place == 0 else chain[place - 1]
        if begun >= max(now_ns - one.timespan_ns, 0):
            chain[place] = max(chain[place], begun)
    reached = [
        place + 1 for place, start in enumerate(chain) if start >= max(now_ns - one.timespan_ns, 0)
    ]
    found = max(reached, default=0)
    if found == len(one.rules) and one.rules[-1] == rule:
        chain[:] = [-1] * len(chain)
        return float(found)
    return float(min(found, len(one.rules) - 1))


def _observed(one: Correlation, entries: Sequence[Sequence[Any]]) -> float:
    if one.type == "event_count":
        return float(len(entries))
    if one.type == "value_count":
        return float(len({entry[2] for entry in entries}))
    if one.type in _MEASURES:
        return _measured(one, [number for e in entries if (number := _number(e[2])) is not None])
    return float(len({entry[1] for entry in entries}))


def _measured(one: Correlation, numbers: list[float]) -> float:
    if not numbers:
        return 0.0
    match one.type:
        case "value_sum":
            return sum(numbers)
        case "value_avg":
            return sum(numbers) / len(numbers)
        case "value_median":
            return float(median(numbers))
        case _:  # nearest rank
            rank = max(1, ceil(one.percentile / 100 * len(numbers)))
            return sorted(numbers)[min(rank, len(numbers)) - 1]


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _holds(observed: float, one: Correlation) -> bool:
    match one.sign:
        case ">=":
            return observed >= one.bound
        case ">":
            return observed > one.bound
        case "<=":
            return observed <= one.bound
        case "<":
            return observed < one.bound
        case "==":
            return observed == one.bound
        case _:
            return observed != one.bound


def _raised(one: Correlation, group: Group, observed: float) -> Raised:
    parties = [
        tuple(dict.fromkeys(entry[column] for entry in group.entries if entry[column]))
        for column in (3, 4, 5)
    ]
    return Raised(
        correlation=one,
        group=tuple(zip(one.group_by, group.key, strict=True)),
        observed=observed,
        first_ns=int(group.entries[0][0]),
        records=group.records,
        attackers=parties[0][:PARTIES_MAX],
        victims=parties[1][:PARTIES_MAX],
        users=parties[2][:PARTIES_MAX],
    )
