"""What a program usually writes in a window, and how strange another window is.

A window is a count per template. Its score is a sum of surprises, each in powers of ten: a
template that was never or seldom there, one that is always there and is missing, a count far
from the template's own usual, a combination of templates that never came, triples in a row that
nobody wrote before, and how much was written in all. Counts are compared after what moved them
all (day and night, load) is taken out: the median of their differences from the usual. Each is
measured against the program's own past alone; what is common in a program that always varies
surprises little (Good-Turing: the chance of an unseen one is the share of those that came once).

Sources: Landauer, Skopik, Wurzenberger, "A critical review of common log data sets used for
evaluation of sequence-based anomaly detection techniques", FSE 2024 (unseen count vectors find
most anomalies); Forrest et al., "A sense of self for Unix processes", IEEE S&P 1996 (stide);
Good, "The population frequencies of species", Biometrika 1953.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

TEMPLATES_MAX, SETS_MAX, DAYS_MAX = 128, 128, 14
CAP = 4.0  # of one surprise
_USUAL, _LEVEL_MIN, _Z_MIN, _SPREAD = 0.95, 8, 2.0, 0.25
_LOG10_E = math.log10(math.e)
_COMMON_MIN = 3  # templates that can tell what moved them all
_DAY_NS = 86_400_000_000_000
SET, TRIPLES, VOLUME = "combination", "triples", "volume"


@dataclass(slots=True)
class Part:
    """One template's past: windows that held it, mean of log2(1 + count), squares around it.

    The squares are those of what is left when the movement of all templates is taken out.
    """

    windows: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def learn(self, level: float, common: float) -> None:
        """Add one window that held the template at a level, all moved by ``common``."""
        self.windows += 1
        before = level - self.mean
        self.mean += before / self.windows
        self.squares += (before - common) * (before - common) * (self.windows > 1)

    def surprise(self, level: float, common: float) -> float:
        """Return the surprise of a level (tail of a normal)."""
        spread = math.sqrt(self.squares / self.windows + _SPREAD * _SPREAD)
        z = abs(level - self.mean - common) / spread
        return 0.5 * z * z * _LOG10_E if z > _Z_MIN else 0.0


@dataclass(slots=True)
class VectorHistory:
    """The windows of one program; see the module for what is kept."""

    windows: int = 0
    triples: int = 0
    unseen: int = 0
    parts: OrderedDict[int, Part] = field(default_factory=OrderedDict)
    sets: OrderedDict[str, int] = field(default_factory=OrderedDict)
    volume: Part = field(default_factory=Part)
    scores: list[tuple[int, float, int]] = field(default_factory=list)  # day, highest, windows

    def surprises(
        self,
        counts: Mapping[int, int],
        *,
        triples: int = 0,
        unseen: int = 0,
        is_whole: bool = True,
    ) -> dict[int | str, float]:
        """Return the surprise of each template, of the combination and of the order.

        Of a window that is not whole nothing is missing, and no count is too small.

        >>> past = VectorHistory()
        >>> for n in range(100):
        ...     past.learn({1: 20 + n % 3, 2: 5})
        >>> {what: round(much, 1) for what, much in past.surprises({1: 20, 7: 1}).items()}
        {7: 2.0, 2: 1.7, 'combination': 2.0}
        """
        found: dict[int | str, float] = {}
        common = self._common(counts)
        for template, count in counts.items():
            part = self.parts.get(template)
            windows = part.windows if part else 0
            much = -math.log10((windows + 1) / (self.windows + 2))
            if part is not None and windows >= _LEVEL_MIN:
                is_judged = is_whole or math.log2(1 + count) > part.mean
                level = part.surprise(math.log2(1 + count), common) if is_judged else 0.0
                much = max(much, level)
            found[template] = min(much, CAP)
        total = math.log2(1 + sum(counts.values()))
        if self.volume.windows >= _LEVEL_MIN and (is_whole or total > self.volume.mean):
            found[VOLUME] = min(self.volume.surprise(total, 0.0), CAP)
        for template, part in self.parts.items():
            if is_whole and template not in counts and part.windows >= _USUAL * self.windows:
                missing = 1 - part.windows / (self.windows + 2)
                found[template] = min(-math.log10(max(missing, 1e-9)), CAP)
        if self.windows and is_whole and _key(counts) not in self.sets:
            once = sum(times == 1 for times in self.sets.values())
            found[SET] = min(-math.log10((once + 1) / (self.windows + 2)), CAP)
        found[TRIPLES] = self._triples_surprise(triples, unseen)
        return {what: much for what, much in found.items() if much >= 0.1}  # noqa: PLR2004

    def _common(self, counts: Mapping[int, int]) -> float:
        """Return how far all templates together are from their usual, in log2."""
        moved = sorted(
            math.log2(1 + count) - part.mean
            for template, count in counts.items()
            if (part := self.parts.get(template)) is not None and part.windows >= _LEVEL_MIN
        )
        return moved[len(moved) // 2] if len(moved) >= _COMMON_MIN else 0.0

    def _triples_surprise(self, triples: int, unseen: int) -> float:
        """Return the surprise of so many unseen triples (Chernoff's bound of a Poisson tail)."""
        usual = triples * (self.unseen + 1) / (self.triples + 2)
        if unseen <= usual:
            return 0.0
        return min(unseen * math.log10(unseen / usual) - (unseen - usual) * _LOG10_E, CAP)

    def learn(self, counts: Mapping[int, int], *, triples: int = 0, unseen: int = 0) -> None:
        """Add a window; templates and combinations beyond the bounds give up the oldest."""
        self.windows += 1
        self.triples, self.unseen = self.triples + triples, self.unseen + unseen
        common = self._common(counts)
        self.volume.learn(math.log2(1 + sum(counts.values())), 0.0)
        for template, count in counts.items():
            self.parts.setdefault(template, Part()).learn(math.log2(1 + count), common)
            self.parts.move_to_end(template)
        while len(self.parts) > TEMPLATES_MAX:
            self.parts.popitem(last=False)
        key = _key(counts)
        self.sets[key] = self.sets.get(key, 0) + 1
        self.sets.move_to_end(key)
        if len(self.sets) > SETS_MAX:
            self.sets.popitem(last=False)

    def join(self, template: int, whole: int) -> None:
        """Let a template be part of another from now on, as if it had always been."""
        part = self.parts.pop(template, None)
        if part is None:
            return
        other = self.parts.setdefault(whole, Part())
        windows = other.windows + part.windows
        between = part.mean - other.mean
        other.squares += part.squares + between**2 * other.windows * part.windows / windows
        other.mean += between * part.windows / windows
        other.windows = min(windows, self.windows)
        sets, self.sets = self.sets, OrderedDict()
        for key, times in sets.items():
            names = {whole if int(name) == template else int(name) for name in key.split(",")}
            joined = _key(dict.fromkeys(names, 1))
            self.sets[joined] = self.sets.get(joined, 0) + times

    def keep_score(self, at_ns: int, score: float) -> None:
        """Remember the highest score of each day, and how many windows it is the highest of."""
        day, score = at_ns // _DAY_NS, round(score, 3)
        if self.scores and self.scores[-1][0] >= day:
            last, highest, windows = self.scores[-1]
            self.scores[-1] = last, max(highest, score), windows + 1
        else:
            self.scores = [*self.scores[-DAYS_MAX + 1 :], (day, score, 1)]

    @property
    def highest(self) -> float:
        """The highest score of the days that are remembered."""
        return max((score for _, score, _ in self.scores), default=0.0)

    @property
    def compared(self) -> int:
        """How many windows `highest` is the highest of."""
        return sum(windows for *_, windows in self.scores)

    def to_plain(self) -> list[Any]:
        """Return all as plain values."""
        parts = [
            [template, part.windows, part.mean, part.squares]
            for template, part in self.parts.items()
        ]
        return [
            self.windows, self.triples, self.unseen, parts, list(self.sets.items()),
            [self.volume.windows, self.volume.mean, self.volume.squares],
            [list(one) for one in self.scores],
        ]  # fmt: skip

    @classmethod
    def from_plain(cls, plain: list[Any]) -> VectorHistory:
        """Return what `to_plain` gave."""
        windows, triples, unseen, parts, sets, volume, scores = plain
        return cls(
            windows, triples, unseen,
            OrderedDict((template, Part(*rest)) for template, *rest in parts),
            OrderedDict((key, times) for key, times in sets), Part(*volume),
            [(day, highest, number) for day, highest, number in scores],
        )  # fmt: skip


def _key(counts: Mapping[int, int]) -> str:
    return ",".join(map(str, sorted(counts)))
