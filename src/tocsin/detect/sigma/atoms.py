"""What must be there for a rule to hold: the texts that say which rules need a look.

Of a conjunction the rarest part is enough, of a disjunction every part is needed; a negation
needs nothing. A rule of which nothing can be said is looked at each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.detect.sigma.regex_texts import texts_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.core.predicates import Condition

# (field, text in lower case, whether the field is that text); no field: anywhere.
Atom = tuple[str, str, bool]
_ATOMS_MAX = 4000
# What stands in so many events that it tells rules apart no better than a letter does.
_COMMON = frozenset((
    "get", "post", "head", "put", "http", "success", "failure", "true", "false", "yes", "linux",
    "root", "user", "sudo", "sshd", "session", "password", "execve", "from", "/bin/", "/usr/bin/",
    "/usr/", "/sbin/", "/usr/sbin/", "/etc/", "/var/", "/home/", "/root/",
))  # fmt: skip


def atoms_of(
    condition: Condition, counts: Callable[[str, str], bool] | None = None
) -> frozenset[Atom] | None:
    """Return atoms of which one at least is there whenever the condition holds; None: no such.

    Where given, only those make atoms that ``counts`` admits by field (empty: any) and text.
    """
    match condition[0]:
        case "and":
            found = [atoms for one in condition[1] if (atoms := atoms_of(one, counts)) is not None]
            return max(found, key=_rarity) if found else None
        case "or":
            parts = [atoms_of(one, counts) for one in condition[1]]
            if any(part is None for part in parts):
                return None
            joined = frozenset(atom for part in parts if part is not None for atom in part)
            return joined if len(joined) <= _ATOMS_MAX else None
        case "not":
            return None
        case "any":
            return _counted(_leaf("", condition[1], condition[2]), counts)
        case _:
            return _counted(_leaf(condition[1], condition[2], condition[3]), counts)


def _counted(
    atoms: frozenset[Atom] | None, counts: Callable[[str, str], bool] | None
) -> frozenset[Atom] | None:
    if atoms is None or counts is None:
        return atoms
    return atoms if all(counts(name, text) for name, text, _ in atoms) else None


def _leaf(name: str, operation: str, value: Any) -> frozenset[Atom] | None:
    if operation == "is" and value:
        return frozenset([(name, value.lower(), bool(name))])
    if operation == "number":
        return frozenset([(name, number_text(float(value)), True)])
    if operation in {"contains", "begins", "ends"} and value:
        return frozenset([(name, value.lower(), False)])
    if operation == "glob":
        longest = max((part for part in value if isinstance(part, str)), key=len, default="")
        return frozenset([(name, longest.lower(), False)]) if longest else None
    if operation == "re":
        found = texts_in(value[0])
        return None if found is None else frozenset((name, text, False) for text in found)
    return None


def number_text(number: float) -> str:
    """Return a number as an atom holds it."""
    return str(int(number)) if number.is_integer() else str(number)


def _rarity(atoms: frozenset[Atom]) -> tuple[int, int]:
    """Rank atoms: the shortest text decides, then how few there are."""
    shortest = min(1 if text.strip() in _COMMON else len(text) for _, text, _ in atoms)
    return shortest, -len(atoms)
