"""HTTP/1 (RFC 9112) on any port: requests with the start of their body, and their answers.

Each side's stream is read message by message: heads split over segments are put together,
pipelined messages told apart, bodies skipped by their ``Content-Length`` (a chunked body,
or one without a length, ends where a segment begins a message). A request is given out once
its body is whole or `BODY_BYTES` of it are there, or the server answers; a response at the
end of its head. A response is joined to the oldest request without an answer.

A payload that leaves a head or a body unfinished gives an `HttpPiece`, the only thing that
slow denial of service consists of. Lengths are taken as claims: they skip, they never
allocate. Memory: `GATHER_BYTES_MAX` a side and `PENDING_MAX` requests.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.messages import HttpPiece, HttpRequest, HttpResponse
from tocsin.core.patterns import bytes_pattern
from tocsin.parse.protocols.segments import GATHER_BYTES_MAX, Reader

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tocsin.core.messages import Message
    from tocsin.parse.protocols.segments import Common, Segment

BODY_BYTES = 8192
HEADERS_MAX = 64
PENDING_MAX = 32
PIECE_BYTES_MAX = 256  # a larger part of a body is an upload, not a slow one
_TCP = 6
_METHODS = (
    b"GET |POST |HEAD |PUT |DELETE |OPTIONS |PATCH |CONNECT |TRACE |PROPFIND |PROPPATCH |"
    b"MKCOL |COPY |MOVE |LOCK |UNLOCK |REPORT |SEARCH |NOTIFY |SUBSCRIBE |DEBUG |TRACK "
)
_BEGINS = bytes_pattern(rb"(?:\r?\n)*(?:(?P<request>" + _METHODS + rb")|HTTP/1\.[01] \d{3})")
_BLANK = bytes_pattern(rb"\r?\n\r?\n")
_LENGTH_DIGITS_MAX = 15
_INFORMATIONAL, _SWITCHING, _OK, _MULTIPLE = 100, 101, 200, 300
_BODILESS = frozenset({204, 304})


@dataclass(slots=True)
class _Side:
    """One direction: what is gathered of a head, or how much of a body is still to come."""

    gathered: bytes = b""
    pieces: int = 0
    body_left: int = 0
    skips: bool = False  # until a segment begins a message
    waiting: HttpRequest | None = None  # its body is coming
    body: bytes = b""


class HttpReader(Reader):
    """Read one HTTP/1 connection."""

    name: ClassVar[str] = "http"

    def __init__(self) -> None:
        self._sides = (_Side(), _Side())
        self._pending: list[HttpRequest] = []
        self._is_tunnel = False  # after CONNECT or an upgrade: no HTTP any more

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by a method with a target or a status line; RTSP and SIP are others'."""
        found = _BEGINS.match(segment.data) if segment.proto == _TCP else None
        if found is None:
            return False
        line, ended, _ = segment.data[found.start() :].lstrip(b"\r\n").partition(b"\n")
        return not ended or b" HTTP/1" in line or line.startswith((b"HTTP/1", b"GET /"))

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield requests, responses and pieces of unfinished ones."""
        if self._is_tunnel or not segment.size_bytes:
            return
        side = self._sides[0 if segment.from_client else 1]
        data = segment.data
        if segment.is_gap:
            yield from self._resume(side, segment)
        missing = segment.size_bytes - len(data)
        while data:
            if side.body_left:
                data = yield from self._body(side, segment, data)
                continue
            if side.skips and not _BEGINS.match(data):
                return
            side.skips = False
            if not side.gathered:
                data = data.lstrip(b"\r\n")
                if not data:
                    return
            data = yield from self._head(side, segment, data)
        if missing > 0:  # cut by the capture
            side.gathered, side.pieces = b"", 0
            side.body_left = max(side.body_left - missing, 0)
            side.skips = side.body_left == 0

    def _resume(self, side: _Side, segment: Segment) -> Iterator[Message]:
        """Begin anew behind missing bytes, with what of a request was there."""
        yield from self._flush(side, segment)
        side.gathered, side.pieces, side.body_left, side.skips = b"", 0, 0, True
        begins = _BEGINS.match(segment.data)
        if begins and begins["request"]:
            self._pending.clear()
        else:
            del self._pending[:-1]

    def _flush(self, side: _Side, segment: Segment) -> Iterator[Message]:
        """Give out a request whose body did not come whole."""
        request, side.waiting = side.waiting, None
        if request is not None:
            yield self._sent(request, segment, side.body)
        side.body = b""

    def _sent(self, request: HttpRequest, segment: Segment, body: bytes) -> HttpRequest:
        fields = {name: getattr(request, name) for name in HttpRequest.__dataclass_fields__}
        fields |= {"at_ns": segment.at_ns, "offset": segment.offset, "body": body[:BODY_BYTES]}
        whole = HttpRequest(**fields)
        self._pending.append(whole)
        del self._pending[:-PENDING_MAX]
        return whole

    def _body(self, side: _Side, segment: Segment, data: bytes) -> Generator[Message, None, bytes]:
        """Take what of ``data`` belongs to the body and return the rest."""
        taken = data[: side.body_left]
        side.body_left -= len(taken)
        if side.waiting is not None:
            side.body += taken[: BODY_BYTES - len(side.body)]
            if side.body_left == 0 or len(side.body) >= BODY_BYTES:
                yield from self._flush(side, segment)
            elif len(taken) <= PIECE_BYTES_MAX:
                side.pieces += 1
                yield HttpPiece(
                    **segment.common(),
                    part="body",
                    pieces=side.pieces,
                    gathered_bytes=len(side.body),
                    length=len(side.body) + side.body_left,
                )
        return data[len(taken) :]

    def _head(self, side: _Side, segment: Segment, data: bytes) -> Generator[Message, None, bytes]:
        """Gather a head; give out what it began, and return what stands behind it."""
        kept = len(side.gathered)
        head = side.gathered + data[: GATHER_BYTES_MAX - kept]
        end = _BLANK.search(head, max(kept - 3, 0))
        if end is None and len(head) < GATHER_BYTES_MAX and len(segment.data) == segment.size_bytes:
            side.gathered, side.pieces = head, side.pieces + 1
            if _BEGINS.match(head) or len(head) < len(b"GET "):
                yield HttpPiece(
                    **segment.common(), part="head", pieces=side.pieces, gathered_bytes=len(head)
                )
            else:
                side.gathered, side.skips = b"", True
            return b""
        side.gathered, side.pieces = b"", 0
        rest = head[end.end() :] + data[GATHER_BYTES_MAX - kept :] if end else b""
        side.skips = end is None
        lines = (head[: end.start()] if end else head).decode("latin-1").split("\n")
        headers = _headers(lines[1 : HEADERS_MAX + 1])
        begins = _BEGINS.match(head)
        if begins is None:
            side.skips = True
            return b""
        if begins["request"]:
            yield from self._request(side, segment, lines[0], headers, is_whole=end is not None)
        else:
            yield from self._response(side, segment, lines[0], headers, rest)
        return rest

    def _request(
        self,
        side: _Side,
        segment: Segment,
        line: str,
        headers: tuple[tuple[str, str], ...],
        *,
        is_whole: bool,
    ) -> Iterator[Message]:
        yield from self._flush(side, segment)
        method, _, rest = line.rstrip("\r").partition(" ")
        target, _, version = rest.rpartition(" ")
        named = dict(reversed(headers))
        request = HttpRequest(
            **_oriented(segment, is_request=True),
            method=method,
            target=target if version.startswith("HTTP/") else rest,
            host=named.get("host", ""),
            headers=headers,
            is_whole=is_whole,
        )
        side.body_left = _length(named.get("content-length", ""))
        if is_whole and side.body_left:
            side.waiting, side.body = request, b""
            return
        if is_whole and "chunked" in named.get("transfer-encoding", "").lower():
            side.waiting, side.body, side.body_left = request, b"", 0
            yield from self._chunked(side, segment)
            return
        yield self._sent(request, segment, b"")

    def _chunked(self, side: _Side, segment: Segment) -> Iterator[Message]:
        """Take what came with the head as the body, chunk sizes and all."""
        behind = _BLANK.split(segment.data, maxsplit=1)
        side.body = behind[1][:BODY_BYTES] if len(behind) > 1 else b""
        side.skips = True
        yield from self._flush(side, segment)

    def _response(
        self,
        side: _Side,
        segment: Segment,
        line: str,
        headers: tuple[tuple[str, str], ...],
        rest: bytes,
    ) -> Iterator[Message]:
        status = int(line[9:12])
        if _INFORMATIONAL <= status < _OK and status != _SWITCHING:
            return
        other = self._sides[1 if segment.from_client else 0]
        if not self._pending:
            yield from self._flush(other, segment)
        request = self._pending.pop(0) if self._pending else None
        named = dict(reversed(headers))
        length = named.get("content-length", "")
        side.body_left, side.skips = _length(length), not length
        if status in _BODILESS or (request is not None and request.method == "HEAD"):
            side.body_left, side.skips = 0, False
        connects = request is not None and request.method == "CONNECT"
        self._is_tunnel = status == _SWITCHING or (connects and status < _MULTIPLE)
        yield HttpResponse(
            **_oriented(segment, is_request=False),
            status=status,
            headers=headers,
            body=rest[: side.body_left if length else BODY_BYTES][:BODY_BYTES],
            request=request,
        )

    def state(self) -> dict[str, Any]:
        """Return both sides, the requests without an answer, and whether it is a tunnel."""
        return {
            "sides": [asdict(side) for side in self._sides],
            "pending": [asdict(one) for one in self._pending],
            "is_tunnel": self._is_tunnel,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        first, second = (_side(one) for one in state["sides"])
        self._sides = (first, second)
        self._pending = [_request_of(one) for one in state["pending"]]
        self._is_tunnel = bool(state["is_tunnel"])


def _oriented(segment: Segment, *, is_request: bool) -> Common:
    """Return the ends as the message shows them: who asks is the client."""
    common = segment.common()
    if segment.from_client != is_request:
        common["client"], common["server"] = common["server"], common["client"]
        common["client_port"], common["server_port"] = segment.server_port, segment.client_port
    return common


def _headers(lines: list[str]) -> tuple[tuple[str, str], ...]:
    pairs = (line.partition(":") for line in lines)
    return tuple((name.strip().lower(), value.strip()) for name, sign, value in pairs if sign)


def _length(text: str) -> int:
    """Return a claimed length, 0 when it is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LENGTH_DIGITS_MAX else 0


def _request_of(values: dict[str, Any]) -> HttpRequest:
    headers = tuple((name, value) for name, value in values["headers"])
    return HttpRequest(**values | {"headers": headers})


def _side(values: dict[str, Any]) -> _Side:
    waiting = values["waiting"]
    return _Side(**values | {"waiting": None if waiting is None else _request_of(waiting)})
