"""conn.log by columns gives what line by line gives, or nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.flow_record import FLOW_RECORD
from tocsin.parse.flow_lines import FlowReader
from tocsin.parse.zeek_columns import LINES_MIN, conn_rows

COLUMNS = (
    "ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "service",
    "duration", "orig_bytes", "resp_bytes", "conn_state", "orig_pkts", "resp_pkts",
)  # fmt: skip
HEAD = ("#path\tconn\n#fields\t" + "\t".join(COLUMNS) + "\n").encode()
LINE = "1772359200.25\tC1\t192.0.2.7\t40000\t2001:db8::5\t22\ttcp\tssh\t1.5\t10\t20\tSF\t3\t4"

counts = st.one_of(st.just("-"), st.integers(0, 10**12).map(str))
lines = st.tuples(
    st.floats(0, 4e9).map(lambda t: f"{t:.6f}"), st.just("C1"),
    st.ip_addresses().map(str), st.integers(0, 65535).map(str),
    st.ip_addresses().map(str), st.integers(0, 65535).map(str),
    st.sampled_from(["tcp", "udp", "icmp", "unknown_transport"]),
    st.sampled_from(["-", "ssl", "ssh", "dns,ssh"]),
    st.one_of(st.just("-"), st.floats(0, 1e6).map(lambda t: f"{t:.6f}")), counts, counts,
    st.sampled_from(["SF", "S0", "REJ", "OTH", "XX"]), counts, counts,
).map("\t".join)  # fmt: skip


def by_columns(text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how many blocks of a text the fast reader took."""
    taken: list[int] = []

    def noted(*args: object, **named: object) -> object:
        rows = conn_rows(*args, **named)  # type: ignore[arg-type]
        taken.append(rows is not None)
        return rows

    monkeypatch.setattr("tocsin.parse.flow_lines.conn_rows", noted)
    FlowReader(head=HEAD).read(text.encode(), base=0)
    return sum(taken)


@given(st.lists(lines, min_size=1, max_size=4), st.integers(0, 10**9))
def test_both_ways_give_the_same_rows(some: list[str], base: int) -> None:
    found = some * LINES_MIN
    at_once = FlowReader(head=HEAD).read("\n".join(found).encode(), base=base)
    careful, offset = [np.zeros(0, dtype=FLOW_RECORD)], base
    for line in found:
        careful.append(FlowReader(head=HEAD).read(line.encode(), base=offset))
        offset += len(line) + 1

    assert at_once.tolist() == np.concatenate(careful).tolist()


def test_a_block_of_whole_lines_is_read_by_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    assert by_columns("\n".join([LINE] * 100), monkeypatch) == 1


@pytest.mark.parametrize(
    "odd",
    [
        "1772359200.25\tC1\t192.0.2.7",
        LINE.replace("192.0.2.7", "192.0.2.777"),
        LINE.replace("40000", "70000"),
        LINE.replace("1.5", "-1.5"),
        LINE.replace("1772359200.25", "nan"),
        LINE.replace("\t10\t", "\t1e3\t"),
        "#close",
    ],
)
def test_one_odd_line_leaves_the_block_to_the_careful_reader(
    odd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert by_columns("\n".join([*[LINE] * 99, odd]), monkeypatch) == 0
