"""Truth per line's template: which lines of a log were written by the same statement.

The unit is one line's message. Met: the group that mining puts it in holds exactly the lines
of its label (grouping accuracy).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.review.grouping import mined_groups
from tocsin.review.logs.report import Report, share_met

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from tocsin.review.logs.rows import Row


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """A line's message, and the name of the template it was written from."""

    id: str
    text: str
    label: str
    template: str | None = None


def labelled_lines(rows: Sequence[Row]) -> tuple[LabelledLine, ...]:
    """Return the label of each row; raises `ConfigError` for a row that isn't of this form."""
    return tuple(
        LabelledLine(
            row.text("LineId"), row.text("Content"), row.text("EventId"),
            row.text_or_none("EventTemplate"),
        )
        for row in rows
    )  # fmt: skip


def score_groups(lines: Sequence[LabelledLine]) -> Report:
    """Mine the lines in their order and return how many are grouped as labelled."""
    groups = mined_groups([line.text for line in lines])
    mined, labelled = _members(groups), _members([line.label for line in lines])
    right = [mined[g] == labelled[line.label] for g, line in zip(groups, lines, strict=True)]
    items = tuple(
        {
            "line": line.id,
            "label": line.label,
            "met": met,
            "group_lines": len(mined[group]),
            "label_lines": len(labelled[line.label]),
            "text": line.text,
            "template": line.template,
        }
        for line, group, met in zip(lines, groups, right, strict=True)
    )
    summary = {
        "truth": "template groups",
        "grouping_accuracy": share_met(right),
        "groups": len(mined),
        "labels": len(labelled),
    }
    return Report(items, summary)


def _members(names: Sequence[Hashable]) -> dict[Hashable, list[int]]:
    found: dict[Hashable, list[int]] = {}
    for place, name in enumerate(names):
        found.setdefault(name, []).append(place)
    return found
