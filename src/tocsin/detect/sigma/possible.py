"""Whether a rule can hold for any event of which only some fields are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.detect.sigma.matchers import matcher
from tocsin.detect.sigma.names import ALIASES
from tocsin.detect.sigma.seen import Seen

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tocsin.core.predicates import Condition


def may_hold(condition: Condition, event: Mapping[str, object], known: Collection[str]) -> bool:
    """Tell whether a condition may hold for events like ``event``.

    Of the fields in ``known`` the event's values are right, and those that it lacks are
    missing; of all other fields nothing is known.
    """
    return _judged(condition, Seen(event, {}), known) is not False


def _judged(condition: Condition, seen: Seen, known: Collection[str]) -> bool | None:
    match condition[0]:
        case "and":
            return _joined(condition[1], seen, known, decisive=False)
        case "or":
            return _joined(condition[1], seen, known, decisive=True)
        case "not":
            part = _judged(condition[1], seen, known)
            return None if part is None else not part
        case "any":
            return None
        case _:
            names = (condition[1], *ALIASES.get(condition[1], ()))
            if not all(name in known for name in names) or condition[2].startswith("ref"):
                return None
            return matcher(condition)(seen)


def _joined(
    conditions: list[Condition], seen: Seen, known: Collection[str], *, decisive: bool
) -> bool | None:
    """Judge parts of which one that is ``decisive`` decides."""
    found: bool | None = not decisive
    for one in conditions:
        part = _judged(one, seen, known)
        if part is decisive:
            return decisive
        found = None if part is None else found
    return found
