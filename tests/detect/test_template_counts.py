"""Windows that are unlike a program's past."""

from __future__ import annotations

import math
import random

from tests.detect.messages import attacked, judged
from tocsin.core.log_messages import TemplateWindow
from tocsin.core.times import DAY_NS, NS_PER_S
from tocsin.detect.template_counts import TemplateCounts
from tocsin.testing.scenes import START_NS
from tocsin.testing.template_messages import window

STEP_NS = 600 * NS_PER_S


def usual(windows: int = 200) -> list[TemplateWindow]:
    return [window(START_NS + n * STEP_NS, {1: 50 + n % 5, 2: 7}) for n in range(windows)]


def strange(n: int) -> TemplateWindow:
    return window(START_NS + n * STEP_NS, {1: 50, 9: 300})


def test_a_burst_of_something_new_is_told_with_its_numbers() -> None:
    (found,) = judged(TemplateCounts, [*usual(), strange(200)])

    assert (found.kind, found.victims, found.service) == ("log_anomaly", ("web01",), "shopd")
    assert found.p_value == 1 / 171
    assert found.reason == (
        "shopd on web01: 350 lines in 10 min unlike any of 200 windows before; 350 lines in all, "
        "usually 59 (10^-4.0); 300 lines 'did thing 9 <*>' (template 9), before never (10^-2.3); "
        "these 2 templates never came together (10^-2.3) (score 10.6, the highest before 0.0, 6.0 "
        "is the bound, p = 0.0058)"
    )


def test_before_it_has_a_past_nothing_is_raised() -> None:
    assert judged(TemplateCounts, [*usual(90), strange(90)]) == []


def test_what_lasts_becomes_the_usual_and_that_is_said() -> None:
    rows = [*usual(), *(strange(200 + n) for n in range(30))]

    found = judged(TemplateCounts, rows)

    assert "so for 6 windows: from now on this is its usual" in found[-1].reason
    assert len({one.episode for one in found}) == 1
    assert found[-1].detected_ns == START_NS + 206 * STEP_NS


def test_a_window_that_the_end_of_the_log_cuts_lacks_nothing() -> None:
    last = window(START_NS + 200 * STEP_NS, {2: 1})

    assert judged(TemplateCounts, [*usual(), last]) != []
    cut = TemplateWindow(**{**{f: getattr(last, f) for f in last.__dataclass_fields__},
                            "is_whole": False})  # fmt: skip
    assert judged(TemplateCounts, [*usual(), cut]) == []


def test_two_calm_weeks_of_eight_programs_stay_within_the_budget() -> None:
    """Three alarms a day are the bound; days and nights, loads and rare templates are calm."""
    some = random.Random(11)
    rates = [[10 ** some.uniform(-3.5, 2) for _ in range(3 + 6 * n)] for n in range(8)]
    rows = []
    for n in range(14 * 144):
        light = 1 - 0.4 * math.cos(2 * math.pi * n / 144)
        for number, mine in enumerate(rates):
            load = light * math.exp(some.gauss(0, 0.3))
            counts = {t: count for t, rate in enumerate(mine)
                      if (count := _poisson(some, rate * load))}  # fmt: skip
            if counts:
                rows.append(window(START_NS + n * STEP_NS, counts, program=f"p{number}"))

    found = [one for one in judged(TemplateCounts, rows) if not one.is_update]

    days = [(one.detected_ns - START_NS) // DAY_NS for one in found]
    assert all(days.count(day) <= 3 for day in range(15))
    assert len(found) <= 14


def _poisson(some: random.Random, mean: float) -> int:
    if mean > 30:
        return max(0, round(some.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, some.random()
    while product > limit:
        count += 1
        product *= some.random()
    return count


def test_conformance_attack_raises_once() -> None:
    assert len(attacked(TemplateCounts)) == 1
