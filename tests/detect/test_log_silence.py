"""A log that stops to speak."""

from __future__ import annotations

from dataclasses import replace

from tests.detect.messages import attacked, judged
from tocsin.core.commands import OpenIncident, UpdateIncident
from tocsin.core.inputs import Block, SourceStatus, Tick
from tocsin.core.times import DAY_NS, HOUR_NS
from tocsin.detect.log_silence import LogSilence
from tocsin.pipeline.engine import Engine
from tocsin.testing.calm_week import ordinary_week
from tocsin.testing.scenes import START_NS, EngineRun, log, wiring


def incidents(engine: Engine, item: Block | SourceStatus | Tick) -> list[str]:
    return [
        one.incident.title
        for one in engine.feed(item)
        if isinstance(one, OpenIncident | UpdateIncident)
    ]


def live() -> Engine:
    engine = Engine(wiring(detectors=["log_silence"]), hold=False, live=True)
    opened = SourceStatus("auth.log", "opened", "log", "site", time_ns=START_NS)
    assert incidents(engine, opened) == []
    return engine


def test_the_end_of_a_file_is_no_silence() -> None:
    assert EngineRun(wiring(detectors=["log_silence"]))([log(ordinary_week())]).printed() == []


def test_a_silence_is_told_live_while_it_lasts_and_once() -> None:
    engine = live()
    data = b"".join(ordinary_week(days=10))
    assert incidents(engine, Block("auth.log", data, 0)) == []
    end_ns = START_NS + 10 * DAY_NS

    assert incidents(engine, Tick(end_ns + 2 * HOUR_NS)) == []
    (title,) = incidents(engine, Tick(end_ns + 12 * HOUR_NS))
    assert title.startswith("Silent log against web01: silent for 12.")
    assert incidents(engine, Tick(end_ns + 13 * HOUR_NS)) == []


def test_without_a_rhythm_a_silence_says_nothing() -> None:
    engine = live()
    assert incidents(engine, Block("auth.log", b"".join(ordinary_week(days=2)), 0)) == []

    assert incidents(engine, Tick(START_NS + 9 * DAY_NS)) == []


def test_a_silence_that_is_over_is_told_at_what_follows() -> None:
    lines = ordinary_week(days=12)
    cut = [one for one in lines if not one.startswith((b"Jan  9 0", b"Jan  9 1"))]
    (found,) = EngineRun(wiring(detectors=["log_silence"]))([log(cut)]).printed()

    assert found["title"] == "Silent log against web01: silent for 20.7 h"


def test_a_silence_that_grows_is_told_with_its_figures() -> None:
    (found,) = attacked(LogSilence)

    assert found.reason == (
        "the log of web0 is silent for 10.0 h; its longest silence on 9 days was 1.0 h"
    )


def test_a_clock_that_went_back_is_no_silence() -> None:
    from tocsin.testing.attacks.log_silence import attack

    (pause,) = attack(0, START_NS)

    assert judged(LogSilence, [replace(pause, gap_ns=-HOUR_NS)]) == []  # type: ignore[type-var]
