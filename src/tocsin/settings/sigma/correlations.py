"""Sigma correlations from their documents: read by pySigma, kept as `Correlation`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.core.predicates import CORRELATION_TYPES, Correlation
from tocsin.core.times import NS_PER_S
from tocsin.settings.sigma.conditions import UnsupportedError
from tocsin.settings.sigma.shared import own_part, shared_parts

if TYPE_CHECKING:
    from pathlib import Path

SIGNS = {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">=", "EQ": "==", "NEQ": "!="}
RULES_MAX, GROUPED_MAX, BOUND_MAX, TIMESPAN_S_MAX = 32, 8, 10_000, 30 * 24 * 3600
_PLAIN = ("event_count", "temporal", "temporal_ordered")


def correlation_of(document: dict[str, Any], path: Path, line: int) -> Correlation:
    """Return the correlation of a document; raises `UnsupportedError` and pySigma's errors.

    The rules it names stay as they were written: `tocsin.settings.sigma.load` finds them.
    """
    from sigma.correlations import SigmaCorrelationCondition, SigmaCorrelationRule

    own = own_part(document)
    if "level" not in document:
        document["level"] = "medium"
    rule = SigmaCorrelationRule.from_dict(document)
    kind = rule.type.name.lower()
    condition = rule.condition
    if not isinstance(condition, SigmaCorrelationCondition):
        raise UnsupportedError("a condition in words between rules")
    if kind not in CORRELATION_TYPES:
        raise UnsupportedError(f"a correlation of type {kind}")
    named = tuple(str(one.reference) for one in rule.rules or ())
    group_by = tuple(rule.group_by or ())
    _check_bounds(kind, named, group_by, float(condition.count), rule.timespan.seconds)
    fieldref = condition.fieldref
    return Correlation(
        type=kind,
        rules=named,
        timespan_ns=int(rule.timespan.seconds) * NS_PER_S,
        group_by=group_by,
        aliases={one.alias: _mapping(one) for one in rule.aliases},
        sign=SIGNS[condition.op.name],
        bound=float(condition.count),
        fields=()
        if fieldref is None
        else tuple([fieldref] if isinstance(fieldref, str) else fieldref),
        percentile=float(condition.percentile or 50),
        shows_parts=bool(rule.generate),
        name=str(document.get("name") or ""),
        **shared_parts(rule, own, path, line),
    )


def _mapping(alias: Any) -> dict[str, str]:
    return {str(rule.reference): str(field) for rule, field in alias.mapping.items()}


def _check_bounds(
    kind: str, rules: tuple[str, ...], group_by: tuple[str, ...], bound: float, timespan_s: int
) -> None:
    if not 1 <= len(rules) <= RULES_MAX:
        raise UnsupportedError(f"a correlation of {len(rules)} rules (1 to {RULES_MAX})")
    if len(group_by) > GROUPED_MAX:
        raise UnsupportedError(f"groups by more than {GROUPED_MAX} fields")
    if kind in (*_PLAIN, "value_count") and bound > BOUND_MAX:
        raise UnsupportedError(f"a count of {bound:g}, more than {BOUND_MAX:,}")
    if not 1 <= timespan_s <= TIMESPAN_S_MAX:
        raise UnsupportedError(f"a time span of {timespan_s} s (1 s to 30 days)")
