"""From a condition to a function that tells whether it holds for an event.

Text is compared without regard to case unless a rule asks otherwise; a regular expression
minds the case unless it says ``i``. Wildcards and regular expressions are matched by RE2, in
linear time.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

import ahocorasick

from tocsin.detect.sigma.seen import Seen, texts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tocsin.core.predicates import Condition

_V6 = 6
_AUTOMATON_MIN = 17  # texts that are looked for at once; fewer one after the other


def matcher(condition: Condition) -> Callable[[Seen], bool]:
    """Return a function that tells whether a condition holds."""
    match condition[0]:
        case "and":
            parts = [matcher(one) for one in condition[1]]
            return lambda seen: _all(parts, seen)
        case "or":
            parts = _alternatives(condition[1])
            return parts[0] if len(parts) == 1 else lambda seen: _any(parts, seen)
        case "not":
            part = matcher(condition[1])
            return lambda seen: not part(seen)
        case "any":
            _, operation, value, is_cased = condition
            return _held(_everything(is_cased=is_cased), _test(operation, value, is_cased=is_cased))
        case _:
            _, name, operation, value, is_cased = condition
            return _field(name, operation, value, is_cased=is_cased)


def _all(parts: Iterable[Callable[[Seen], bool]], seen: Seen) -> bool:
    for part in parts:  # noqa: SIM110 - a generator would cost more than most tests
        if not part(seen):
            return False
    return True


def _any(parts: Iterable[Callable[[Seen], bool]], seen: Seen) -> bool:
    for part in parts:  # noqa: SIM110 - as above
        if part(seen):
            return True
    return False


def _alternatives(conditions: Sequence[Condition]) -> list[Callable[[Seen], bool]]:
    """Return matchers of which one must hold; texts that one field may contain are one of them."""
    contained: dict[tuple[str, bool], list[str]] = {}
    others: list[Condition] = []
    for one in conditions:
        if one[0] == "any" and one[1] == "contains":
            contained.setdefault(("", one[3]), []).append(one[2])
        elif one[0] == "field" and one[2] == "contains":
            contained.setdefault((one[1], one[4]), []).append(one[3])
        else:
            others.append(one)
    found: list[Callable[[Seen], bool]] = []
    for (name, is_cased), texts in contained.items():
        wanted = texts if is_cased else [text.lower() for text in texts]
        values = _values(name, is_cased=is_cased) if name else _everything(is_cased=is_cased)
        found.append(_held(values, _containing(wanted)))
    return found + [matcher(one) for one in others]


def _held(
    values: Callable[[Seen], tuple[str, ...]], test: Callable[[str], bool]
) -> Callable[[Seen], bool]:
    """Return a function that tells whether one of some texts of an event passes a test."""

    def held(seen: Seen) -> bool:
        for text in values(seen):  # noqa: SIM110 - as above
            if test(text):
                return True
        return False

    return held


def _everything(*, is_cased: bool) -> Callable[[Seen], tuple[str, ...]]:
    return Seen.everything_raw if is_cased else Seen.everything


def _values(name: str, *, is_cased: bool) -> Callable[[Seen], tuple[str, ...]]:
    """Return what gives the texts of a field."""
    if is_cased:
        return lambda seen: texts_of(seen.value(name))
    return lambda seen: seen.lower(name)


def _containing(wanted: list[str]) -> Callable[[str], bool]:
    """Return a test for whether a text contains one of some texts."""
    if len(wanted) >= _AUTOMATON_MIN and all(wanted):
        automaton = ahocorasick.Automaton()
        for one in wanted:
            automaton.add_word(one, True)  # noqa: FBT003 - the value of a word
        automaton.make_automaton()
        return lambda text: next(automaton.iter(text), None) is not None

    def contains(text: str) -> bool:
        for one in wanted:  # noqa: SIM110 - as above
            if one in text:
                return True
        return False

    return contains


def _field(name: str, operation: str, value: Any, *, is_cased: bool) -> Callable[[Seen], bool]:
    match operation:
        case "null":
            return lambda seen: seen.value(name) in (None, "", "-")
        case "exists":
            return lambda seen: (seen.value(name) is not None) is value
        case "ref" | "ref_begins" | "ref_ends" | "ref_contains":
            compared = _COMPARED[operation]
            return lambda seen: any(
                compared(text, other) for text in seen.lower(name) for other in seen.lower(value)
            )
        case _:
            test = _test(operation, value, is_cased=is_cased)
            return _held(_values(name, is_cased=is_cased), test)


_COMPARED: Mapping[str, Callable[[str, str], bool]] = {
    "ref": str.__eq__,
    "ref_begins": str.startswith,
    "ref_ends": str.endswith,
    "ref_contains": str.__contains__,
}


def _test(operation: str, value: Any, *, is_cased: bool) -> Callable[[str], bool]:
    if operation == "re":
        return _search(value[0], value[1])
    if operation in {"number", "compare", "cidr", "bool", "time"}:
        return _plain_test(operation, value)
    if operation == "glob":
        parts = [p if is_cased or not isinstance(p, str) else p.lower() for p in value]
        return _globbed(parts)
    wanted = value if is_cased else value.lower()
    match operation:
        case "contains":
            return lambda text: wanted in text
        case "begins":
            return lambda text: text.startswith(wanted)
        case "ends":
            return lambda text: text.endswith(wanted)
        case _:
            return lambda text: text == wanted


def _plain_test(operation: str, value: Any) -> Callable[[str], bool]:
    match operation:
        case "number":
            number = float(value)
            return lambda text: number_of(text) == number
        case "compare":
            sign, bound = value
            return lambda text: _compared(number_of(text), sign, float(bound))
        case "cidr":
            network = ip_network(value, strict=False)
            return lambda text: _inside(text, network)
        case "time":
            unit, wanted_part = value
            return lambda text: _part_of_time(text, unit) == wanted_part
        case _:
            wanted = "true" if value else "false"
            return lambda text: text == wanted


def number_of(text: str) -> float | None:
    """Return the number that a text is, decimal or hexadecimal (``0x``), None when it is none."""
    try:
        return float(int(text, 16)) if text.startswith("0x") else float(text)
    except ValueError:
        return None


def _compared(number: float | None, sign: str, bound: float) -> bool:
    if number is None:
        return False
    return {"<": number < bound, "<=": number <= bound, ">": number > bound,
            ">=": number >= bound, "!=": number != bound}.get(sign, number == bound)  # fmt: skip


def _inside(text: str, network: Any) -> bool:
    try:
        address: Any = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if address.version == _V6 else None
    if mapped is not None and network.version != _V6:
        address = mapped
    return address.version == network.version and address in network


def _part_of_time(text: str, unit: str) -> int | None:
    """Return the minute, hour, day, ISO week, month or year of a time (UTC), None for others."""
    try:
        number = number_of(text)
        if number is not None:
            unit_s = 10.0 ** (3 * max(0, (len(str(int(abs(number)))) - 8) // 3))
            when = datetime.fromtimestamp(number / unit_s, tz=UTC)
        else:
            when = datetime.fromisoformat(text.upper())
    except (ValueError, OverflowError, OSError):
        return None
    when = when if when.tzinfo is None else when.astimezone(UTC)
    return when.isocalendar().week if unit == "week" else int(getattr(when, unit))


def _globbed(parts: list[Any]) -> Callable[[str], bool]:
    """Return a test for a form with wildcards: ``*`` anything, ``?`` one character."""
    if ["?"] not in parts:
        return _in_order(parts)
    pattern = "".join(
        {"*": ".*", "?": "."}[part[0]] if isinstance(part, list) else _quoted(part)
        for part in parts
    )
    return _search(f"^(?:{pattern})$", "d")


def _in_order(parts: list[Any]) -> Callable[[str], bool]:
    """Return a test for texts one behind the other, with anything for each ``*``."""
    texts = [""]
    for part in parts:
        if isinstance(part, str):
            texts[-1] += part
        else:
            texts.append("")
    if len(texts) == 1:
        return texts[0].__eq__
    first, last, between = texts[0], texts[-1], [text for text in texts[1:-1] if text]

    def test(text: str) -> bool:
        if not (text.startswith(first) and text.endswith(last)):
            return False
        at = len(first)
        for one in between:
            found = text.find(one, at)
            if found < 0:
                return False
            at = found + len(one)
        return at + len(last) <= len(text)

    return test


def _quoted(text: str) -> str:
    return "".join(c if c.isalnum() and c.isascii() else f"\\x{{{ord(c):x}}}" for c in text)


@lru_cache(maxsize=4096)
def _search(pattern: str, flags: str) -> Callable[[str], bool]:
    """Return a search by RE2; ``flags``: i(gnore case), m(any lines), d(ot is any character)."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = "i" not in flags
    options.dot_nl = "d" in flags
    compiled = re2.compile(f"(?m){pattern}" if "m" in flags else pattern, options)

    def search(text: str) -> bool:
        # Half a surrogate pair (JSON may hold one) has no UTF-8.
        whole = text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
        return compiled.search(whole) is not None

    return search
