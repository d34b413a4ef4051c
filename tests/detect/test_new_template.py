"""Templates that a program never wrote before."""

from __future__ import annotations

import pytest

from tests.detect.messages import attacked, judged
from tocsin.core.times import HOUR_NS
from tocsin.detect.new_template import NewTemplates
from tocsin.testing.scenes import START_NS
from tocsin.testing.template_messages import first_time, window

DAY = [window(START_NS + hour * HOUR_NS, {1: 40}) for hour in range(13)]
LATER = START_NS + 14 * HOUR_NS


def test_a_grave_line_of_a_settled_program_is_told_with_its_numbers() -> None:
    (found,) = judged(NewTemplates, [*DAY, first_time(LATER, "page <*> is corrupt", lines=1998)])

    assert (found.kind, found.victims, found.service) == ("log_anomaly", ("web01",), "shopd")
    assert found.reason == (
        "shopd on web01 wrote what it never wrote before: 'page <*> is corrupt' (template 77), for "
        "example 'page 42 is corrupt'; 1,998 lines before were of 6 templates, 0 of them seen "
        "once: an unseen one had a chance of 0.0005 (score 5.3 with 2 for its words; 3 is the "
        "bound)"
    )


@pytest.mark.parametrize(
    ("text", "lines", "singles", "is_raised"),
    [
        ("job <*> done", 2000, 0, True),
        ("job <*> done", 700, 0, False),
        ("job <*> failed", 700, 0, True),
        ("page <*> is corrupt", 400, 0, False),
        ("page <*> is corrupt", 2000, 40, False),
        ("job <*> done", 20_000, 30, False),
    ],
)
def test_rarity_and_words_decide(text: str, lines: int, singles: int, *, is_raised: bool) -> None:
    row = first_time(LATER, text, lines=lines, singles=singles)

    assert bool(judged(NewTemplates, [*DAY, row])) == is_raised


def test_a_program_of_a_few_hours_is_not_judged() -> None:
    assert judged(NewTemplates, [*DAY[:11], first_time(LATER, "page <*> is corrupt")]) == []


def test_many_at_once_are_one_episode() -> None:
    rows = [first_time(LATER + n, f"error {'x' * n}") for n in range(1, 17)]

    found = judged(NewTemplates, [*DAY, *rows])

    assert len({one.episode for one in found}) == 1
    assert [one.facts["new_templates"] for one in found] == [1, 2, 4, 8, 16]


def test_many_programs_at_once_stay_within_the_budget_and_are_still_told() -> None:
    usual = [
        window(START_NS + hour * HOUR_NS, {1: 40}, program=f"p{n}")
        for hour in range(13) for n in range(40)
    ]  # fmt: skip
    rows = [first_time(LATER + n, "error <*>", program=f"p{n}") for n in range(40)]

    found = judged(NewTemplates, [*usual, *rows])

    assert len({one.episode for one in found}) == 4
    assert "others were held back" in found[-1].reason


def test_conformance_attack_raises_once() -> None:
    assert len(attacked(NewTemplates)) == 1
