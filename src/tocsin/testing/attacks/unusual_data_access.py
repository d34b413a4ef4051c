"""A dump of a database fetched from a web server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.messages import HttpRequest, HttpResponse
from tocsin.testing.attacks import party
from tocsin.testing.neighbour_messages import MS

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def attack(number: int, at_ns: int) -> list[Message]:
    """Return one request and its answer."""
    return [fetched(at_ns, party(number), "/backup/shop.sql", b"-- MySQL dump 10.13")]


def fetched(
    at_ns: int, client: str, path: str, body: bytes, *, status: int = 200, kind: str = "text/plain"
) -> HttpResponse:
    """Return the answer of web server 198.51.100.10 to a request for ``path``."""
    asked = HttpRequest(
        at_ns=at_ns, offset=at_ns // MS, client=client, server="198.51.100.10",
        client_port=40_000, server_port=80, method="GET", target=path,
        host="www.example.org", headers=(),
    )  # fmt: skip
    return HttpResponse(
        at_ns=at_ns + MS, offset=at_ns // MS + 1, client=client, server="198.51.100.10",
        client_port=40_000, server_port=80, status=status,
        headers=(("content-type", kind),), body=body, request=asked, size_bytes=len(body),
    )  # fmt: skip
