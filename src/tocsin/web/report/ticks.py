"""Where the marks of a time axis stand, in integers; the same on every machine."""

from __future__ import annotations

from datetime import UTC, datetime

from tocsin.core.times import DAY_NS, NS_PER_MS, NS_PER_S, NS_PER_US

_MINUTE_NS, _HOUR_NS = 60 * NS_PER_S, 3600 * NS_PER_S
_STEPS_NS = (
    *(n * unit for unit in (NS_PER_US, NS_PER_MS) for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(n * NS_PER_S for n in (1, 2, 5, 10, 15, 30)),
    *(n * _MINUTE_NS for n in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR_NS for n in (1, 2, 3, 6, 12)),
    *(n * DAY_NS for n in (1, 2, 5, 10, 30, 90, 180, 365, 3650)),
)
_TICKS_MAX = 7
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def time_ticks(start_ns: int, span_ns: int) -> list[tuple[int, str]]:
    """Return (nanoseconds after the start, label) of round UTC times within the span.

    >>> time_ticks(0, 90 * 60 * 1_000_000_000)[1:3]
    [(900000000000, '00:15'), (1800000000000, '00:30')]
    """
    step_ns = next((s for s in _STEPS_NS if span_ns / s <= _TICKS_MAX), span_ns)
    first_ns = -(-start_ns // step_ns) * step_ns
    times = range(first_ns, start_ns + span_ns + 1, step_ns)
    return [(at_ns - start_ns, _label(at_ns, step_ns)) for at_ns in times]


def compact(value: float) -> str:
    """Return a count for an axis: ``950``, ``1.2k``, ``3M``.

    >>> [compact(v) for v in (950.0, 1200.0, 3e6)]
    ['950', '1.2k', '3M']
    """
    for bound, unit in _UNITS:
        if abs(value) >= bound:
            return f"{value / bound:.3g}{unit}"
    return f"{value:.3g}"


def _label(at_ns: int, step_ns: int) -> str:
    seconds, rest_ns = divmod(at_ns, NS_PER_S)
    at = datetime.fromtimestamp(seconds, UTC)
    if step_ns >= 365 * DAY_NS:
        return at.strftime("%Y")
    if step_ns >= DAY_NS:
        return at.strftime("%m-%d")
    if step_ns >= _MINUTE_NS:
        return (
            at.strftime("%m-%d")
            if at_ns % DAY_NS == 0 and step_ns >= _HOUR_NS
            else at.strftime("%H:%M")
        )
    if step_ns >= NS_PER_S:
        return at.strftime("%H:%M:%S")
    digits = 3 if step_ns >= NS_PER_MS else 6
    return f"{at.strftime('%H:%M:%S')}.{rest_ns // 10 ** (9 - digits):0{digits}d}"
