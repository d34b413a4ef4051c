"""Which template each event's line is of: for ``tocsin parse --templates``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.kernels.template_miner import TemplateMiner

if TYPE_CHECKING:
    from tocsin.core.event import Event


class TemplateMarker:
    """Mines the lines of one source as their events pass; see `tocsin.kernels.template_miner`."""

    def __init__(self) -> None:
        self._miner = TemplateMiner()

    def mark(self, event: Event) -> Event:
        """Add ``tocsin.template.id`` and ``tocsin.template.text``, as they are known by now.

        What the line says is mined, without its syslog header. A template that turns out to
        be part of another goes on under the lower number of the two.
        """
        template = self._miner.root(self._miner.add(_message(event)))
        event["tocsin.template.id"] = template
        event["tocsin.template.text"] = self._miner.text(template)
        return event


def _message(event: Event) -> str:
    """Return what stands behind the header ``program[pid]: ``, all where there is none."""
    text = str(event.get("event.original", ""))
    program = str(event.get("process.name") or "")
    at = text.find(program) if program else -1
    end = text.find(": ", at) if at >= 0 else -1
    return text[end + 2 :] if end >= 0 else text
