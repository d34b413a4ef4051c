"""Clients compared with the other clients of a server, and with their own past."""

from __future__ import annotations

from tests.detect.messages import attacked, judged
from tocsin.core.messages import SmbCall, Volume
from tocsin.core.times import NS_PER_S
from tocsin.detect.unusual_data_access import UnusualDataAccess
from tocsin.testing.attacks.unusual_data_access import fetched
from tocsin.testing.neighbour_messages import MS
from tocsin.testing.scenes import START_NS

SERVER = "192.0.2.40"
MIB, HOUR_NS = 1 << 20, 3600 * NS_PER_S


def _read(n: int, client: int, size_bytes: int, *, at_ns: int = START_NS) -> Volume:
    return Volume(
        at_ns=at_ns + n * MS, offset=1000 + n, client=f"192.0.2.{client}", server=SERVER,
        client_port=40_000, server_port=445, start_offset=500 + n, size_bytes=1400,
        bytes_out=20_000, bytes_in=size_bytes,
    )  # fmt: skip


def test_a_client_that_reads_far_more_than_five_others_is_found() -> None:
    rows = [_read(n, 50 + n, 300_000) for n in range(5)]
    rows.append(_read(9, 99, 64 * MIB))

    (found,) = judged(UnusualDataAccess, rows)

    assert (found.kind, found.attackers, found.victims) == (
        "unusual_data_access", ("192.0.2.99",), (SERVER,),
    )  # fmt: skip
    assert (found.observed, found.threshold) == (64.0 * MIB, 20 * found.expected)  # type: ignore[operator]
    assert found.figure == "64.0 MiB read, port 445"


def test_with_four_others_nobody_can_say() -> None:
    rows = [_read(n, 50 + n, 300_000) for n in range(4)]

    assert judged(UnusualDataAccess, [*rows, _read(9, 99, 64 * MIB)]) == []


def test_where_everybody_reads_much_nobody_stands_out() -> None:
    rows = [_read(n, 50 + n, 30 * MIB) for n in range(6)]

    assert judged(UnusualDataAccess, [*rows, _read(9, 99, 200 * MIB)]) == []


def test_a_client_is_compared_with_its_own_past_after_a_day() -> None:
    rows = [_read(n, 99, 300_000, at_ns=START_NS + n * HOUR_NS) for n in range(26)]
    rows.append(_read(30, 99, 64 * MIB, at_ns=START_NS + 26 * HOUR_NS))

    (found,) = judged(UnusualDataAccess, rows)

    assert found.expected == 300_000.0
    assert "the most it was given in an hour before is 293 KiB" in found.reason


def _opened(n: int, *, client: str = "192.0.2.99") -> SmbCall:
    return SmbCall(
        at_ns=START_NS + n * 50 * MS, offset=100 + n, client=client, server=SERVER,
        client_port=40_000, server_port=445, dialect=2, command=5, name=f"plans\\{n}.docx",
        is_response=True, from_client=False, facts={"share": "DATA"},
    )  # fmt: skip


def test_a_hundred_files_opened_in_ten_minutes_are_found() -> None:
    (found,) = judged(UnusualDataAccess, [_opened(n) for n in range(120)])

    assert (found.observed, found.threshold, found.records_to_detect) == (100.0, 100.0, 100)
    assert found.figure == "100 files opened"


def test_one_file_opened_again_and_again_is_calm() -> None:
    assert judged(UnusualDataAccess, [_opened(3) for _ in range(500)]) == []


def test_who_opens_as_many_as_another_is_calm() -> None:
    rows = [_opened(n, client="192.0.2.50") for n in range(90)]

    assert judged(UnusualDataAccess, [*rows, *[_opened(n) for n in range(200)]]) == []


def test_a_dump_fetched_from_a_web_server_is_found() -> None:
    (found,) = attacked(UnusualDataAccess)

    assert (found.kind, found.attackers, found.victims) == (
        "unusual_data_access", ("203.0.113.1",), ("198.51.100.10",),
    )  # fmt: skip
    assert found.figure == "1 file fetched, /backup/shop.sql"


def test_a_page_that_says_there_is_none_is_calm() -> None:
    rows = [
        fetched(START_NS, "203.0.113.9", "/shop.sql", b"<!doctype html>", kind="text/html"),
        fetched(START_NS, "203.0.113.9", "/shop.sql", b"not here", status=404),
        fetched(START_NS, "203.0.113.9", "/index.php", b"-- MySQL dump"),
    ]

    assert judged(UnusualDataAccess, rows) == []
