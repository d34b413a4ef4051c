"""From pySigma's condition tree to the plain one of `tocsin.core.predicates`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.core.predicates import Condition

REGEX_BYTES_MAX = 2000
REFERENCES = {
    (False, False): "ref", (True, False): "ref_begins", (False, True): "ref_ends",
    (True, True): "ref_contains",
}  # fmt: skip
LEAVES_MAX = 20_000  # of one rule, every value counted
COMPARISONS = {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">=", "NEQ": "!="}


class UnsupportedError(ValueError):
    """A rule is right, and asks for something that is not in this version."""


def condition_of(node: Any) -> Condition:
    """Return the plain form of a parsed condition; raises `UnsupportedError`."""
    from sigma.conditions import (
        ConditionAND,
        ConditionFieldEqualsValueExpression,
        ConditionNOT,
        ConditionOR,
        ConditionValueExpression,
    )

    if isinstance(node, ConditionAND):
        return ["and", [condition_of(one) for one in node.args]]
    if isinstance(node, ConditionOR):
        return ["or", [condition_of(one) for one in node.args]]
    if isinstance(node, ConditionNOT):
        return ["not", condition_of(node.args[0])]
    if isinstance(node, ConditionFieldEqualsValueExpression):
        return _leaf(["field", node.field], node.value, is_cased=_is_cased(node))
    if isinstance(node, ConditionValueExpression):
        return _leaf(["any"], node.value, is_cased=_is_cased(node))
    raise UnsupportedError(f"a condition of type {type(node).__name__}")


def leaves_of(condition: Condition) -> int:
    """Return how many values a condition compares."""
    match condition[0]:
        case "and" | "or":
            return sum(leaves_of(one) for one in condition[1])
        case "not":
            return leaves_of(condition[1])
        case _:
            return 1


def _is_cased(node: Any) -> bool:
    """Tell whether a rule asks for the case: the library forgets it at a later modifier."""
    modifiers = getattr(node.parent, "modifiers", ())
    return any(one.__name__ == "SigmaCaseSensitiveModifier" for one in modifiers)


def _leaf(start: list[Any], value: Any, *, is_cased: bool) -> Condition:
    from sigma import types as sigma

    if isinstance(value, sigma.SigmaExpansion):
        return ["or", [_leaf(start, one, is_cased=is_cased) for one in value.values]]
    if isinstance(value, sigma.SigmaString):
        return [*start, *_text(value, is_keyword=start[0] == "any"), is_cased]
    if isinstance(value, sigma.SigmaRegularExpression):
        flags = "".join(sorted(flag.name[0].lower() for flag in value.flags))
        _check_regex(value.regexp)
        return [*start, "re", [str(value.regexp), flags], True]
    if start[0] == "any" and isinstance(value, sigma.SigmaNumber):
        return [*start, "contains", str(value.number), False]
    found = _other(value)
    if found is None:
        raise UnsupportedError(f"a value of type {type(value).__name__}")
    return [*start, *found, False]


def _other(value: Any) -> list[Any] | None:
    from sigma import types as sigma

    if isinstance(value, sigma.SigmaTimestampPart):
        return ["time", [value.timestamp_part.name.lower(), int(value.number)]]
    if isinstance(value, sigma.SigmaNumber):
        return ["number", value.number]
    if isinstance(value, sigma.SigmaCompareExpression):
        return ["compare", [COMPARISONS[value.op.name], value.number.number]]
    if isinstance(value, sigma.SigmaCIDRExpression):
        return ["cidr", str(value.cidr)]
    if isinstance(value, sigma.SigmaNull):
        return ["null", None]
    if isinstance(value, sigma.SigmaExists):
        return ["exists", bool(value.exists)]
    if isinstance(value, sigma.SigmaFieldReference):
        sides = (bool(value.starts_with), bool(value.ends_with))
        return [REFERENCES[sides], value.field]
    return ["bool", bool(value.boolean)] if isinstance(value, sigma.SigmaBool) else None


def _text(value: Any, *, is_keyword: bool) -> list[Any]:
    """Return the operation of a text with wildcards, and what it is compared with."""
    from sigma.types import SpecialChars

    parts: list[Any] = []
    for part in value.s:
        if isinstance(part, str):
            parts.append(part)
        elif part == SpecialChars.WILDCARD_MULTI:
            if not parts or parts[-1] != ["*"]:
                parts.append(["*"])
        elif part == SpecialChars.WILDCARD_SINGLE:
            parts.append(["?"])
        else:
            raise UnsupportedError("a placeholder that nothing fills")
    if is_keyword:  # a keyword is looked for, wherever it stands
        inner = parts[parts[:1] == [["*"]] : len(parts) - (parts[-1:] == [["*"]])]
        parts = [["*"], *inner, ["*"]] if inner else [["*"]]
    shape = ["text" if isinstance(part, str) else part[0] for part in parts]
    known = {
        (): "is",
        ("text",): "is",
        ("*", "text", "*"): "contains",
        ("text", "*"): "begins",
        ("*", "text"): "ends",
    }.get(tuple(shape))
    if known is None:
        if sum(map(len, parts)) > REGEX_BYTES_MAX:
            raise UnsupportedError(f"a text with wildcards of over {REGEX_BYTES_MAX} characters")
        return ["exists", True] if shape == ["*"] else ["glob", parts]
    return [known, next((part for part in parts if isinstance(part, str)), "")]


def _check_regex(pattern: Any) -> None:
    """Refuse a pattern that can't be run in linear time; raises `UnsupportedError`."""
    import re2

    if len(str(pattern)) > REGEX_BYTES_MAX:
        raise UnsupportedError(f"a regular expression of over {REGEX_BYTES_MAX} characters")
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(str(pattern), options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise UnsupportedError(f"a regular expression without linear time: {reason}") from error
