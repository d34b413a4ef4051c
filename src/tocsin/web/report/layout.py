"""From values to one HTML file: no network, no script, bounded, the same bytes each time.

Pieces are rendered one by one, gravest incident first, and counted: when the bound of the
file is near, the rest stays in the table and is said to be left out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tocsin.core.times import NS_PER_S
from tocsin.web.report import view
from tocsin.web.report.charts import strip_svg, timeline_svg
from tocsin.web.report.visible import finalize
from tocsin.web.report.words import span

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tocsin.web.report.model import IncidentDetails, Report

PAGE_BYTES_MAX = 2_000_000
SECTIONS_MAX = 50
ROWS_MAX, ROWS_BYTES_MAX = 1000, 500_000
_SPARE_BYTES = 20_000  # for the sentences that say what was left out


def write_report(path: Path, report: Report) -> None:
    """Write the report as one HTML file of at most `PAGE_BYTES_MAX` bytes.

    Equal reports give equal bytes. Makes missing folders; raises `OSError`.
    """
    text = render_report(report)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def render_report(report: Report) -> str:
    """Return the page's text; every value from an input is escaped and made visible."""
    incidents = view.gravest_first(report.incidents)
    names = view.anchors(incidents)
    strip = strip_svg([d.incident for d in incidents], inputs=report.inputs, salt="strip")
    bare = _page(report, strip=strip, rows="", sections=[])
    room = PAGE_BYTES_MAX - _SPARE_BYTES - len(bare.encode())
    sections = _sections(incidents, names, bytes_max=room - min(ROWS_BYTES_MAX, room // 2))
    room -= sum(len(section.encode()) for section in sections)
    rows = _rows(incidents, names[: len(sections)], bytes_max=min(ROWS_BYTES_MAX, room))
    return _page(report, strip=strip, rows="".join(rows), sections=sections, rows_shown=len(rows))


def _sections(
    incidents: Sequence[IncidentDetails], names: Sequence[str], *, bytes_max: int
) -> list[str]:
    section = _parts().section
    done: list[str] = []
    for details, name in zip(incidents[:SECTIONS_MAX], names, strict=False):
        svg = ""
        if details.timeline is not None:
            svg = timeline_svg(details.timeline, incident=details.incident, salt=name)
        text = str(section(details, name, _trusted(svg)))
        bytes_max -= len(text.encode())
        if bytes_max < 0:
            break
        done.append(text)
    return done


def _rows(
    incidents: Sequence[IncidentDetails], names: Sequence[str], *, bytes_max: int
) -> list[str]:
    row = _parts().row
    done: list[str] = []
    for place, details in enumerate(incidents[:ROWS_MAX]):
        text = str(row(details.incident, names[place] if place < len(names) else ""))
        bytes_max -= len(text.encode())
        if bytes_max < 0:
            break
        done.append(text)
    return done


def _page(
    report: Report, *, strip: str, rows: str, sections: Sequence[str], rows_shown: int = 0
) -> str:
    template = _environment().get_template("page.html.j2")
    return template.render(
        report=report,
        css=_trusted(_stylesheet()),
        headline=view.headline(report),
        lede=view.cut(view.lede(report), 800),
        levels=view.level_counts(report),
        strip=_trusted(strip),
        strip_label=view.strip_label(report) if strip else "",
        has_spans=any(i.first_ns is not None for i in report.inputs),
        rows=_trusted(rows),
        sections=_trusted("".join(sections)),
        left_rows=len(report.incidents) - rows_shown,
        left_sections=max(0, rows_shown - len(sections)),
        suppressed_total=sum(report.suppressed.values()),
        conservation=view.conservation(report),
        limits=view.limits(report),
        took=span(int(report.wall_s * NS_PER_S)),
    )


def _trusted(markup: str) -> Markup:
    """Mark what this package itself has rendered, drawn or shipped."""
    return Markup(markup)  # noqa: S704 - never a value from an input


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tocsin.web.report"),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(view.functions())
    return environment


@lru_cache(maxsize=1)
def _parts() -> Any:
    return _environment().get_template("parts.html.j2").module


def _stylesheet() -> str:
    loader = PackageLoader("tocsin.web.report")
    return loader.get_source(_environment(), "style.css")[0]
