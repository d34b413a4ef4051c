"""The engine: sources open and end, detections come through one door, state survives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tocsin.confirm.confirm import Confirmation, Suppression
from tocsin.core.commands import OpenIncident, PreserveEvidence, UpdateIncident
from tocsin.core.errors import OutOfOrderError, UsageError
from tocsin.core.inputs import Block, Shed, SourceStatus, Tick
from tocsin.pipeline.engine import Engine
from tocsin.pipeline.wiring import Wiring
from tocsin.testing import captures, logs
from tocsin.testing.scenes import (
    ATTACKER,
    START_NS,
    EngineRun,
    Stream,
    capture,
    guessed_ssh,
    log,
    scanned_web_server,
    wiring,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tocsin.core.commands import Command

pytestmark = pytest.mark.timeout(300)

BOTH = pytest.mark.parametrize("is_live", [False, True], ids=["replay", "live"])
SECOND_NS = 1_000_000_000


def engine(*, is_live: bool = False, wired: Wiring | None = None) -> Engine:
    """Return a fresh engine that keeps its detections."""
    made = Engine(wired or wiring(), hold=not is_live, live=is_live)
    made.detections = []
    return made


def opened(stream: Stream) -> SourceStatus:
    """Return the status with which a stream begins."""
    return SourceStatus(stream.source, "opened", stream.medium, stream.site, time_ns=START_NS)


def whole(stream: Stream) -> Block:
    """Return a stream as one block."""
    return Block(stream.source, stream.data, 0)


def told(commands: Iterable[Command]) -> list[str]:
    """Return what each command says, in a word."""
    words = {OpenIncident: "open", UpdateIncident: "update", PreserveEvidence: "preserve"}
    return [words[type(command)] for command in commands]


def test_live_an_incident_opens_grows_and_is_preserved_each_time() -> None:
    first = b"".join(logs.guessing(at_s=3.0, failures=9))
    second = b"".join(logs.guessing(at_s=12.0, failures=9))
    made = engine(is_live=True)

    said = [
        told(made.feed(opened(log([])))),
        told(made.feed(Block("auth.log", first, 0))),
        told(made.feed(Block("auth.log", second, len(first)))),
        told(made.finish()),
    ]

    assert said == [[], ["open", "preserve"], ["update", "preserve"], ["update", "preserve"]]


def test_a_replay_says_nothing_before_its_end() -> None:
    stream = log(logs.guessing(at_s=3.0, failures=9))
    made = engine()

    said = [told(made.feed(opened(stream))), told(made.feed(whole(stream)))]

    assert said == [[], []]
    assert told(made.finish()) == ["open", "preserve"]


def test_held_detections_of_all_sources_come_in_order_of_time() -> None:
    found = EngineRun()(guessed_ssh()).detections

    sources = [d.source for d in found]
    assert sources.index("capture.pcap") < len(sources) - 1 - sources[::-1].index("auth.log")
    times = [d.detected_ns for d in found]
    assert times == sorted(times)


@BOTH
def test_an_ended_source_leaves_its_counts_and_its_index(is_live: bool) -> None:
    stream = capture(captures.port_scan(at_s=5.0, ports=10))
    made = engine(is_live=is_live)
    for item in (opened(stream), whole(stream), SourceStatus(stream.source, "ended")):
        list(made.feed(item))

    ended = made.ended["capture.pcap"]

    assert (ended.medium, ended.site, ended.damage) == ("packets", "site", None)
    assert (ended.stats.records, ended.stats.packets) == (20, 20)
    assert [(row.first_offset, row.records) for row in ended.index] == [(0, 20)]
    assert made.sources == {}


@BOTH
def test_a_capture_that_ends_inside_a_record_says_where(is_live: bool) -> None:
    data = captures.pcap(captures.port_scan(at_s=5.0, ports=10))
    stream = Stream("capture.pcap", "packets", data[:-10])
    made = engine(is_live=is_live)
    for item in (opened(stream), whole(stream), SourceStatus(stream.source, "ended")):
        list(made.feed(item))

    damage = made.ended["capture.pcap"].damage

    assert damage is not None
    assert str(damage) == (
        "capture.pcap: at byte 1354: ends inside a record, 60 bytes of it are there"
    )


def test_a_forgotten_source_leaves_no_detection() -> None:
    stream = capture(captures.port_scan(at_s=5.0, ports=10))
    made = engine()
    for item in (opened(stream), whole(stream)):
        list(made.feed(item))

    made.forget("capture.pcap")

    assert told(made.finish()) == []
    assert made.detections == []


def test_a_replay_refuses_a_capture_that_steps_back_and_live_counts_it_late() -> None:
    packets = [*captures.port_scan(at_s=50.0, ports=10), *captures.calm_web(seconds=1)]
    stream = Stream("capture.pcap", "packets", captures.pcap(packets))
    made, live = engine(), engine(is_live=True)
    for one in (made, live):
        list(one.feed(opened(stream)))

    with pytest.raises(OutOfOrderError):
        list(made.feed(whole(stream)))
    list(live.feed(whole(stream)))
    list(live.finish())

    assert live.ended["capture.pcap"].stats.late == 8


def test_only_captures_are_read_in_time_order() -> None:
    stream = log(logs.guessing(at_s=3.0, failures=9))
    made = engine()
    list(made.feed(opened(stream)))

    with pytest.raises(UsageError, match="only captures are read in time order"):
        made.feed_sorted("auth.log", memoryview(stream.data))


def test_a_medium_without_a_lane_is_refused() -> None:
    with pytest.raises(UsageError, match="no lane for medium 'smoke'"):
        list(engine().feed(SourceStatus("chimney", "opened", "smoke")))


def test_what_the_engine_does_not_decide_changes_nothing() -> None:
    made = engine(is_live=True)

    assert told(made.feed(Shed("capture.pcap", records=5, bytes=500))) == []
    assert told(made.finish()) == []


def test_a_tick_lets_an_idle_source_close_what_is_open() -> None:
    flood = capture(captures.syn_flood(at_s=20.0, packets=450, rate_s=10_000.0))
    made = engine(is_live=True, wired=wiring(detectors=["syn_flood"]))
    list(made.feed(opened(flood)))
    assert told(made.feed(whole(flood))) == []

    said = told(made.feed(Tick(START_NS + 21 * SECOND_NS)))

    assert said == ["open", "preserve"]


@BOTH
def test_a_suppressed_detection_is_counted_under_its_rule(is_live: bool) -> None:
    scanner = Suppression(name="our scanner", reason="weekly audit", attacker=ATTACKER)
    wired = Wiring(
        parameters=wiring().parameters,
        rules=(("rule-port_scan", "port_scan"),),
        confirmations={},
        pages={},
        suppressions=(scanner,),
    )

    found = EngineRun(wired, is_live=is_live)([capture(captures.port_scan(at_s=5.0, ports=9))])

    assert found.incidents == {}
    assert found.accounts is not None
    assert (found.accounts.suppressed, found.accounts.by_rule) == (2, {"our scanner": 2})


@BOTH
def test_a_candidate_that_nobody_joins_is_suppressed_at_the_end(is_live: bool) -> None:
    wired = Wiring(
        parameters=wiring().parameters,
        rules=(("rule-unusual_traffic", "unusual_traffic"),),
        confirmations={"rule-unusual_traffic": Confirmation(k=2, n=3)},
        pages={},
    )
    flood = capture(captures.syn_flood(at_s=20.0, packets=600, rate_s=1000.0))

    found = EngineRun(wired, is_live=is_live)([flood])

    assert len(found.detections) == 1
    assert found.accounts is not None
    assert found.accounts.by_rule == {"below k of n": 1}


def test_a_checkpoint_after_a_source_ended_keeps_its_site() -> None:
    stream = capture(captures.port_scan(at_s=5.0, ports=10))
    first, second = engine(), engine()
    for item in (opened(stream), whole(stream), SourceStatus(stream.source, "ended")):
        list(first.feed(item))

    second.restore(first.state())

    (incident,) = [c.incident for c in second.finish() if isinstance(c, OpenIncident)]
    assert (incident.site, incident.attackers) == ("site", (ATTACKER,))


def test_a_checkpoint_does_not_change_when_the_engine_goes_on() -> None:
    stream = capture(captures.port_scan(at_s=5.0, ports=10))
    made = engine()
    list(made.feed(opened(stream)))
    state = made.state()

    list(made.feed(whole(stream)))

    assert state["sources"]["capture.pcap"]["lane"]["stats"].records == 0


def test_a_restored_engine_knows_that_a_name_and_an_address_are_one_host() -> None:
    packets, lines = guessed_ssh()
    run = EngineRun(is_live=True, restarts=frozenset({4}))

    found = run([packets, lines], cuts=[20_000, len(lines.data) // 2]).printed()

    assert [one["victims"] for one in found] == [["198.51.100.10"]]


def test_two_sites_with_the_same_addresses_are_two_incidents() -> None:
    scan = captures.pcap(captures.port_scan(at_s=5.0, ports=10))
    streams = [Stream(f"{site}.pcap", "packets", scan, site=site) for site in ("a", "b")]

    found = EngineRun()(streams)

    assert sorted(one.site for one in found.incidents.values()) == ["a", "b"]


def test_evidence_is_asked_for_with_the_span_of_the_whole_episode() -> None:
    stream = capture(scanned_web_server())
    made = engine(wired=wiring(detectors=["port_scan"]))
    for item in (opened(stream), whole(stream)):
        list(made.feed(item))

    (asked,) = [c for c in made.finish() if isinstance(c, PreserveEvidence)]

    (selector,) = asked.selectors
    assert (selector.near, selector.far) == ((ATTACKER,), ("198.51.100.10",))
    assert selector.start_ns == START_NS + 5 * SECOND_NS
