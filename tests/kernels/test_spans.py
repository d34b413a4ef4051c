"""Spans looked at 32 bytes at a time mean what they mean byte by byte."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.kernels import spans, vectors
from tocsin.kernels.compiled import COMPILED
from tocsin.kernels.lean import kernel
from tocsin.kernels.log_address import quad
from tocsin.kernels.log_scan import Scanner, Stamps, read_only
from tocsin.kernels.scanner import LOG_ROW
from tocsin.parse.known import log_tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

HOST = re.compile(rb"[A-Za-z0-9.:_%\-\x80-\xff]*")
PAD = 40
texts = st.one_of(
    st.text(alphabet="09af:. /_-%zZ[]", max_size=90).map(str.encode), st.binary(max_size=90)
)
digits = st.one_of(st.integers(0, 10**12 - 1).map(lambda n: b"%d" % n), texts.map(lambda t: t[:18]))


def everywhere(function: Callable[..., Any], text: bytes, *more: Any, is_place: bool = True) -> Any:
    """Return what a function says of a span, at a buffer's edge and within one alike."""
    edge = function(read_only(text), 0, len(text), *more)
    for left, right in ((PAD, PAD), (PAD, 0), (3, PAD)):
        buffer = read_only(bytes(range(48, 48 + left)) + text + b"5" * right)
        found = function(buffer, left, left + len(text), *more)
        assert (found - left if is_place else found) == edge
    return edge


def first_of(text: bytes, wanted: bytes) -> int:
    """Return the first place of any of some bytes, the text's end when there is none."""
    return next((i for i, byte in enumerate(text) if byte in wanted), len(text))


def after_last_of(text: bytes, wanted: bytes) -> int:
    """Return the place after the last of any of some bytes, 0 when there is none."""
    return len(text) - first_of(text[::-1], wanted)


@settings(max_examples=150, deadline=None)
@given(text=texts, stop=st.sampled_from(b"\n/:09"))
def test_words_and_bytes_end_where_they_end(text: bytes, stop: int) -> None:
    assert everywhere(spans.byte_at, text, stop) == first_of(text, bytes([stop]))
    assert everywhere(spans.word_end, text, stop) == first_of(text, bytes([32, stop]))
    assert everywhere(spans.word_begin, text, stop) == after_last_of(text, bytes([32, stop]))


@settings(max_examples=150, deadline=None)
@given(text=texts)
def test_hosts_and_digits_end_where_they_end(text: bytes) -> None:
    host, others = HOST.match(text), bytes(set(range(256)) - set(b"0123456789"))
    no_host = bytes(byte for byte in range(256) if not HOST.fullmatch(bytes([byte])))

    assert everywhere(spans.host_end, text) == (host.end() if host else 0)
    assert everywhere(spans.host_begin, text) == after_last_of(text, no_host)
    assert everywhere(spans.digits_end, text) == first_of(text, others)
    assert everywhere(spans.digits_begin, text) == after_last_of(text, others)


@settings(max_examples=200, deadline=None)
@given(text=digits)
def test_numbers_are_digits_and_nothing_else(text: bytes) -> None:
    expected = int(text) if re.fullmatch(rb"[0-9]+", text) else -1

    assert everywhere(spans.number, text, is_place=False) == expected


@settings(max_examples=200, deadline=None)
@given(
    text=st.one_of(
        st.ip_addresses(v=4).map(lambda a: str(a).encode()),
        st.lists(st.integers(0, 300), min_size=3, max_size=5).map(
            lambda parts: ".".join(map(str, parts)).encode()
        ),
        st.text(alphabet="0129.: ", max_size=17).map(str.encode),
    )
)
def test_dotted_quads_are_those_of_the_standard_library(text: bytes) -> None:
    try:
        expected = int(ipaddress.IPv4Address(text.decode()))
    except ValueError:
        expected = -1

    assert everywhere(quad, text, is_place=False) == expected


