"""Which lines become one template, and which stay apart."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernels import template_miner
from tocsin.kernels.template_miner import TemplateMiner


def texts(lines: list[str]) -> list[str]:
    miner = TemplateMiner()
    found = [miner.add(line) for line in lines]
    return [miner.text(one) for one in found]


def test_states_stay_apart() -> None:
    lines = [f"VM {state} (Lifecycle Event)" for state in ("Paused", "Resumed", "Started")]

    assert len(set(texts(lines))) == 3


def test_six_words_in_one_place_are_a_variable() -> None:
    lines = [f"job {name} begins" for name in ("ant", "bee", "cat", "dog", "elk", "fox")]

    assert set(texts(lines)) == {"job <*> begins"}
    assert len(set(texts(lines[:5]))) == 5


def test_two_names_behind_user_are_a_variable() -> None:
    assert set(texts(["opened for user ana", "opened for user bert"])) == {"opened for user <*>"}


def test_what_is_masked_in_both_is_a_variable() -> None:
    assert set(texts(["Block rdd_1_2 stored", "Block broadcast_7 stored"])) == {"Block <*> stored"}


def test_named_values_are_no_variables() -> None:
    assert len(set(texts(["env os.name=a1", "env os.version=7", "env java.home=x"]))) == 3


def test_two_places_may_vary_at_once() -> None:
    states = ("NEW", "READY", "RUNNING", "DONE")
    lines = [f"task 7 went from {a} to {b}" for a, b in pairwise(states)]

    assert set(texts(lines)) == {"task <*> went from <*> to <*>"}


def test_lines_of_masks_alone_are_one() -> None:
    assert len(set(texts(["1 2 3", "10.2.3.4", "17:03"]))) == 1


def test_a_template_that_became_part_of_another_is_that_one() -> None:
    miner = TemplateMiner()
    first, second = miner.add("opened for user ana"), miner.add("opened for user bert")

    assert miner.root(second) == first
    assert miner.take_joined() == [(1, 0)] or first == second
    assert miner.take_joined() == []


def test_at_the_bound_what_was_seen_longest_ago_is_forgotten() -> None:
    miner = TemplateMiner(templates_max=8)
    words = ("ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen", "ibex")
    found = [miner.add(f"{word} {'x ' * n}") for n, word in enumerate(words)]

    assert len(miner) == 7
    assert miner.forgotten == 2
    assert [miner.text(one) != "" for one in found] == [False, False, *[True] * 7]
    assert miner.add("ant") not in found


def test_words_that_nobody_holds_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_miner, "WORDS_KEPT_MAX", 50)
    monkeypatch.setattr(template_miner, "PARTS_MAX", 4)
    miner = TemplateMiner()

    found = {miner.root(miner.add(f"job {chr(97 + n % 26) * (n // 26 + 1)} begins"))
             for n in range(500)}  # fmt: skip

    assert miner.text(0) == "job <*> begins"
    assert found == set(range(5))
    assert len(miner.state()["words"]) <= 53
    assert len(miner.state()["parents"]) == 4


LINES = st.lists(
    st.lists(st.sampled_from(["a", "b", "user", "x1", "k=v", "c.d", "from"]), min_size=1, max_size=5),
    min_size=1, max_size=60,
)  # fmt: skip


@given(LINES, st.integers(0, 60))
def test_a_restart_changes_nothing(rows: list[list[str]], at: int) -> None:
    lines = [" ".join(row) for row in rows]
    whole, before, after = (TemplateMiner(templates_max=12) for _ in range(3))

    wanted = [whole.add(line) for line in lines]
    found = [before.add(line) for line in lines[:at]]
    after.restore(before.state())
    found += [after.add(line) for line in lines[at:]]

    assert found == wanted
    assert after.state() == whole.state()


@pytest.mark.parametrize("line", ["", " ", "*", "<*>", "\x00\x1b[31m", "\u2028 \u202e"])
def test_odd_lines_are_lines(line: str) -> None:
    miner = TemplateMiner()

    assert miner.add(line) == miner.add(line)
