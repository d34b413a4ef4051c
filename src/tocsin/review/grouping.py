"""How well template mining groups lines: grouping accuracy against labels.

Source: Zhu et al., "Tools and Benchmarks for Automated Log Parsing", ICSE-SEIP 2019; Jiang et al.,
"A Large-Scale Evaluation for Log Parsing Techniques" (loghub-2.0), ISSTA 2024.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.kernels.template_miner import TemplateMiner

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence


def grouping_accuracy(lines: Sequence[str], labels: Sequence[Hashable]) -> float:
    """Return the share of lines whose group holds the lines of their label and no others.

    Lines are mined in their order; a template that became part of another counts as that one.
    Raises `ValueError` when there is not one label per line; 0.0 for no lines.

    >>> grouping_accuracy(["start a1", "start b2", "stop a1"], ["E1", "E1", "E2"])
    1.0
    """
    return agreement(mined_groups(lines), labels)


def mined_groups(lines: Iterable[str]) -> list[int]:
    """Return the template of each line as it stands after the last one."""
    miner = TemplateMiner()
    found = [miner.add(line) for line in lines]
    return [miner.root(one) for one in found]


def agreement(groups: Sequence[Hashable], labels: Sequence[Hashable]) -> float:
    """Return the share of lines whose group is exactly the lines of one label."""
    if len(groups) != len(labels):
        raise ValueError(f"expected a label for each of {len(groups)} lines, got {len(labels)}")
    wanted = {tuple(members) for members in _members(labels)}
    right = sum(len(members) for members in _members(groups) if tuple(members) in wanted)
    return right / len(groups) if groups else 0.0


def _members(groups: Sequence[Hashable]) -> list[list[int]]:
    found: dict[Hashable, list[int]] = {}
    for place, group in enumerate(groups):
        found.setdefault(group, []).append(place)
    return list(found.values())
