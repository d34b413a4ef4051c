"""A budget of alarms: held on calm days, spent on what is strangest."""

from __future__ import annotations

import random

from tocsin.core.times import DAY_NS, HOUR_NS
from tocsin.detect.alarm_budget import SCORES_MAX, AlarmBudget


def test_the_budget_holds_whatever_the_scores_mean() -> None:
    some, budget = random.Random(3), AlarmBudget(3.0)
    raised = [budget.allows(hour * HOUR_NS, some.gauss(9, 3)) for hour in range(24 * 28)]

    assert all(sum(raised[24 * day : 24 * day + 24]) <= 4 for day in range(28))
    assert sum(raised) <= 3 * 28


def test_what_comes_every_day_is_not_raised_after_a_while() -> None:
    budget = AlarmBudget(3.0)
    raised = [budget.allows(n * DAY_NS // 24, 5.0) for n in range(24 * 14)]

    assert sum(raised[-24 * 7 :]) == 0
    assert budget.allows(14 * DAY_NS, 6.0)


def test_a_restart_changes_nothing() -> None:
    one, other = AlarmBudget(1.0), AlarmBudget(1.0)
    one.allows(HOUR_NS, 5.0)
    other.restore(one.state())

    assert one.allows(2 * HOUR_NS, 9.0) == other.allows(2 * HOUR_NS, 9.0)
    assert one.state() == other.state()


def test_scores_are_bounded() -> None:
    budget = AlarmBudget(1.0)
    for n in range(2000):
        budget.allows(n, float(n))

    assert len(budget.state()["scores"]) == SCORES_MAX