@settings(max_examples=150, deadline=None)
@given(text=texts, other=texts, kept=st.integers(0, 90))
def test_what_two_places_share_is_counted(text: bytes, other: bytes, kept: int) -> None:
    other = text[:kept] + other
    length = min(len(text), len(other))
    equal = next((i for i in range(length) if text[i] != other[i]), length)

    for tail in (b"", b"x" * PAD):
        one, two = read_only(text + tail), read_only(b"??" + other + tail)
        assert spans.common(one, 0, two, 2, length) == equal
        assert spans.is_same(one, 0, two, 2, length) == (equal == length)


@kernel
def _all_masks(b: NDArray[np.uint8], p: int, out: NDArray[np.uint64]) -> None:
    out[0] = vectors.between_mask(b, p, 48, 200)
    out[1] = vectors.same_mask(b, p, b, p + 1)
    out[2] = vectors.load_8(b, p)
    out[3] = vectors.highest_bit(out[0] | np.uint64(1))


@settings(max_examples=50, deadline=None)
@given(data=st.binary(min_size=40, max_size=40), p=st.integers(0, 7))
def test_vectors_are_what_their_plain_forms_say(data: bytes, p: int) -> None:
    buffer, out = read_only(data), np.zeros(4, dtype=np.uint64)

    _all_masks(buffer, p, out)

    assert COMPILED or out.any()
    assert out[0] == sum(1 << k for k in range(32) if 48 <= data[p + k] <= 200)
    assert out[1] == sum(1 << k for k in range(32) if data[p + k] == data[p + 1 + k])
    assert out[2] == int.from_bytes(data[p : p + 8], "little")
    assert out[3] == (int(out[0]) | 1).bit_length() - 1


heads = st.sampled_from(
    (
        "Jan  1 00:00:00 web01 ", "Jan  1 00:00:01 web01 ", "Jan  1 00:00:00.5 web01 ",
        "Jan  1 00:00:00 web02 ", "Jan  1 00:00:00 ", "Jan  1 00:00:00  ", "Jan  1 00:00:00",
        "Jan 99 00:00:00 web01 ", "2026-01-01T00:00:00Z web01 ", "<34>1 - web01 ",
        "<34>Jan  1 00:00:00 web01 ", "\0" * 16, "\xff" * 16, "",
    )
)  # fmt: skip
tags = st.sampled_from(
    (
        "sshd[1]: ", "sshd[22]: ", "sshd: ", "sshd[x]: ", "sshd[12345678901]: ", "sshd[1]",
        "su: ", "sudo[1]: ", "web01 sshd[1]: ", "s", "sshd 1 - - ", "",
    )
)  # fmt: skip
saids = st.sampled_from(
    (
        "Failed password for root from 203.0.113.9 port 1 ssh2", "Invalid user a from ::1 port 2",
        "Received disconnect from 203.0.113.9 port 1:11: Bye Bye [preauth]", "", "x",
    )
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(lines=st.lists(st.tuples(heads, tags, saids).map("".join), min_size=2, max_size=12))
def test_a_line_means_the_same_whatever_stands_before_it(lines: list[str]) -> None:
    raw = [line.encode("latin-1") for line in lines]

    together = _scanned(b"\n".join(raw))
    alone = np.concatenate([_scanned(line or b"\n")[:1] for line in raw])

    start = 0
    for one, other, line in zip(together, alone, raw, strict=False):
        for name in LOG_ROW.names or ():
            is_place = name.endswith("at") or name == "offset"
            has_text = not is_place or name in {"at", "offset"} or one[f"{name[:-3]}_length"]
            if has_text:
                assert one[name] - (start if is_place else 0) == other[name], name
        start += len(line) + 1


def _scanned(data: bytes) -> NDArray[np.void]:
    rows = np.zeros(data.count(b"\n") + 1, dtype=LOG_ROW)
    scanner = Scanner(log_tables(), stamps=Stamps(year=2026))
    n, _ = scanner.scan(read_only(data), rows, is_last=True)
    return rows[:n]
