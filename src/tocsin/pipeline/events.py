"""Logs to events, whatever their form: what ``tocsin parse`` prints and ``evaluate`` scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.errors import InputError
from tocsin.core.networks import NO_PROXIES
from tocsin.kernels.log_scan import Stamps
from tocsin.parse.event_json import EventJsonError, read_event
from tocsin.parse.flow_events import FlowEvents
from tocsin.parse.http_json import HttpJsonError, read_request
from tocsin.parse.reader import EventReader, newest_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tocsin.collect.source import Source
    from tocsin.core.event import Event
    from tocsin.core.networks import Proxies
    from tocsin.pipeline.matching import EventMatcher

HTTP_JSON, EVENT_JSON = "http-json", "event-json"
BY_LINE = (EVENT_JSON, HTTP_JSON)
_TAIL_BYTES = 1 << 16


def log_events(
    source: Source,
    *,
    year: int | None,
    zone: str,
    matcher: EventMatcher | None = None,
    proxies: Proxies = NO_PROXIES,
) -> Iterator[Event]:
    """Yield the events of one log; what is readable before damage comes before its error."""
    stamps = _stamps(source, year=year, zone=zone)
    reader = EventReader(source.path, stamps=stamps, proxies=proxies)
    damage = None
    try:
        for block in source.blocks():
            yield from _marked(reader.feed(block), matcher)
    except InputError as error:
        damage = error
    yield from _marked(reader.finish(), matcher)
    if damage is not None:
        raise damage


def flow_events(source: Source) -> Iterator[Event]:
    """Yield the events of one flow log, a record that a block cuts included."""
    reader = FlowEvents(source.path)
    damage = None
    try:
        for block in source.blocks():
            yield from reader.feed(bytes(block.data))
    except InputError as error:
        damage = error
    yield from reader.finish()
    if damage is not None:
        raise damage


def line_events(
    source: Source,
    *,
    form: str,
    matcher: EventMatcher | None,
    problem: Callable[[InputError], None],
) -> Iterator[Event]:
    """Yield one event per line of JSON of a form of `BY_LINE`; ``problem`` takes bad lines."""
    offset = 0
    content = b"".join(bytes(block.data) for block in source.blocks())
    for number, raw in enumerate(content.split(b"\n"), 1):
        place, offset = offset, offset + len(raw) + 1
        line = raw.decode("utf-8", errors="backslashreplace").strip()
        if not line:
            continue
        try:
            event = _read_line(line, form=form, matcher=matcher)
        except (EventJsonError, HttpJsonError) as error:
            problem(InputError(f"line {number} {error}", path=source.path, offset=place))
            continue
        event |= {"log.file.path": source.path, "log.offset": place, "log.line": number}
        yield event


def _read_line(line: str, *, form: str, matcher: EventMatcher | None) -> Event:
    if form == EVENT_JSON:
        event = read_event(line)
        return event if matcher is None else matcher.mark(event)
    request = read_request(line)
    if matcher is None:
        return request.event
    return matcher.mark(request.event, headers=request.headers, body=request.body)


def _marked(events: Iterator[Event], matcher: EventMatcher | None) -> Iterator[Event]:
    return events if matcher is None else map(matcher.mark, events)


def _stamps(source: Source, *, year: int | None, zone: str) -> Stamps:
    newest = None
    if year is not None and not source.compression and source.size_bytes:
        start = max(source.size_bytes - _TAIL_BYTES, 0)
        newest = newest_day(source.read_range(start, _TAIL_BYTES))
    return Stamps(year=year, zone=zone, fallback_ns=source.mtime_ns, newest=newest)
