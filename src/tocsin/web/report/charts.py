"""The two charts of the report, as inline SVG that takes its colours from the page.

Drawn by matplotlib without pyplot and imported when first needed (0.5 s). The SVG has no
text of the input in it: only numbers and times. Colours are drawn as sentinels and
rewritten to CSS variables, so that one drawing serves light, dark and print; matplotlib's
prolog, metadata and unused ids are taken off, so that equal input gives equal bytes.
"""

from __future__ import annotations

import io
import math
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tocsin.core.times import NS_PER_S
from tocsin.web.report.ticks import compact, time_ticks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tocsin.core.incident import Incident
    from tocsin.web.report.model import InputRead, Timeline

SVG_BYTES_MAX = 30_000
BARS_MAX = 120
_WIDTH_IN, _DPI = 10.0, 72  # an SVG point is 1/72 inch: the view box is 720 wide
_MERGED_SHARE = 0.008  # of the width: what is nearer than this is one mark
_TIME_NS_MAX = 2**63 - 1
_LEVELS = ("P1", "P2", "P3", "P4", "P5")
_COLOURS = {
    "#010101": "ink", "#020202": "muted", "#030303": "rule", "#040404": "bar",
    "#050505": "usual", "#060606": "accent", "#070707": "span",
    "#0a0101": "p1", "#0a0202": "p2", "#0a0303": "p3", "#0a0404": "p4", "#0a0505": "p5",
}  # fmt: skip
_SENTINEL = {name: colour for colour, name in _COLOURS.items()}


_Series = tuple[list[int], list[float] | None, int]  # counts, usual, nanoseconds per bar
_Lane = tuple[str, str, list[tuple[int, int]]]  # name, colour, (first, last) of each mark


def timeline_svg(timeline: Timeline, *, incident: Incident, salt: str) -> str:
    """Return the records of an incident over time; empty when there is nothing to draw.

    A series of more than `BARS_MAX` buckets is added up to fewer. Dashed: what is usual;
    upright line: when it was raised; shade: the incident's own span.
    """
    merged = _merged(timeline)
    if merged is None:
        return ""
    with _plain_style(salt):
        return _svg(_drawn_timeline(timeline, merged, incident=incident))


def _drawn_timeline(timeline: Timeline, merged: _Series, *, incident: Incident) -> Any:
    counts, usual, width_ns = merged
    edges = [i * width_ns / NS_PER_S for i in range(len(counts) + 1)]
    figure, axes = _canvas(height_in=2.05, left=0.065, bottom=0.17, top=0.89)
    low, high = (
        min(max((ns - timeline.start_ns) / NS_PER_S, 0.0), edges[-1])
        for ns in (incident.first_ns, incident.last_ns)
    )
    if high - low < 0.97 * edges[-1]:
        axes.axvspan(low, max(high, low + edges[-1] / 400), color=_SENTINEL["span"], lw=0)
    axes.stairs(counts, edges, fill=True, color=_SENTINEL["bar"], lw=0)
    if usual is not None:
        axes.stairs(usual, edges, color=_SENTINEL["usual"], lw=1.4, ls=(0, (4, 3)), baseline=None)
    peak = max([*counts, *(usual or [])])
    axes.set_xlim(0, edges[-1])
    axes.set_ylim(0, (peak or 1) * 1.08)
    if timeline.detected_ns is not None:
        _mark_detection(axes, (timeline.detected_ns - timeline.start_ns) / NS_PER_S, edges[-1])
    _count_axis(axes)
    _time_axis(axes, timeline.start_ns, len(counts) * width_ns)
    return figure


def strip_svg(incidents: Sequence[Incident], *, inputs: Sequence[InputRead], salt: str) -> str:
    """Return all incidents on one axis of time, a lane per priority, and what was read.

    Marks nearer than a hundredth of the width are drawn as one.
    """
    lanes = [
        (
            level,
            _SENTINEL[level.lower()],
            [(i.first_ns, i.last_ns) for i in incidents if i.priority == level],
        )
        for level in _LEVELS
    ]
    lanes = [lane for lane in lanes if lane[2]]
    read = [
        (i.first_ns, i.last_ns) for i in inputs if i.first_ns is not None and i.last_ns is not None
    ]
    if read:
        lanes.append(("read", _SENTINEL["rule"], read))
    times = [ns for _, _, spans in lanes for pair in spans for ns in pair]
    if not incidents or not times:
        return ""
    start_ns, span_ns = min(times), max(max(times) - min(times), NS_PER_S)
    with _plain_style(salt):
        return _svg(_drawn_strip(lanes, start_ns=start_ns, span_ns=span_ns))


def _drawn_strip(lanes: list[_Lane], *, start_ns: int, span_ns: int) -> Any:
    height_in = 0.36 + 0.25 * len(lanes)
    figure, axes = _canvas(height_in=height_in, left=0.065, bottom=0.34 / height_in, top=1.0)
    for row, (name, colour, spans) in enumerate(reversed(lanes)):
        height = 0.16 if name == "read" else 0.56
        _draw_lane(
            axes, spans, row=row, height=height, colour=colour, start_ns=start_ns, span_ns=span_ns
        )
    axes.set_ylim(-0.6, len(lanes) - 0.4)
    axes.set_yticks(range(len(lanes)), [name for name, _, _ in reversed(lanes)])
    pad_s = span_ns / NS_PER_S / 100
    axes.set_xlim(-pad_s, span_ns / NS_PER_S + pad_s)
    _time_axis(axes, start_ns, span_ns)
    return figure


