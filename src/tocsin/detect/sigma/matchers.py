"""From a condition to a function that tells whether it holds for an event.

Text is compared without regard to case unless a rule asks otherwise. Wildcards are matched
by finding the texts between them in turn, regular expressions by RE2: both in linear time.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from tocsin.detect.sigma.seen import texts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.core.predicates import Condition
    from tocsin.detect.sigma.seen import Seen

Holds = "Callable[[Seen], bool]"


def matcher(condition: Condition) -> Callable[[Seen], bool]:
    """Return a function that tells whether a condition holds."""
    match condition[0]:
        case "and":
            parts = [matcher(one) for one in condition[1]]
            return lambda seen: all(part(seen) for part in parts)
        case "or":
            parts = [matcher(one) for one in condition[1]]
            return lambda seen: any(part(seen) for part in parts)
        case "not":
            part = matcher(condition[1])
            return lambda seen: not part(seen)
        case "any":
            _, operation, value, is_cased = condition
            test = _test(operation, value, is_cased=is_cased)
            return lambda seen: any(test(text) for text in seen.everything())
        case _:
            _, name, operation, value, is_cased = condition
            return _field(name, operation, value, is_cased=is_cased)


def _field(name: str, operation: str, value: Any, *, is_cased: bool) -> Callable[[Seen], bool]:
    match operation:
        case "null":
            return lambda seen: seen.value(name) in (None, "", "-")
        case "exists":
            return lambda seen: (seen.value(name) is not None) is value
        case "ref":
            return lambda seen: bool(set(seen.lower(name)) & set(seen.lower(value)))
        case "number" | "compare" | "cidr" | "bool":
            test = _plain_test(operation, value)
            return lambda seen: any(test(text) for text in seen.lower(name))
        case _:
            test = _test(operation, value, is_cased=is_cased)
            if is_cased:
                return lambda seen: any(test(text) for text in texts_of(seen.value(name)))
            return lambda seen: any(test(text) for text in seen.lower(name))


def _test(operation: str, value: Any, *, is_cased: bool) -> Callable[[str], bool]:
    if operation == "re":
        search = _regex(value[0], value[1]).search
        return lambda text: search(text) is not None
    if operation in {"number", "compare", "cidr", "bool"}:
        return _plain_test(operation, value)
    if operation == "glob":
        parts = [p if is_cased or not isinstance(p, str) else p.lower() for p in value]
        return lambda text: globbed(text, parts)
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
            return lambda text: _number(text) == number
        case "compare":
            sign, bound = value
            return lambda text: _compared(_number(text), sign, float(bound))
        case "cidr":
            network = ip_network(value, strict=False)
            return lambda text: _inside(text, network)
        case _:
            wanted = "true" if value else "false"
            return lambda text: text == wanted


def _number(text: str) -> float | None:
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
        address = ip_address(text)
    except ValueError:
        return False
    return address.version == network.version and address in network


def globbed(text: str, parts: list[Any]) -> bool:
    """Tell whether a text is of a form with wildcards; each part is found in turn, none twice.

    >>> globbed("cmd.exe /c dir", ["cmd", ["*"], "/c", ["?"], "dir"])
    True
    """
    at, is_free, skipped = 0, False, 0
    for number, part in enumerate(parts):
        if part == ["*"]:
            is_free = True
        elif part == ["?"]:
            skipped += 1
        else:
            is_last = number == len(parts) - 1
            found = _place(text, part, at + skipped, is_free=is_free, is_last=is_last)
            if found < 0:
                return False
            at, is_free, skipped = found + len(part), False, 0
    rest = len(text) - at - skipped
    return rest >= 0 if is_free else rest == 0


def _place(text: str, part: str, at: int, *, is_free: bool, is_last: bool) -> int:
    if not is_free:
        return at if text.startswith(part, at) else -1
    if is_last:
        end = len(text) - len(part)
        return end if end >= at and text.endswith(part) else -1
    return text.find(part, at)


@lru_cache(maxsize=4096)
def _regex(pattern: str, flags: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.dot_nl = "d" in flags or "s" in flags
    return re2.compile(f"(?m){pattern}" if "m" in flags else pattern, options)
