"""Sample records, damaged anywhere: events or weird, nothing else, and the same in any cut."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parse.reading import read
from tests.parse.test_joining import ALL

SAMPLES = Path(__file__).parent / "samples"
LINES = [
    line.encode()
    for path in sorted(SAMPLES.glob("*.log"))
    for line in path.read_text(encoding="utf-8").splitlines()[1::2]
] + [line.encode() for part in ALL for line in part.splitlines()]
DAMAGE = st.tuples(
    st.sampled_from(LINES), st.integers(0, 400), st.integers(0, 8), st.binary(max_size=6)
)


@settings(max_examples=250, deadline=None)
@given(st.lists(DAMAGE, min_size=1, max_size=4))
def test_damaged_records_are_events_or_weird(parts: list[tuple[bytes, int, int, bytes]]) -> None:
    data = b"\n".join(line[:at] + new + line[at + gone :] for line, at, gone, new in parts) + b"\n"

    events = read(data)

    told = [n for event in events for n in event.get("log.lines", [event["log.line"]])]
    assert sorted(told) == list(range(1, data.count(b"\n") + 1))
    json.dumps(events, allow_nan=False)
    assert read(data, step=5) == events
