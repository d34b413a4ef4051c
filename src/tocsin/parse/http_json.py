"""Web requests as JSON, one per line: ``{"id", "request": {"method", "uri", "headers", "data"}}``.

Headers are an object or a list of pairs; the body is text, or base64 under ``data_base64``. What
the log of a server would not hold (the body, other headers) is kept beside the event.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.core.event import Event

_NAMED = {
    "host": "url.domain",
    "user-agent": "user_agent.original",
    "referer": "http.request.referrer",
    "cookie": "http.request.cookie",
}


class HttpJsonError(ValueError):
    """A line is no request in this form."""


@dataclass(frozen=True, slots=True)
class JsonRequest:
    """One request: its event, and what an attack's grammar is looked for in."""

    event: Event
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]  # names in lower case
    body: bytes


def read_request(line: str) -> JsonRequest:
    """Return the request of a line; raises `HttpJsonError` with the reason."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise HttpJsonError(f"is no JSON: {error}") from error
    request = document.get("request") if isinstance(document, dict) else None
    if not isinstance(request, dict):
        raise HttpJsonError('expected an object with "request"')
    method, target = str(request.get("method") or "GET"), str(request.get("uri") or "/")
    headers = tuple(_headers(request.get("headers")))
    event: Event = {"@timestamp": None, "id": document.get("id"), "event.dataset": "http.request"}
    event["event.category"], event["event.action"] = "web", "http_request"
    event["http.request.method"], event["url.original"] = method, target
    path, sign, query = target.partition("?")
    event["url.path"] = path
    if sign:
        event["url.query"] = query
    for name, value in headers:
        if name in _NAMED:
            event.setdefault(_NAMED[name], value)
    return JsonRequest(event, method, target, headers, _body(request))


def _headers(given: Any) -> list[tuple[str, str]]:
    if isinstance(given, dict):
        given = list(given.items())
    if not isinstance(given, list):
        return []
    return [
        (str(pair[0]).lower(), str(pair[1]))
        for pair in given
        if isinstance(pair, list | tuple) and len(pair) == 2  # noqa: PLR2004 - name, value
    ]


def _body(request: dict[str, Any]) -> bytes:
    encoded = request.get("data_base64") or request.get("encoded_data")
    if isinstance(encoded, str):
        try:
            return base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise HttpJsonError(f"its body is no base64: {error}") from error
    data = request.get("data")
    if isinstance(data, list):
        data = "\r\n".join(str(one) for one in data)
    return str(data).encode("utf-8", "surrogateescape") if data is not None else b""
