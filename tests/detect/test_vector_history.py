"""How strange a window is, and why."""

from __future__ import annotations

from tocsin.core.times import DAY_NS
from tocsin.detect.vector_history import DAYS_MAX, SET, TRIPLES, VOLUME, VectorHistory


def steady(windows: int = 200) -> VectorHistory:
    past = VectorHistory()
    for n in range(windows):
        past.learn({1: 20 + n % 5, 2: 5, 3: 40 + n % 7}, triples=60)
    return past


def test_a_usual_window_surprises_nobody() -> None:
    assert steady().surprises({1: 22, 2: 5, 3: 41}, triples=60) == {}


def test_new_missing_and_overdone_templates_are_told_apart() -> None:
    found = steady().surprises({1: 400, 3: 42, 9: 1})

    assert {what for what, much in found.items() if much > 1.9} == {1, 2, 9, SET, VOLUME}
    assert found[1] == 4.0


def test_what_moves_all_counts_is_one_surprise_and_not_many() -> None:
    found = steady().surprises({1: 88, 2: 22, 3: 170})

    assert list(found) == [VOLUME]


def test_unseen_triples_surprise_by_their_number() -> None:
    past = steady()

    assert TRIPLES not in past.surprises({1: 22, 2: 5, 3: 41}, triples=60, unseen=0)
    few, many = (
        past.surprises({1: 22, 2: 5, 3: 41}, triples=60, unseen=n)[TRIPLES] for n in (1, 3)
    )
    assert 1.0 < few < many == 4.0


def test_of_a_window_that_is_not_whole_nothing_is_missing() -> None:
    assert steady().surprises({1: 2}, is_whole=False) == {}


def test_a_program_that_always_varies_surprises_little() -> None:
    past = VectorHistory()
    for n in range(100):
        past.learn({n: 1})

    assert SET not in past.surprises({500: 1})


def test_joined_templates_count_as_one() -> None:
    past = VectorHistory()
    for n in range(60):
        past.learn({1 if n % 2 else 2: 5})

    past.join(2, 1)

    assert past.parts[1].windows == 60
    assert past.surprises({1: 5}) == {}


def test_the_highest_of_some_days_is_remembered() -> None:
    past = VectorHistory()
    for day in range(20):
        past.keep_score(day * DAY_NS, 20.0 - day)
        past.keep_score(day * DAY_NS, 1.0)

    assert (past.highest, past.compared) == (14.0, 2 * DAYS_MAX)


def test_a_restart_changes_nothing() -> None:
    past = steady()
    past.keep_score(DAY_NS, 3.0)

    assert VectorHistory.from_plain(past.to_plain()) == past
