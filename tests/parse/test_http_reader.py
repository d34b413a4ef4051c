"""HTTP/1 conversations: split, pipelined, chunked, cut short and joined to their answers."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from tocsin.core.messages import HttpPiece, HttpRequest, HttpResponse
from tocsin.parse.protocols.http import HttpReader
from tocsin.parse.protocols.segments import Segment

if TYPE_CHECKING:
    from tocsin.core.messages import Message


def segment(
    data: bytes, *, at: int = 1, by_client: bool = True, gap: bool = False, size: int | None = None
) -> Segment:
    return Segment(
        at_ns=at, offset=at, client="192.0.2.10", server="198.51.100.10", client_port=40_000,
        server_port=8080, proto=6, start_ns=0, start_offset=24, from_client=by_client,
        size_bytes=len(data) if size is None else size, data=data, is_gap=gap,
    )  # fmt: skip


def read(*segments: Segment) -> list[Message]:
    reader = HttpReader()
    return [message for one in segments for message in reader.read(one)]


def test_a_request_is_read_with_its_headers() -> None:
    (found,) = read(segment(b"GET /a?b=1 HTTP/1.1\r\nHost: Example.org\r\nX-A:  1 \r\n\r\n"))

    assert isinstance(found, HttpRequest)
    assert (found.method, found.target, found.host) == ("GET", "/a?b=1", "Example.org")
    assert found.headers == (("host", "Example.org"), ("x-a", "1"))
    assert (found.client, found.server, found.server_port) == (
        "192.0.2.10", "198.51.100.10", 8080,
    )  # fmt: skip


def test_a_head_in_three_pieces_is_one_request() -> None:
    first, second, found = read(
        segment(b"GET /a HT", at=1),
        segment(b"TP/1.1\r\nHost: x\r", at=2),
        segment(b"\n\r\n", at=3),
    )

    assert isinstance(first, HttpPiece)
    assert isinstance(second, HttpPiece)
    assert (second.part, second.pieces, second.gathered_bytes) == ("head", 2, 25)
    assert isinstance(found, HttpRequest)
    assert (found.target, found.host, found.at_ns) == ("/a", "x", 3)


def test_pipelined_requests_are_answered_in_their_order() -> None:
    found = read(
        segment(b"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"),
        segment(
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 404 No\r\n"
            b"Content-Length: 0\r\n\r\n",
            by_client=False,
        ),
    )

    answers = [one for one in found if isinstance(one, HttpResponse)]
    assert [(one.status, one.request and one.request.target, one.body) for one in answers] == [
        (200, "/1", b"ab"),
        (404, "/2", b""),
    ]


def test_a_body_in_a_segment_of_its_own_belongs_to_its_request() -> None:
    (found, after) = read(
        segment(b"POST /a HTTP/1.1\r\nContent-Length: 600\r\n\r\n"),
        segment(b"x" * 600),
        segment(b"GET /b HTTP/1.1\r\n\r\n"),
    )

    assert isinstance(found, HttpRequest)
    assert (found.target, len(found.body)) == ("/a", 600)
    assert isinstance(after, HttpRequest)


def test_a_request_inside_a_body_is_no_request() -> None:
    inner = b"GET /inner HTTP/1.1\r\n\r\n"
    found = read(
        segment(b"POST /a HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(inner)), segment(inner)
    )

    assert [one.target for one in found if isinstance(one, HttpRequest)] == ["/a"]


def test_a_body_that_comes_in_crumbs_gives_pieces() -> None:
    found = read(
        segment(b"POST /a HTTP/1.1\r\nContent-Length: 8192\r\n\r\n"), segment(b"x"), segment(b"y")
    )

    assert [(one.part, one.pieces, one.length) for one in found if isinstance(one, HttpPiece)] == [
        ("body", 1, 8192),
        ("body", 2, 8192),
    ]


def test_an_answer_ends_the_wait_for_a_body() -> None:
    asked, answered = read(
        segment(b"POST /a HTTP/1.1\r\nContent-Length: 9000\r\n\r\n"),
        segment(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", by_client=False),
    )

    assert isinstance(asked, HttpRequest)
    assert isinstance(answered, HttpResponse)
    assert answered.request is asked


def test_an_interim_answer_is_no_answer() -> None:
    found = read(
        segment(b"PUT /a HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"),
        segment(b"HTTP/1.1 100 Continue\r\n\r\n", by_client=False),
        segment(b"ok"),
        segment(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", by_client=False),
    )

    assert [type(one).__name__ for one in found] == ["HttpRequest", "HttpResponse"]
    assert isinstance(found[1], HttpResponse)
    assert found[1].request is not None
    assert found[1].request.body == b"ok"


def test_behind_a_gap_reading_begins_anew() -> None:
    found = read(
        segment(b"POST /a HTTP/1.1\r\nContent-Length: 100000\r\n\r\n"),
        segment(b"x" * 100, gap=True),
        segment(b"GET /b HTTP/1.1\r\n\r\n", gap=True),
    )

    assert [one.target for one in found if isinstance(one, HttpRequest)] == ["/a", "/b"]


def test_a_chunked_body_is_taken_as_it_stands() -> None:
    (found,) = read(
        segment(b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    )

    assert isinstance(found, HttpRequest)
    assert found.body.startswith(b"3\r\nabc")


def test_a_request_by_the_side_that_was_met_second_turns_the_ends() -> None:
    (found,) = read(segment(b"GET / HTTP/1.1\r\n\r\n", by_client=False))

    assert (found.client, found.server, found.client_port) == ("198.51.100.10", "192.0.2.10", 8080)


def test_after_an_upgrade_nothing_is_read() -> None:
    found = read(
        segment(b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"),
        segment(b"HTTP/1.1 101 Switching Protocols\r\n\r\n", by_client=False),
        segment(b"GET /not/a/request HTTP/1.1\r\n\r\n"),
    )

    assert len(found) == 2


def test_a_head_that_the_capture_cut_is_given_out_as_not_whole() -> None:
    (found,) = read(segment(b"GET /a HTTP/1.1\r\nHost: x\r\nX-Long: aaa", size=2000))

    assert isinstance(found, HttpRequest)
    assert (found.target, found.host, found.is_whole) == ("/a", "x", False)


def test_an_endless_head_is_given_up() -> None:
    found = read(*(segment(b"GET /" + b"a" * 1000 if n == 0 else b"a" * 1000) for n in range(20)))

    requests = [one for one in found if isinstance(one, HttpRequest)]
    assert [one.is_whole for one in requests] == [False]


def test_other_protocols_are_not_claimed() -> None:
    assert HttpReader.claims(segment(b"GET / HTTP/1.0\r\n"))
    assert HttpReader.claims(segment(b"HTTP/1.1 200 OK\r\n"))
    assert not HttpReader.claims(segment(b"OPTIONS rtsp://x RTSP/1.0\r\nCSeq: 1\r\n"))
    assert not HttpReader.claims(segment(b"OPTIONS sip:a@example.org SIP/2.0\r\n"))
    assert not HttpReader.claims(segment(b"GETTING /"))


def test_a_restart_goes_on_in_the_middle_of_a_body() -> None:
    old, fresh = HttpReader(), HttpReader()
    assert list(old.read(segment(b"POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\n"))) == []
    fresh.restore(copy.deepcopy(old.state()))

    (found,) = fresh.read(segment(b"abcd"))

    assert isinstance(found, HttpRequest)
    assert (found.target, found.body) == ("/a", b"abcd")


def test_any_bytes_are_survived() -> None:
    heads = [
        b"HTTP/1.1 200",
        b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"\r\n\r\n",
        b"\x00",
    ]
    heads += [b"GET \r\n\r\n", b"HTTP/1.1 999 \r\nContent-Length: 99999999999999999999\r\n\r\n"]

    for first in heads:
        for second in heads:
            for gap in (False, True):
                found = read(
                    segment(first), segment(second, gap=gap), segment(second, by_client=False)
                )
                assert {type(one) for one in found} <= {HttpRequest, HttpResponse, HttpPiece}
