"""Access lines: the kernel says what the reader of all forms says, or nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.addresses import address_text
from tocsin.core.times import rfc3339
from tocsin.kernels import scanner, web_clients
from tocsin.kernels.access_scan import AccessBounds, AccessScan, AccessTexts
from tocsin.kernels.literals import compile_literals
from tocsin.kernels.log_scan import Scanner, Stamps, read_only
from tocsin.parse.known import log_tables
from tocsin.parse.records import RecordReader

STAMPS = Stamps(year=2026)
PLAIN = (
    '203.0.113.9 - - [24/Nov/2026:10:00:00 +0100] "GET /index.html?a=1 HTTP/1.1" 200 512 '
    '"https://example.com/" "Mozilla/5.0 (X11; Linux x86_64)"'
)


def scanned(
    text: str, *, texts: AccessTexts | None = None, bounds: AccessBounds | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows, why each is passed on, and tallies of a log."""
    data = read_only(text.encode())
    tables = log_tables()
    lines = Scanner(tables, stamps=STAMPS)
    rows = np.zeros(text.count("\n") + 1, dtype=scanner.LOG_ROW)
    n, _ = lines.scan(data, rows, is_last=True)
    scan = AccessScan(
        texts or AccessTexts(), templates=tables.web_rows, clock=lines.clock, bounds=bounds
    )
    told, tallies = scan.read(data, rows[:n])
    return rows[:n], told, tallies


def test_a_plain_line_needs_no_look_and_says_who_and_when() -> None:
    rows, told, _ = scanned(PLAIN)

    row = rows[0]
    assert told.tolist() == [0]
    assert rfc3339(int(row["ts_ns"])) == "2026-11-24T09:00:00.000000Z"
    assert address_text(int(row["src_hi"]), int(row["src_lo"])) == "203.0.113.9"
    assert (row["weird"], row["has_source"], row["has_stamp"]) == (scanner.FINE, 1, 1)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("/index.html?a=1", "/index.html?a=%27"), web_clients.SUSPECT),
        (("/index.html?a=1", "/a/../b"), web_clients.SUSPECT),
        (("GET", "PUT"), web_clients.SUSPECT),
        (("(X11;", "(${x}"), web_clients.SUSPECT),
        (("example.com/", "example.com/?q=<b>"), web_clients.SUSPECT),
        (("- - [", "- \\x22 ["), web_clients.NOT_PLAIN),
        (("?a=1", "?a=\\x22"), web_clients.NOT_PLAIN),
        (("HTTP/1.1", "HTTP/1.1 x"), web_clients.NOT_PLAIN),
        (("203.0.113.9", "203.0.113.999"), web_clients.NOT_PLAIN),
        (("203.0.113.9", "www.example.com"), web_clients.NOT_PLAIN),
        (("24/Nov", "31/Nov"), web_clients.NOT_PLAIN),
        ((" 200 ", " 20 "), web_clients.NOT_PLAIN),
        (("x86_64)", "x86_64é)"), web_clients.NOT_PLAIN),
    ],
)
def test_what_is_not_plain_is_passed_on_or_left(change: tuple[str, str], why: int) -> None:
    texts = AccessTexts(compile_literals([(b"..", web_clients.ATTACK_TARGET)]))

    assert scanned(PLAIN.replace(*change), texts=texts)[1].tolist() == [why]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(PLAIN) - 1), st.sampled_from('"\\ -[]09.:/aZé\r')), max_size=4
    )
)
def test_whatever_the_kernel_reads_the_reader_of_all_forms_reads_the_same(
    changes: list[tuple[int, str]],
) -> None:
    line = list(PLAIN)
    for at, letter in changes:
        line[at] = letter
    text = "".join(line)

    (row,), told, _ = scanned(text)
    event = RecordReader(STAMPS).read(text, head=None)

    if told[0] != web_clients.NOT_PLAIN:
        assert event["source.ip"] == address_text(int(row["src_hi"]), int(row["src_lo"]))
        assert event["@timestamp"] == rfc3339(int(row["ts_ns"]))
        at, length = int(row["extra_0_at"]), int(row["extra_0_length"])
        assert event["url.original"] == text.encode()[at : at + length].decode()
        at, length = int(row["extra_2_at"]), int(row["extra_2_length"])
        agent = text.encode()[at : at + length].decode()
        assert event.get("user_agent.original", "-") == agent


@pytest.mark.parametrize(
    ("request_line", "status", "user", "role"),
    [
        ("POST /wp-login.php", 200, "-", "failure"),
        ("POST /wp-login.php", 302, "-", "success"),
        ("GET /wp-login.php", 200, "-", ""),
        ("GET /private", 401, "ann", "failure"),
        ("GET /private", 401, "-", ""),
        ("POST /api/session", 403, "-", "failure"),
        ("POST /comment", 403, "-", ""),
        ("GET /private", 200, "ann", ""),
    ],
)
def test_a_log_in_is_told_by_request_and_answer_alike_in_both_readers(
    request_line: str, status: int, user: str, role: str
) -> None:
    text = PLAIN.replace("GET /index.html?a=1", request_line).replace("200", str(status))
    text = text.replace("- - [", f"- {user} [")

    literals = [(b"/session", web_clients.LOGIN), (b"/wp-login.php ", web_clients.WORDPRESS)]
    rows, _, _ = scanned(text, texts=AccessTexts(compile_literals(literals)))
    event = RecordReader(STAMPS).read(text, head=None)

    refused, let_in, nothing = log_tables().web_rows
    assert rows[0]["template"] == {"failure": refused, "success": let_in, "": nothing}[role]
    is_login = event["event.action"] == "http_login"
    assert (event["event.outcome"] if is_login else "") == role


