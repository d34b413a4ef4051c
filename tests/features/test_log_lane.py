"""The log lane: trips at the deciding record, any cut, constant memory, counts that add up."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.inputs import Block
from tocsin.core.parameters import Parameters
from tocsin.features.log_lane import LogLane
from tocsin.kernels import layouts
from tocsin.parse.known import log_tables
from tocsin.testing import logs

YEAR_NS = 1_767_225_600_000_000_000  # 2026-01-01T00:00:00Z


def lane_of(data: bytes, *, step: int | None = None) -> LogLane:
    """Return a lane that read ``data`` in blocks of ``step`` bytes, to its end."""
    lane = LogLane("auth.log", tables=log_tables(), parameters=Parameters(), year=2026)
    size = step or max(len(data), 1)
    for at in range(0, len(data), size):
        lane.feed(Block("auth.log", data[at : at + size], at))
    lane.finish()
    return lane


def codes(trips: np.ndarray) -> list[tuple[int, int]]:
    """Return (code, phase) of each trip."""
    return [(int(trip["code"]), int(trip["phase"])) for trip in trips]


def test_the_eighth_failure_raises_with_its_figures() -> None:
    data = b"".join(logs.guessing(at_s=100.0, failures=9, every_s=75.0))

    raised, ended = lane_of(data).take().trips

    assert raised["phase"] == layouts.RAISED
    assert raised["failures"] == raised["records_to_detect"] == 8
    assert raised["at_ns"] == 1_767_226_225_000_000_000
    assert raised["users"][0] == b"root"
    assert raised["host"] == b"web01"
    assert raised["source_ports"].tolist() == list(range(40_000, 40_008))
    assert (ended["phase"], ended["failures"]) == (layouts.ENDED, 9)


def test_seven_failures_in_ten_minutes_raise_nothing() -> None:
    data = b"".join(logs.guessing(at_s=0.0, failures=7, every_s=75.0))

    assert len(lane_of(data).take().trips) == 0


def test_the_fourth_failure_of_a_burst_raises_with_the_bound_of_bursts() -> None:
    raised, _ = lane_of(b"".join(logs.guessing(at_s=0.0, failures=5))).take().trips

    assert (raised["failures"], raised["threshold"]) == (4, 4.0)


def test_slow_guessing_raises_with_the_bound_of_the_slow() -> None:
    raised, *_ = lane_of(b"".join(logs.guessing(at_s=0.0, failures=7, every_s=1800.0))).take().trips

    assert (raised["failures"], raised["threshold"]) == (6, 6.0)


def test_failures_spread_over_hours_with_log_ins_between_raise_nothing() -> None:
    data = b"".join(
        logs.failed(n * 600.0, source="203.0.113.9", port=40_000 + n)
        if n % 4
        else logs.accepted(n * 600.0, source="203.0.113.9", port=40_000 + n)
        for n in range(40)
    )

    assert len(lane_of(data).take().trips) == 0


def test_a_clock_that_is_set_back_an_hour_takes_the_window_along() -> None:
    before = logs.guessing(at_s=7200.0, failures=3)
    after = logs.guessing(at_s=3605.0, failures=2)

    raised, _ = lane_of(b"".join([*before, *after])).take().trips

    assert (raised["failures"], raised["phase"]) == (4, layouts.RAISED)


def test_a_password_that_fits_after_guessing_is_an_entry() -> None:
    data = b"".join(logs.guessing(at_s=0.0, failures=4, every_s=75.0))
    data += logs.accepted(300.0, source="203.0.113.9", port=41_000)

    (entered,) = lane_of(data).take().trips

    assert (entered["code"], entered["failures"]) == (layouts.SUCCESS_AFTER_GUESSING, 4)
    assert entered["user_last"] == b"root"


def test_a_public_key_is_not_guessed() -> None:
    data = b"".join(logs.guessing(at_s=0.0, failures=4, every_s=75.0)) + logs.line(
        300.0, "Accepted publickey for root from 203.0.113.9 port 41000 ssh2: ED25519 SHA256:x"
    )

    assert len(lane_of(data).take().trips) == 0


def test_the_lines_about_one_refusal_count_once() -> None:
    data = b"".join(
        logs.line(n, "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0"
                     " tty=ssh ruser= rhost=203.0.113.9  user=root")
        + logs.failed(n, source="203.0.113.9", port=40_000)
        + logs.line(n, "Connection closed by authenticating user root 203.0.113.9 port 40000")
        for n in range(3)
    )  # fmt: skip

    assert len(lane_of(data).take().trips) == 0


def test_a_server_that_takes_keys_only_says_no_refusal_and_guessing_is_found_all_the_same() -> None:
    invalid = b"".join(
        logs.line(n, f"Invalid user u{n} from 203.0.113.9 port {40_000 + n}")
        + logs.line(n, f"Connection closed by invalid user u{n} 203.0.113.9 port {40_000 + n}")
        for n in range(4)
    )
    root = b"".join(
        logs.line(n, f"Disconnected from authenticating user root 203.0.113.9 port {40_000 + n}")
        for n in range(4)
    )

    assert lane_of(invalid).take().trips[0]["failures"] == 4
    assert lane_of(root).take().trips[0]["failures"] == 4
    assert len(lane_of(root[: len(root) * 3 // 4]).take().trips) == 0


def test_what_hints_at_an_attempt_gives_way_to_its_refusal() -> None:
    data = b"".join(
        logs.line(n, f"Invalid user admin from 203.0.113.9 port {40_000 + n}")
        + logs.failed(n, source="203.0.113.9", port=40_000 + n, user="invalid user admin")
        for n in range(3)
    )

    assert len(lane_of(data).take().trips) == 0


def test_repeated_messages_count_as_often_as_they_say() -> None:
    data = logs.line(
        0.0, "message repeated 8 times: [ Failed password for root from 203.0.113.9 port 1 ssh2]"
    )

    assert codes(lane_of(data).take().trips)[0] == (layouts.GUESS_EVENTS, layouts.RAISED)


def test_an_ordinary_day_raises_nothing() -> None:
    lane = lane_of(b"".join(logs.ordinary_day()))

    assert len(lane.take().trips) == 0
    assert (lane.stats.records, lane.stats.events, lane.stats.untemplated) == (50, 50, 0)


@pytest.mark.parametrize("step", [1, 7, 100, 4096])
def test_any_cut_gives_the_same_trips_counts_and_index(step: int) -> None:
    data = b"\n\x00\xff no header\n" + b"".join(logs.guessing(at_s=0.0, failures=20))
    data += b"x" * 70_000 + b"\n" + logs.accepted(30.0, source="203.0.113.9", port=1)
    whole = lane_of(data)

    cut = lane_of(data, step=step)

    assert np.array_equal(cut.take().trips, whole.take().trips)
    assert cut.stats == whole.stats
    assert cut.index == whole.index


def test_every_record_is_an_event_or_weird() -> None:
    stats = lane_of(b"\n" + b"x" * 70_000 + b"\nhello\n" + logs.line(0, "unknown")).stats

    assert stats.weird == {"empty record": 1, "too long": 1, "no header": 1}
    assert (stats.records, stats.events, stats.untemplated) == (4, 1, 1)


def test_a_checkpoint_goes_on_where_it_was() -> None:
    data = b"".join(logs.guessing(at_s=0.0, failures=20))
    first = LogLane("auth.log", tables=log_tables(), year=2026)
    first.feed(Block("auth.log", data[:700], 0))
    second = LogLane("auth.log", tables=log_tables(), year=2026)
    second.restore(first.state())
    second.feed(Block("auth.log", data[700:], 700))
    second.finish()

    assert np.array_equal(second.take().trips, lane_of(data).take().trips)


def test_index_rows_cover_the_log_without_gaps() -> None:
    data = b"".join(logs.guessing(at_s=0.0, failures=30_000, every_s=0.1))

    index = lane_of(data).index

    assert index[0].first_offset == 0
    assert index[-1].end_offset == len(data)
    assert [row.end_offset for row in index[:-1]] == [row.first_offset for row in index[1:]]
    assert sum(row.records for row in index) == 30_000


def spanned(since_s: float | None, until_s: float | None, data: bytes, *, step: int) -> LogLane:
    """Return a lane that read only the records of a span, seconds after 2026-01-01."""
    since, until = (None if at is None else YEAR_NS + int(at * 1e9) for at in (since_s, until_s))
    lane = LogLane("auth.log", tables=log_tables(), year=2026, since_ns=since, until_ns=until)
    for at in range(0, len(data), step):
        lane.feed(Block("auth.log", data[at : at + step], at))
    lane.finish()
    return lane


@pytest.mark.parametrize("step", [50, 1 << 20])
@pytest.mark.parametrize(
    ("since_s", "until_s", "events"),
    [(None, None, 20), (5.0, None, 15), (None, 3.0, 4), (5.0, 14.0, 10), (100.0, None, 0)],
)
def test_only_the_span_that_was_asked_for_is_judged(
    since_s: float | None, until_s: float | None, events: int, step: int
) -> None:
    data = b"".join(logs.guessing(at_s=0.0, failures=20))

    lane = spanned(since_s, until_s, data, step=step)

    assert (lane.stats.records, lane.stats.events, lane.stats.filtered) == (20, events, 20 - events)
    trips = lane.take().trips
    assert [int(one["failures"]) for one in trips if one["phase"] == layouts.ENDED] == (
        [events] if events >= 4 else []
    )


def test_a_record_without_a_stamp_goes_with_the_one_before_it() -> None:
    data = b"no stamp 1\n" + logs.failed(1.0, source="203.0.113.9", port=1) + b"no stamp 2\n"
    data += logs.failed(9.0, source="203.0.113.9", port=2) + b"no stamp 3\n"

    before, after = spanned(None, 5.0, data, step=40), spanned(5.0, None, data, step=40)

    assert (before.stats.events, before.stats.weird) == (1, {"no header": 2})
    assert before.stats.filtered == 2
    assert (after.stats.events, after.stats.weird) == (1, {"no header": 1})
    assert after.stats.filtered == 3


def test_the_year_that_was_given_is_the_year_of_the_newest_stamp() -> None:
    data = logs.failed(364 * 86_400.0, source="203.0.113.9", port=1)  # the 31st of December
    data += logs.failed(60.0, source="203.0.113.9", port=2)
    lane = LogLane("auth.log", tables=log_tables(), year=2026, newest=(1, 1))
    lane.feed(Block("auth.log", data, 0))
    lane.finish()

    first = lane.index[0]
    assert first.first_ns == YEAR_NS - 86_400 * 10**9
    assert first.last_ns == YEAR_NS + 60 * 10**9
