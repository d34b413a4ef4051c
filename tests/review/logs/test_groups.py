"""Template groups: a line is right when its group is its label, no more and no less."""

from __future__ import annotations

from tocsin.review.logs.groups import LabelledLine, score_groups


def test_a_group_that_is_exactly_its_label_is_right() -> None:
    texts = [("start of job 1", "E1"), ("start of job 2", "E1"), ("disk full", "E2")]

    report = score_groups([LabelledLine(str(n), *one) for n, one in enumerate(texts)])

    assert report.summary["grouping_accuracy"] == {"met": 3, "of": 3, "share": 1.0}


def test_a_label_cut_in_two_is_wrong_for_all_its_lines() -> None:
    texts = [("start of job 1", "E1"), ("disk full", "E1"), ("link up on eth0 now", "E2")]

    report = score_groups([LabelledLine(str(n), *one) for n, one in enumerate(texts)])

    assert report.summary["grouping_accuracy"]["met"] == 1
    assert [item["met"] for item in report.items] == [False, False, True]
