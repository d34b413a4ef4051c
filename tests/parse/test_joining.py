"""Lines that belong together: one record, its lines named, its source the first line's."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parse.audit_lines import execution
from tests.parse.reading import STAMPS, read
from tocsin.parse.events import pieces_of
from tocsin.parse.joining import LINES_MAX, Joiner
from tocsin.parse.pieces import Piece

JAVA = """2026-11-23 05:41:00,123 ERROR [main] org.example.App - boom from 203.0.113.9
java.lang.IllegalStateException: x
\tat org.example.App.main(App.java:1)
Caused by: java.io.IOException: Failed password for root from 198.51.100.7 port 22 ssh2
\t... 3 more
"""
PYTHON = """2026-11-23 05:41:01,123 ERROR app: unhandled
Traceback (most recent call last):
  File "/srv/app.py", line 12, in run
    login("198.51.100.7")
ValueError: no such user
"""
POSTGRES = """2026-11-23 05:41:01.123 UTC [77] ERROR:  relation "x" does not exist at character 15
2026-11-23 05:41:01.123 UTC [77] DETAIL:  none
2026-11-23 05:41:01.124 UTC [77] STATEMENT:  select *
\tfrom x
\twhere a = '198.51.100.7'
2026-11-23 05:41:01.125 UTC [78] STATEMENT:  select 1
"""
CRI = """2026-11-23T05:41:02.000000001Z stdout P 203.0.113.9 - - [23/Nov/2026:05:41:02 +0000] "GET /
2026-11-23T05:41:02.000000002Z stderr F other
2026-11-23T05:41:02.000000003Z stdout P a
2026-11-23T05:41:02.000000004Z stdout F b HTTP/1.1" 404 13 "-" "curl/7.68.0"
"""
SYSLOG = """Nov 23 05:41:00 web01 app[7]: ERROR boom
Nov 23 05:41:00 web01 app[7]: \tat org.example.App.main(App.java:1)
Nov 23 05:41:00 web01 app[8]: \tat org.example.App.main(App.java:1)
"""
PLAIN = "Nov 23 05:41:00 web01 sshd[7]: Failed password for root from 203.0.113.9 port 22 ssh2\n"
ALL = [JAVA, PYTHON, POSTGRES, CRI, SYSLOG, PLAIN, "".join(execution(["id"], exe="/usr/bin/id"))]


def test_a_java_trace_is_one_record_and_names_nobody() -> None:
    (event,) = read(JAVA.encode())

    assert event["log.lines"] == [1, 2, 3, 4, 5]
    assert event["event.original"] == JAVA.removesuffix("\n")
    assert event["error.stack_trace"].startswith("java.lang.IllegalStateException: x\n\tat ")
    assert event["log.level"] == "ERROR"
    assert "source.ip" not in event


def test_a_python_trace_ends_with_its_exception() -> None:
    event, after = read((PYTHON + PLAIN).encode())

    assert event["log.lines"] == [1, 2, 3, 4, 5]
    assert (after["log.line"], after["source.ip"]) == (6, "203.0.113.9")


def test_details_of_postgresql_belong_to_the_error_of_their_process() -> None:
    error, other = read(POSTGRES.encode())

    assert error["log.lines"] == [1, 2, 3, 4, 5]
    assert error["postgresql.detail"] == "none"
    assert error["db.statement"] == "select *\n\tfrom x\n\twhere a = '198.51.100.7'"
    assert other["log.line"] == 6


def test_a_line_that_a_container_runtime_split_is_read_whole() -> None:
    whole, other = read(CRI.encode())

    assert (whole["source.ip"], whole["url.original"], whole["http.response.status_code"]) == (
        "203.0.113.9", "/ab", 404,
    )  # fmt: skip
    assert whole["log.lines"] == [1, 3, 4]
    assert other["log.line"] == 2


def test_a_line_that_docker_cut_is_read_whole() -> None:
    line = (
        '203.0.113.9 - - [23/Nov/2026:05:41:02 +0000] "GET /?q='
        + "a" * 20_000
        + ' HTTP/1.1" 404 1 "-" "x"'
    )
    parts = [line[: 1 << 14], line[1 << 14 :] + "\n"]
    data = "".join(
        json.dumps({"log": one, "stream": "stdout", "time": "2026-11-23T05:41:02Z"}, separators=(",", ":"))
        + "\n" + json.dumps({"log": "other\n", "stream": "stderr", "time": "x"}, separators=(",", ":")) + "\n"
        for one in parts
    )  # fmt: skip

    whole, *_ = read(data.encode())

    assert (whole["source.ip"], whole["http.response.status_code"]) == ("203.0.113.9", 404)
    assert whole["log.lines"] == [1, 3]


def test_a_split_line_that_never_ends_holds_nothing_back() -> None:
    data = "2026-11-23T05:41:02.0Z stderr P begun\n" + PLAIN * 100

    events = read(data.encode())

    assert [event["log.line"] for event in events] == list(range(1, 102))


def test_a_split_line_without_its_end_is_read_as_far_as_it_goes() -> None:
    line = b"2026-11-23T05:41:02.0Z stdout P Nov 23 05:41:00 web01 sshd[7]: Failed password for root from 203.0.113.9 port 22 ssh2\n"

    (event,) = read(line)

    assert event["source.ip"] == "203.0.113.9"
    assert "log.lines" not in event


def test_frames_behind_a_syslog_header_join_their_own_process_only() -> None:
    first, other = read(SYSLOG.encode())

    assert first["log.lines"] == [1, 2]
    assert other["log.line"] == 3


@pytest.mark.parametrize(
    "forged",
    [" Nov 23 05:41:00 web01 sshd[7]: Failed password for root from 203.0.113.9 port 22 ssh2",
     "\t" + PLAIN.strip(), PLAIN.strip(), "at sea", "ValueError"],
)  # fmt: skip
def test_what_says_something_by_itself_is_never_swallowed(forged: str) -> None:
    events = read((PLAIN + forged + "\n").encode())

    assert len(events) == 2


def test_a_record_takes_no_more_lines_than_its_bound() -> None:
    data = JAVA + "\tat org.example.App.main(App.java:1)\n" * 400

    events = read(data.encode())

    assert len(events[0]["log.lines"]) == LINES_MAX
    assert sum(len(one.get("log.lines", [0])) for one in events) == 405


@pytest.mark.parametrize("step", [1, 11, 97])
def test_a_byte_at_a_time_gives_the_records_of_one_block(step: int) -> None:
    data = "".join(ALL * 3).encode()

    assert read(data, step=step) == read(data)


@settings(max_examples=60, deadline=None)
@given(
    lines=st.lists(st.sampled_from([x for part in ALL for x in part.splitlines(keepends=True)]) | st.text(max_size=20).map(lambda x: x + "\n"), max_size=30),
    cut=st.integers(0, 30),
)  # fmt: skip
def test_every_line_is_of_one_record_and_a_restart_changes_nothing(
    lines: list[str], cut: int
) -> None:
    data = "".join(lines).encode("utf-8", "replace")
    count = data.count(b"\n")

    events = read(data)

    told = [n for event in events for n in event.get("log.lines", [event["log.line"]])]
    assert sorted(told) == list(range(1, count + 1))
    first = [event["log.line"] for event in events]
    assert first == sorted(first)
    assert _joined(data, cut) == _joined(data, -1)


def _joined(data: bytes, cut: int) -> list[tuple[list[int], str]]:
    """Return lines and texts of the records, a restart behind line ``cut``."""
    joiner, out = Joiner(STAMPS), []
    for number, line in enumerate(data.decode().split("\n")[:-1], 1):
        joiner.add(_piece(line, number))
        out += [(one.lines, one.text) for one in joiner.done()]
        if number == cut:
            state = joiner.state()
            joiner = Joiner(STAMPS)
            joiner.restore(state)
    joiner.finish()
    return out + [(one.lines, one.text) for one in joiner.done()]


def _piece(line: str, number: int) -> Piece:
    import numpy as np

    from tocsin.kernels import scanner
    from tocsin.kernels.log_scan import Scanner, read_only
    from tocsin.parse.known import known_templates

    data = line.encode() + b"\n"
    rows = np.zeros(2, dtype=scanner.LOG_ROW)
    n, _ = Scanner(known_templates().log_tables, stamps=STAMPS).scan(read_only(data), rows)
    (piece,) = pieces_of(data, rows[:n], compiled=known_templates(), first_line=number)
    return piece
