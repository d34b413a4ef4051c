"""What a correlation says in words: what was counted, in how long, and how many it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.times import NS_PER_S
from tocsin.detect.trips import plural

if TYPE_CHECKING:
    from tocsin.core.predicates import Correlation
    from tocsin.detect.sigma.correlating import Raised

_ASKS = {">=": "at least", ">": "more than", "<=": "at most", "<": "fewer than", "==": "exactly",
         "!=": "other than"}  # fmt: skip
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_MEASURES = {"value_sum": "sum", "value_avg": "mean", "value_median": "median",
             "value_percentile": "percentile"}  # fmt: skip


def figure_of(raised: Raised) -> str:
    """Return what was counted, in a few words."""
    rule, observed = raised.correlation, raised.observed
    match rule.type:
        case "event_count":
            return plural(int(observed), "event")
        case "value_count":
            return f"{plural(int(observed), 'value')} of {' and '.join(rule.fields)}"
        case "temporal":
            return f"{int(observed)} of {len(rule.rules)} rules"
        case "temporal_ordered":
            return f"{int(observed)} of {len(rule.rules)} rules in their order"
        case _:
            return f"{_MEASURES[rule.type]} {observed:g} of {' and '.join(rule.fields)}"


def words_of(raised: Raised) -> str:
    """Return the figure, the span that it may take and the bound.

    The span is the rule's: what happened in it is told by the evidence.
    """
    rule = raised.correlation
    bound = f"{_ASKS[rule.sign]} {rule.bound:g}"
    return f"{figure_of(raised)} within {span_of(rule)}; the rule asks for {bound}"


def span_of(rule: Correlation) -> str:
    """Return the span of a correlation in the largest whole unit."""
    seconds = rule.timespan_ns // NS_PER_S
    size, unit = next((s, u) for s, u in _UNITS if seconds % s == 0)
    return f"{seconds // size} {unit}"


def asked_of(rule: Correlation) -> str:
    """Return what a correlation asks for, in words."""
    group = f" of one {' and '.join(rule.group_by)}" if rule.group_by else ""
    bound = f"{_ASKS[rule.sign]} {rule.bound:g}"
    counted = " and ".join(rule.fields)
    what = {
        "event_count": f"{bound} events",
        "value_count": f"{bound} different values of {counted}",
        "temporal": f"{bound} of the rules",
        "temporal_ordered": f"{bound} of the rules in their order",
    }.get(rule.type, f"a {_MEASURES.get(rule.type, rule.type)} of {counted} of {bound}")
    return f"{what}{group} within {span_of(rule)}, of the events of:"
