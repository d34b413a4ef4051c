"""Numbers, times and spans as people read them; the same text on every machine."""

from __future__ import annotations

import math

from tocsin.core.times import DAY_NS, NS_PER_MS, NS_PER_S, rfc3339

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400
_KIBI = 1024


def number(value: float | None) -> str:
    """Return ``412``, ``3.1``, ``48,112``; a dash for what is not known.

    >>> [number(v) for v in (412.0, 3.14159, 48112, 0.00042, None)]
    ['412', '3.14', '48,112', '0.00042', '–']
    """
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if abs(value) >= 1e15:  # noqa: PLR2004 - too wide to read as digits
        return f"{value:.3g}"
    if float(value).is_integer():
        return f"{int(value):,}"
    if abs(value) >= 100:  # noqa: PLR2004 - three digits say enough
        return f"{value:,.0f}"
    return f"{value:.3g}"


def chance(p_value: float | None) -> str:
    """Return a p-value as ``2e-9``; one that underflows is said to be below a bound.

    >>> [chance(p) for p in (2e-9, 0.0, 0.03, None)]
    ['2e-9', '< 1e-300', '0.03', '–']
    """
    if p_value is None or math.isnan(p_value):
        return "–"
    if p_value < 1e-300:  # noqa: PLR2004 - below this a double is not exact any more
        return "< 1e-300"
    if p_value < 0.001:  # noqa: PLR2004
        mantissa, exponent = f"{p_value:.0e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    return f"{p_value:.2g}"


def size(count: int) -> str:
    """Return bytes as ``512 B``, ``1.5 MiB``.

    >>> size(512), size(1_572_864)
    ('512 B', '1.5 MiB')
    """
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < _KIBI:
            return f"{value:.0f} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= _KIBI
    return f"{value:,.1f} TiB"


def many(count: int, noun: str, plural: str = "") -> str:
    """Return ``1 packet``, ``1,204 packets``, ``no packets``.

    >>> many(1, "packet"), many(0, "entry", "entries")
    ('1 packet', 'no entries')
    """
    words = noun if count == 1 else plural or f"{noun}s"
    return f"{count:,} {words}" if count else f"no {words}"


def span(span_ns: int) -> str:
    """Return the two largest units of a span of time.

    >>> [span(n * 1_000_000_000) for n in (0, 48, 2268, 90_061)]
    ['0 s', '48 s', '37 min 48 s', '1 d 1 h']
    """
    span_ns = max(0, span_ns)
    if 0 < span_ns < NS_PER_S:
        return f"{max(1, span_ns // NS_PER_MS)} ms"
    if span_ns < 10 * NS_PER_S and span_ns % NS_PER_S:
        return f"{span_ns / NS_PER_S:.1f} s"
    days, rest_s = divmod(span_ns // NS_PER_S, _DAY_S)
    hours, rest_s = divmod(rest_s, _HOUR_S)
    minutes, seconds = divmod(rest_s, _MINUTE_S)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    first = next((i for i, (n, _) in enumerate(parts) if n), 3)
    return " ".join(f"{n} {unit}" for n, unit in parts[first : first + 2] if n or first == 3)  # noqa: PLR2004 - seconds


def moment(time_ns: int | None) -> str:
    """Return ``2026-11-23 05:41:00 UTC``, to the second; a dash when not known."""
    text = rfc3339(time_ns)
    return "–" if text is None else f"{text[:10]} {text[11:19]} UTC"


def exact(time_ns: int | None) -> str:
    """Return RFC 3339 for the machine-readable attribute of a time; empty when unknown."""
    return rfc3339(time_ns) or ""


def period(first_ns: int, last_ns: int) -> str:
    """Return a period with the date said once where one day holds it.

    >>> period(0, 3_600_000_000_000)
    '1970-01-01 00:00:00 to 01:00:00 UTC'
    """
    first, last = moment(first_ns), moment(last_ns)
    if first == last:
        return first
    shown = last[11:] if first_ns // DAY_NS == last_ns // DAY_NS else last
    return f"{first.removesuffix(' UTC')} to {shown}"


def listed(names: tuple[str, ...], *, total: int = 0, shown_max: int = 3) -> str:
    """Return ``a, b and c``, or ``a, b, c and 1,204 more``.

    >>> listed(("a", "b", "c", "d"), total=100, shown_max=2)
    'a, b and 98 more'
    """
    total = max(total, len(names))
    shown = list(names[:shown_max])
    if total > len(shown):
        shown.append(f"{total - len(shown):,} more")
    if len(shown) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