def _merged(timeline: Timeline) -> _Series | None:
    counts = [max(0, count) for count in timeline.counts]
    end_ns = timeline.start_ns + len(counts) * timeline.bucket_ns
    if not counts or timeline.bucket_ns < 1 or end_ns > _TIME_NS_MAX:
        return None
    step = -(-len(counts) // BARS_MAX)
    usual = timeline.expected_counts
    if usual is not None and (len(usual) != len(counts) or not all(map(math.isfinite, usual))):
        usual = None
    starts = range(0, len(counts), step)
    return (
        [sum(counts[i : i + step]) for i in starts],
        None if usual is None else [sum(usual[i : i + step]) for i in starts],
        step * timeline.bucket_ns,
    )


def _canvas(*, height_in: float, left: float, bottom: float, top: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH_IN, height_in), dpi=_DPI)
    figure.patch.set_visible(False)
    axes = figure.add_axes((left, bottom, 0.985 - left, top - bottom))
    axes.patch.set_visible(False)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(_SENTINEL["rule"])
    axes.tick_params(
        length=0, pad=7, labelsize=10.5, labelcolor=_SENTINEL["muted"], color=_SENTINEL["rule"]
    )
    return figure, axes


def _mark_detection(axes: Any, at_s: float, end_s: float) -> None:
    if not 0 <= at_s <= end_s:
        return
    axes.axvline(at_s, color=_SENTINEL["accent"], lw=1.4)
    is_late = at_s > 0.8 * end_s
    axes.annotate(
        "raised", (at_s, 1.0), xycoords=("data", "axes fraction"), fontsize=10.5,
        xytext=(-4 if is_late else 4, 4), textcoords="offset points",
        ha="right" if is_late else "left", color=_SENTINEL["accent"],
    )  # fmt: skip


def _count_axis(axes: Any) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
    axes.yaxis.set_major_formatter(lambda value, _position: compact(value))
    axes.grid(axis="y", color=_SENTINEL["rule"], lw=0.6)
    axes.set_axisbelow(True)


def _time_axis(axes: Any, start_ns: int, span_ns: int) -> None:
    ticks = time_ticks(start_ns, span_ns)
    axes.set_xticks([at_ns / NS_PER_S for at_ns, _ in ticks], [text for _, text in ticks])
    axes.tick_params(axis="x", length=3)


def _draw_lane(
    axes: Any,
    spans: list[tuple[int, int]],
    *,
    row: int,
    height: float,
    colour: str,
    start_ns: int,
    span_ns: int,
) -> None:
    """Draw all spans of a lane as one path: a thousand incidents are not a thousand nodes."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    least_ns = int(span_ns * _MERGED_SHARE)
    joined: list[list[int]] = []
    for first_ns, last_ns in sorted(spans):
        end_ns = max(last_ns, first_ns + least_ns)
        if joined and first_ns <= joined[-1][1] + least_ns // 4:
            joined[-1][1] = max(joined[-1][1], end_ns)
        else:
            joined.append([first_ns, end_ns])
    low, high = row - height / 2, row + height / 2
    points: list[tuple[float, float]] = []
    for first_ns, end_ns in joined:
        left, right = (first_ns - start_ns) / NS_PER_S, (end_ns - start_ns) / NS_PER_S
        points += [(left, low), (right, low), (right, high), (left, high), (left, low)]
    codes = [Outline.MOVETO, *[Outline.LINETO] * 3, Outline.CLOSEPOLY] * len(joined)
    axes.add_patch(PathPatch(Outline(points, codes), facecolor=colour, lw=0))


@contextmanager
def _plain_style(salt: str) -> Iterator[None]:
    """Draw in matplotlib's own defaults: a person's matplotlibrc must not change a report."""
    import matplotlib as mpl
    from matplotlib import style

    with style.context("default"), mpl.rc_context():
        mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": salt, "path.simplify": False})
        yield


def _svg(figure: Any) -> str:
    sink = io.StringIO()
    figure.savefig(sink, format="svg", metadata={"Date": None, "Creator": None})
    text = _trimmed(sink.getvalue())
    return text if len(text) <= SVG_BYTES_MAX else ""


def _trimmed(svg: str) -> str:
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    box = re.search(r'viewBox="([^"]+)"', svg)
    size = box.group(1) if box else "0 0 720 150"
    svg = re.sub(
        r"^<svg[^>]*>", f'<svg viewBox="{size}" aria-hidden="true" focusable="false">', svg
    )
    svg = re.sub(r"xlink:href", "href", svg)
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
    svg = re.sub(r' id="([^"]+)"', lambda m: m.group(0) if m.group(1) in used else "", svg)
    svg = re.sub(r"#0[0-9a]0[1-7]0[1-7]", lambda m: f"var(--{_COLOURS[m.group(0)]})", svg)
    svg = re.sub(r"(\d\.\d{2})\d+", r"\1", svg)
    svg = re.sub(r"font: ([\d.]+px)[^;\"]*", r"font-size: \1", svg)
    return re.sub(r"\s*\n\s*", " ", svg).replace("<defs> </defs>", "").strip()