def asked(paths: list[str], *, status: int = 404, agent: str = "curl/8", every_s: int = 1) -> str:
    return "".join(
        f"203.0.113.9 - - [24/Nov/2026:10:{n * every_s // 60:02}:{n * every_s % 60:02} +0000] "
        f'"GET {path} HTTP/1.1" {status} 9 "-" "{agent}"\n'
        for n, path in enumerate(paths)
    )


def test_the_eleventh_path_in_vain_gives_a_tally_and_each_doubling_the_next() -> None:
    _, told, tallies = scanned(asked([f"/page{n}" for n in range(50)]))

    assert told.nonzero()[0].tolist() == [10, 21, 43]
    assert tallies["client"]["paths"].tolist() == [11, 22, 44]
    assert tallies["client"]["failed"].tolist() == [11, 22, 44]


MARKED = AccessTexts(
    compile_literals(
        [
            (b"/wp-content/plugins", web_clients.PROBED),
            (b"/readme.txt ", web_clients.UNLINKED),
            (b".css ", web_clients.STATIC),
        ]
    )
)


def test_forty_pages_in_a_hurry_are_a_crawl_and_eighty_the_next() -> None:
    pages = asked([f"/page{n}" for n in range(100)], status=200, every_s=0)

    _, told, tallies = scanned(pages)

    assert told.nonzero()[0].tolist()[0] == 39  # a few of those later share a bit
    assert tallies["client"]["crawled"].tolist() == [40, 80]


@pytest.mark.parametrize(
    "calm",
    [
        [f"/page{n % 20}" for n in range(100)],
        [f"/style{n}.css" for n in range(100)],
    ],
    ids=["the same pages", "assets"],
)
def test_what_a_browser_asks_for_is_no_crawl(calm: list[str]) -> None:
    assert len(scanned(asked(calm, status=200, every_s=0), texts=MARKED)[2]) == 0


def test_pages_at_a_readers_pace_are_no_crawl() -> None:
    assert len(scanned(asked([f"/page{n}" for n in range(200)], status=200, every_s=1))[2]) == 0


def test_requests_refused_for_want_of_credentials_give_a_tally_unless_most_are_served() -> None:
    refused = asked(["/api"] * 8, status=401)
    served = asked([f"/page{n % 5}" for n in range(10)], status=200)

    assert scanned(refused)[2]["client"]["refused"].tolist() == [6]
    assert len(scanned(served + refused)[2]) == 0


def test_a_file_that_no_page_links_to_counts_whatever_the_request_says() -> None:
    readme = asked([f"/wp-content/plugins/p{n}/readme.txt" for n in range(2)]).replace(
        '"-"', '"https://example.com/"', 1000
    )
    picture = readme.replace("readme.txt", "logo.png")

    assert scanned(readme, texts=MARKED)[2]["client"]["points"].tolist() == [12]
    assert len(scanned(picture, texts=MARKED)[2]) == 0


def test_the_same_path_in_vain_is_no_scan() -> None:
    assert len(scanned(asked(["/favicon.ico"] * 200))[2]) == 0


def test_what_is_mostly_found_is_no_scan() -> None:
    calm = asked([f"/page{n}" for n in range(60)], status=200)
    broken = asked([f"/gone{n}" for n in range(30)])

    assert len(scanned(calm + broken)[2]) == 0


def test_slow_paths_in_vain_are_no_scan() -> None:
    assert len(scanned(asked([f"/page{n}" for n in range(40)], every_s=60))[2]) == 0


def test_a_scanner_that_says_its_name_is_told_sooner() -> None:
    texts = AccessTexts(compile_literals([(b"nikto", web_clients.SCANNER)]))

    _, _, tallies = scanned(asked(["/"] * 30, status=200, agent="Nikto/2.5"), texts=texts)

    assert tallies["client"]["requests"].tolist() == [2, 4, 8, 16]


def test_a_hundred_requests_a_second_for_one_path_are_passed_on_from_the_twentieth() -> None:
    _, told, _ = scanned(asked(["/"] * 100, status=200, every_s=0))

    assert (told & web_clients.FLOOD).nonzero()[0].tolist() == list(range(19, 100))


def test_more_clients_than_the_table_holds_are_counted_within_its_bound() -> None:
    lines = "".join(
        PLAIN.replace("203.0.113.9", f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}") + "\n"
        for n in range(2 * web_clients.CLIENTS_MAX)
    )

    rows, told, _ = scanned(lines)

    assert (len(rows), len(told.nonzero()[0])) == (65_536, 1000)  # a crowd, up to its bound
