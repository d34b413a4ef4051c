"""From events to the messages that detectors judge: the event itself, and requests it tells of.

A line of a web server's log is the request and its answer, so that what packets show and what the
server wrote down are judged by the same detectors. A log holds no bodies and few headers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tocsin.core.log_messages import AskedEvent, LogEvent
from tocsin.core.messages import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tocsin.core.event import Event
    from tocsin.core.messages import Message

# A request as error logs quote it: nginx behind ``request: ``, Apache behind what is wrong with it.
_QUOTED = re.compile(
    r"(?:, request: \"|Invalid (?:URI|method) in request )"
    r"(?P<method>[A-Z]{3,16}) (?P<target>\S{1,8000})"
)
_CATEGORIES = frozenset({"web", "intrusion_detection"})  # what a firewall refused is a request too
ERROR_LOGS = frozenset({"apache.error", "nginx.error"})
_HEADERS = {
    "user-agent": "user_agent.original",
    "referer": "http.request.referrer",
    "x-forwarded-for": "tocsin.claimed.forwarded",
}


def asked_event(event: Event, *, at_ns: int, offset: int, size_bytes: int) -> AskedEvent:
    """Return what an event says to the event rules that asked for it, and to nobody else."""
    return AskedEvent(
        at_ns=at_ns,
        offset=offset,
        client=event.get("source.ip", ""),
        server=event.get("host.name", ""),
        client_port=event.get("source.port", 0),
        start_ns=at_ns,
        start_offset=offset,
        size_bytes=size_bytes,
        event=event,
    )


def messages_of(event: Event, row: Mapping[str, int], at_ns: int) -> Iterator[Message]:
    """Yield what an event says, itself first; ``row`` tells where its record stands."""
    common: dict[str, Any] = {
        "at_ns": at_ns,
        "offset": row["offset"],
        "client": event.get("source.ip", ""),
        "client_port": event.get("source.port", 0),
        "start_ns": at_ns,
        "start_offset": row["offset"],
        "size_bytes": row["length"],
    }
    host = event.get("host.name", "")
    yield LogEvent(server=host, event=event, **common)
    if not common["client"]:
        return
    if event.get("event.dataset") in ERROR_LOGS:
        yield from _quoted(event, host, common)
    elif event.get("event.category") in _CATEGORIES:
        is_proxy = event.get("event.dataset") == "squid"
        named = host or event.get("url.domain", "")
        yield from _requests(event, named or ("proxy" if is_proxy else ""), common)


def _quoted(event: Event, server: str, common: dict[str, Any]) -> Iterator[Message]:
    """Yield the request that an error is about; its answer stands in another log."""
    found = _QUOTED.search(event.get("event.original", ""))
    if found is not None:
        yield HttpRequest(
            server=server or "web", method=found["method"], target=found["target"], host="",
            headers=(), **common,
        )  # fmt: skip


def _requests(event: Event, server: str, common: dict[str, Any]) -> Iterator[Message]:
    target = event.get("url.original") or _target(event) or event.get("http.request.raw", "")
    if not target:
        return
    headers = tuple((name, str(event[field])) for name, field in _HEADERS.items() if field in event)
    request = HttpRequest(
        server=server or "web",
        method=event.get("http.request.method", ""),
        target=target,
        host=event.get("url.domain", ""),
        headers=headers,
        **common,
    )
    yield request
    status = event.get("http.response.status_code")
    if isinstance(status, int):
        yield HttpResponse(
            server=server or "web", status=status, headers=(), request=request,
            from_client=False, **common,
        )  # fmt: skip


def _target(event: Event) -> str:
    path, query = event.get("url.path", ""), event.get("url.query", "")
    return f"{path}?{query}" if path and query not in {"", "-"} else str(path)
