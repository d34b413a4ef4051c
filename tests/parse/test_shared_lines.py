"""What many searches look for at once is what each of them finds by itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.detection import Selector
from tocsin.core.times import NS_PER_S
from tocsin.kernels.log_scan import Stamps
from tocsin.parse.matching_lines import LineSearch
from tocsin.parse.shared_lines import SEARCHES_MIN, SharedLines

START_NS = 1_767_225_600 * NS_PER_S  # 2026-01-01T00:00:00Z
STAMPS = Stamps(year=2026)
HOSTS = 2 * SEARCHES_MIN
OTHERS = (
    b"\x16\x03\x01 198.51.100.1\n",
    b'shop.example.org 198.51.100.2 - - [01/Jan/2026:00:00:09 +0000] "GET / HTTP/1.1" 200 9\n',
    b"Jan  1 00:00:07 host sshd[7]: Failed password for ana from 198.51.100.3 port 9 ssh2\n",
)


def line(host: int, at_s: int, *, named: int = 0) -> bytes:
    return (
        f"198.51.100.{host} - - [01/Jan/2026:00:{at_s // 60:02}:{at_s % 60:02} +0000] "
        f'"GET /{at_s} HTTP/1.1" 200 9 "http://198.51.100.{named}/" "curl/8"\n'
    ).encode()


def wanted(host: int) -> list[Selector]:
    """Return who is looked for: one host for a while, and a crowd by every fourth search."""
    near = tuple(f"198.51.100.{n}" for n in range(9 if host % 4 == 0 else 0))
    span = (START_NS + host * NS_PER_S, START_NS + (600 - host) * NS_PER_S)
    return [Selector("access.log", "log", *span, near=(*near, f"198.51.100.{host}"))]


def found(cuts: list[list[bytes]], shared: SharedLines | None) -> list[list[object]]:
    """Return what each search finds of the parts that it is given, the first ones given more."""
    searches = [LineSearch(wanted(host), stamps=STAMPS, shared=shared) for host in range(HOSTS)]
    rows: list[list[object]] = [[] for _ in searches]
    base = 0
    for part in cuts:
        for host, search in enumerate(searches):
            skipped = part[: host % 3]
            first = base + sum(map(len, skipped))
            data = b"".join(part[len(skipped) :])
            rows[host] += search.find(data, base=first).tolist()
        base += sum(map(len, part))
    return rows


PLAIN = st.builds(line, st.integers(0, 2 * HOSTS), st.integers(0, 900), named=st.integers(0, HOSTS))


@given(st.lists(st.lists(PLAIN, min_size=4, max_size=12), max_size=4))
def test_plain_lines_are_found_as_by_each_alone(cuts: list[list[bytes]]) -> None:
    assert found(cuts, SharedLines(STAMPS)) == found(cuts, None)


@given(st.lists(st.lists(PLAIN | st.sampled_from(OTHERS), min_size=4, max_size=12), max_size=4))
def test_other_lines_among_them_are_found_as_by_each_alone(cuts: list[list[bytes]]) -> None:
    assert found(cuts, SharedLines(STAMPS)) == found(cuts, None)


def test_few_searches_do_not_share() -> None:
    shared = SharedLines(STAMPS)
    for host in range(SEARCHES_MIN - 1):
        shared.join(wanted(host))

    assert shared.rows(line(1, 1), base=0) is None


def test_each_part_of_a_log_is_seen_once() -> None:
    shared = SharedLines(STAMPS)
    for host in range(SEARCHES_MIN):
        shared.join(wanted(host))
    data = line(1, 30) + line(99, 31) + line(2, 32)

    first = shared.rows(data, base=100)
    again = shared.rows(b"?" * len(data), base=100)

    assert first is not None
    assert again is not None
    assert (
        first["offset"].tolist()
        == again["offset"].tolist()
        == [100, 100 + len(data) - len(line(2, 32))]
    )
