"""Who is inside a host already: what the host's own log tells of an account joins its case.

Such records name no address, so that the account joins them: what it did, or what root did on a
host that somebody entered within the kind's fold gap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.incidents.case import OWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tocsin.core.detection import Detection
    from tocsin.incidents.case import Case

# What makes a host somebody else's: what it searches for afterwards is a further stage.
ENTERED = frozenset(
    {"exploit", "account_compromise", "lateral_movement", "c2", "c2_beacon", "worm"}
)
# What somebody does who is inside already.
INSIDE = frozenset({"unusual_login", "privilege_abuse", "persistence", "log_tampering"})
_ROOT = "root"
ALONE = "a weak sign alone"  # in the books: what may be anybody's work


def is_inside(case: Case, d: Detection) -> bool:
    """Tell whether a detection is what the intruder of a case on the same host did next."""
    if case.mode != OWN or not (ENTERED | INSIDE) & set(case.stages):
        return False
    return not d.users or _ROOT in d.users or bool(set(d.users) & set(case.users))


def is_mostly(some: Iterable[str], others: Iterable[str], *, share: float) -> bool:
    """Tell whether at least a share of some sources are among others: one attack in two views."""
    known, all_of = set(others), list(some)
    return sum(one in known for one in all_of) >= share * len(all_of)
