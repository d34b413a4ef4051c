"""Templates and windows of counts made by hand, as the messages that detectors hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.log_messages import NewTemplate, TemplateWindow
from tocsin.core.times import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Mapping

_WINDOW_NS = 600 * NS_PER_S


def window(
    start_ns: int,
    counts: Mapping[int, int],
    *,
    program: str = "shopd",
    triples: int = 0,
    unseen: int = 0,
) -> TemplateWindow:
    """Return what a program on web01 wrote in the ten minutes from ``start_ns`` on."""
    offset = start_ns // 1_000_000
    return TemplateWindow(
        at_ns=start_ns + _WINDOW_NS, start_ns=start_ns, offset=offset + 500, start_offset=offset,
        last_offset=offset + 500, client="", server="web01", program=program,
        counts=tuple(sorted(counts.items())),
        texts=tuple(f"did thing {template} <*>" for template in sorted(counts)),
        triples=triples, unseen=unseen,
    )  # fmt: skip


def first_time(
    at_ns: int,
    text: str,
    *,
    program: str = "shopd",
    lines: int = 1000,
    templates: int = 6,
    singles: int = 0,
) -> NewTemplate:
    """Return that a program on web01 wrote something for the first time."""
    offset = at_ns // 1_000_000
    return NewTemplate(
        at_ns=at_ns, start_ns=at_ns, offset=offset, start_offset=offset, client="",
        server="web01", size_bytes=80, program=program, template=77, text=text,
        line=text.replace("<*>", "42"), lines=lines, templates=templates, singles=singles,
    )  # fmt: skip
