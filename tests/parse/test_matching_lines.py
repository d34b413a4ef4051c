"""Which lines of a log are evidence: by what they say, not by what they mention."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.detection import Selector
from tocsin.core.times import NS_PER_S
from tocsin.kernels.log_scan import Stamps
from tocsin.parse.matching_lines import WORDS_MAX, LineSearch
from tocsin.testing import logs

DAY_NS = 86_400 * NS_PER_S
START_NS = 1_767_225_600 * NS_PER_S  # 2026-01-01T00:00:00Z
STAMPS = Stamps(year=2026)
WHOLE = (START_NS, START_NS + DAY_NS)


def matched(lines: list[bytes], *selectors: Selector) -> list[bytes]:
    data = b"".join(lines)
    rows = LineSearch(selectors, stamps=STAMPS).find(data, base=1_000)
    return [data[row[0] - 1_000 : row[0] - 1_000 + row[1]] for row in rows.tolist()]


def of(*near: str, span: tuple[int, int] = WHOLE, users: tuple[str, ...] = ()) -> Selector:
    return Selector("auth.log", "log", *span, near=near, users=users)


def test_a_line_that_merely_mentions_an_address_is_not_from_it() -> None:
    own = logs.failed(1, source="203.0.113.9", port=1)
    named = logs.failed(2, source="192.0.2.7", port=2, user="203.0.113.9")
    longer = logs.failed(3, source="203.0.113.99", port=3)

    assert matched([own, named, longer], of("203.0.113.9")) == [own]


def test_each_address_has_its_own_span() -> None:
    lines = [
        logs.failed(at_s, source=source, port=1)
        for at_s in (10, 1_000)
        for source in ("203.0.113.9", "203.0.113.10")
    ]
    early = (START_NS, START_NS + 100 * NS_PER_S)

    found = matched(lines, of("203.0.113.9", span=early), of("203.0.113.10"))

    assert found == [lines[0], lines[1], lines[3]]


def test_a_user_is_met_as_a_user_and_nowhere_else() -> None:
    tried = logs.line(1, "ana : 3 incorrect password attempts ; COMMAND=/bin/sh", program="sudo")
    mentioned = logs.failed(2, source="192.0.2.7", port=2, user="ana-2")

    assert matched([tried, mentioned], of(users=("ana",))) == [tried]


def test_an_address_of_ipv6_is_met_however_it_is_written() -> None:
    long = logs.failed(1, source="2001:db8:0:0:0:0:0:9", port=1)

    assert matched([long], of("2001:db8::9")) == [long]


def test_a_selector_without_parties_takes_all_lines_of_its_span() -> None:
    lines = [logs.failed(at_s, source="192.0.2.7", port=1) for at_s in (1, 200)]

    assert matched(lines, of(span=(START_NS, START_NS + 100 * NS_PER_S))) == lines[:1]


def test_the_last_line_needs_no_line_feed() -> None:
    line = logs.failed(1, source="203.0.113.9", port=1).rstrip()

    assert matched([line], of("203.0.113.9")) == [line]


@given(wanted=st.sets(st.integers(1, 40), max_size=3 * WORDS_MAX))
def test_few_and_many_addresses_are_found_alike(wanted: set[int]) -> None:
    lines = [logs.failed(n, source=f"203.0.113.{n % 40 + 1}", port=n + 1) for n in range(120)]

    found = matched(lines, *(of(f"203.0.113.{n}") for n in sorted(wanted)))

    assert found == [line for n, line in enumerate(lines) if n % 40 + 1 in wanted]
