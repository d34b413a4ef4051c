"""What happened, in sentences."""

from __future__ import annotations

from dataclasses import replace

from tests.web.report.made import compromise, flood, scan
from tocsin.core.detection import Counts
from tocsin.web.report.story import attackers_of, story_of


def test_a_compromise_is_told_with_its_stages() -> None:
    assert story_of(compromise().incident) == (
        "Account compromise by 203.0.113.77 against 198.51.100.5 (service ssh), naming the accounts "
        "deploy, root, admin and 2 more. It ran from 2026-11-23 05:41:00 to 06:12:31 UTC (31 min 31 s).",
        "413 log events, 9,127 packets and 431 flows belong to it, 1.8 MiB on the wire.",
        "Its stages, in order: password guessing from 05:41:00 UTC and account compromise from 06:12:31 UTC.",
        "It was raised 34 s after its first record, on record 9 of the behaviour that gave it away.",
    )  # fmt: skip


def test_forged_sources_are_called_so() -> None:
    assert attackers_of(flood().incident) == "forged source addresses"


def test_an_instant_without_parties_or_counts_is_told_briefly() -> None:
    whole = scan().incident
    bare = replace(
        whole, attackers=(), victims=(), users=(), counts=Counts(), last_ns=whole.first_ns,
        records_to_detect=0,
    )  # fmt: skip

    assert story_of(bare) == (
        "Port scan, at 2026-11-23 07:02:11 UTC.",
        "It was raised 0 s after its first record.",
    )
