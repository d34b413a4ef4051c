"""HTTP messages made by hand, for tests of detectors here and in plugins."""

from __future__ import annotations

from tocsin.core.messages import HttpPiece, HttpRequest, HttpResponse

SERVER = "198.51.100.10"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def asked(
    client: str,
    at_ns: int,
    target: str,
    *,
    method: str = "GET",
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
    conversation: int = 1,
    server: str = SERVER,
) -> HttpRequest:
    """Return a request of a browser; ``conversation`` tells connections apart."""
    return HttpRequest(
        at_ns=at_ns,
        offset=at_ns // 1000,
        client=client,
        server=server,
        client_port=40_000 + conversation % 20_000,
        server_port=80,
        start_ns=at_ns,
        start_offset=conversation,
        size_bytes=400 + len(body),
        method=method,
        target=target,
        host="www.example.org",
        headers=(("host", "www.example.org"), ("user-agent", BROWSER), *headers),
        body=body,
    )


def answered(request: HttpRequest, status: int, *, body: bytes = b"") -> HttpResponse:
    """Return the answer to a request, 1 ms after it."""
    return HttpResponse(
        at_ns=request.at_ns + 1_000_000,
        offset=request.offset + 1,
        client=request.client,
        server=request.server,
        client_port=request.client_port,
        server_port=request.server_port,
        start_offset=request.start_offset,
        from_client=False,
        size_bytes=200 + len(body),
        status=status,
        headers=(),
        body=body,
        request=request,
    )


def begun(
    client: str,
    at_ns: int,
    *,
    conversation: int,
    pieces: int = 1,
    part: str = "head",
    server: str = SERVER,
) -> HttpPiece:
    """Return a piece of a request that is not finished, ten bytes each."""
    return HttpPiece(
        at_ns=at_ns,
        offset=at_ns // 1000,
        client=client,
        server=server,
        client_port=40_000 + conversation % 20_000,
        server_port=80,
        start_offset=conversation,
        size_bytes=10,
        part=part,
        pieces=pieces,
        gathered_bytes=10 * pieces,
    )
