"""Where every detection went: the book-keeping of conservation."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Accounts:
    """Where every detection went; the three add up to the detections (DESIGN, law 7)."""

    attached: int = 0
    suppressed: int = 0
    opened: int = 0
    by_rule: dict[str, int] = field(default_factory=dict)
