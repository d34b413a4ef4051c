"""A budget of alarms a day, kept by comparing scores with those of the days before.

What is scored is remembered, raised or not. A score may be raised when, over the last
`DAYS`, scores as high came at most as often as the budget allows: an empirical p-value of the
score as a rate, so that the number of alarms holds whatever the scores mean; and never more
than the budget within 24 hours, so that it holds while there is no past. So that nobody hides
behind noise of his own, detectors let what goes on in an episode that was raised go on, and
tell of `CROWD_MIN` that were held back as of one.

Sources: Bates et al., "Testing for outliers with conformal p-values", Annals of Statistics 2023;
Axelsson, "The base-rate fallacy", TISSEC 2000 (what people can look at is alarms a day).
"""

from __future__ import annotations

from typing import Any

from tocsin.core.times import DAY_NS

DAYS, SCORES_MAX = 7, 512
CROWD, CROWD_MIN = "*", 16  # the episode of what was held back, and how many make one


class AlarmBudget:
    """Decide which scores of a source may be raised; keeps `SCORES_MAX` of them.

    >>> budget = AlarmBudget(1.0)
    >>> [budget.allows(n * 10**12, score) for n, score in enumerate([5.0, 4.0, 9.0])]
    [True, False, False]
    >>> budget.allows(2 * DAY_NS, 9.0), budget.allows(4 * DAY_NS, 3.0)
    (True, False)
    """

    def __init__(self, alarms_per_day: float) -> None:
        self._per_day = alarms_per_day
        self._first_ns = -1
        self._scores: list[tuple[int, float, bool]] = []

    def allows(self, at_ns: int, score: float) -> bool:
        """Remember a score; tell whether it may be raised."""
        if self._first_ns < 0:
            self._first_ns = at_ns
        oldest_ns = at_ns - DAYS * DAY_NS
        self._scores = [one for one in self._scores if one[0] >= oldest_ns][-SCORES_MAX + 1 :]
        days = min(max((at_ns - self._first_ns) / DAY_NS, 1.0), float(DAYS))
        as_high = sum(one[1] >= score for one in self._scores)
        today = sum(one[2] for one in self._scores if one[0] > at_ns - DAY_NS)
        is_raised = today < self._per_day and as_high < self._per_day * days
        self._scores.append((at_ns, score, is_raised))
        return is_raised

    def state(self) -> dict[str, Any]:
        """Return what must survive a restart."""
        return {"first_ns": self._first_ns, "scores": [list(one) for one in self._scores]}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        self._first_ns = state["first_ns"]
        self._scores = [(at, score, raised) for at, score, raised in state["scores"]]
