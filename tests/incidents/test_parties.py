"""Parties of a case: exact and in order below the bound, a fair and counted sample beyond it."""

from __future__ import annotations

import random

from tocsin.incidents.parties import Parties

MANY = [f"203.0.113.{n % 256}#{n}" for n in range(50_000)]


def test_below_the_bound_all_are_kept_in_the_order_of_their_coming() -> None:
    known = Parties(["b", "a", "b", "c"], kept_max=3)

    assert (list(known), known.total) == (["b", "a", "c"], 3)


def test_the_bound_holds_and_the_total_is_estimated_within_a_few_percent() -> None:
    known = Parties(MANY, kept_max=4096)

    assert len(known) == 4096
    assert 0.95 * 50_000 < known.total < 1.05 * 50_000


def test_survivors_do_not_depend_on_the_order() -> None:
    turned = random.Random(1).sample(MANY, len(MANY))

    assert set(Parties(MANY, kept_max=512)) == set(Parties(turned, kept_max=512))


def test_what_goes_is_said_once_and_never_kept() -> None:
    known = Parties(kept_max=100)
    gone = [name for one in MANY[:1000] for name in known.add([one])]

    assert len(gone) == 900
    assert not set(gone) & set(known)


def test_beyond_the_bound_nobody_is_the_only_one() -> None:
    known = Parties(["a", "b"], kept_max=1)

    assert not known.are_only(["a", "b"])


def test_a_full_set_goes_on_from_its_state() -> None:
    whole, half = Parties(MANY, kept_max=64), Parties(MANY[:25_000], kept_max=64)
    resumed = Parties.restored(half.state(), kept_max=64)
    resumed.add(MANY[25_000:])

    assert list(resumed) == list(whole)
    assert resumed.total == whole.total


def test_a_set_at_its_bound_exactly_has_lost_nobody() -> None:
    resumed = Parties.restored(Parties(["a", "b"], kept_max=2).state(), kept_max=2)

    assert (list(resumed), resumed.total, resumed.are_only(["a", "b"])) == (["a", "b"], 2, True)
