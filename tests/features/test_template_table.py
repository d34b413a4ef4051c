"""What the log lane tells of templates: first times, windows, and nothing of known formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tocsin.core.inputs import Block, SourceStatus
from tocsin.core.log_messages import NewTemplate, TemplatesJoined, TemplateWindow
from tocsin.core.parameters import Parameters
from tocsin.core.times import NS_PER_S
from tocsin.features import template_table
from tocsin.pipeline.checkpoint import read_checkpoint, write_checkpoint
from tocsin.pipeline.lanes import LaneOptions, open_lane
from tocsin.pipeline.wiring import Wiring
from tocsin.testing import logs
from tocsin.testing.scenes import START_NS

if TYPE_CHECKING:
    from pathlib import Path

    from tocsin.core.messages import Message
    from tocsin.pipeline.lanes import Lane

WIRING = Wiring(parameters=Parameters(), rules=(), confirmations={}, pages={})
OURS = NewTemplate | TemplateWindow | TemplatesJoined


def opened() -> Lane:
    status = SourceStatus("a.log", "opened", "log", "a", time_ns=START_NS)
    return open_lane(status, wiring=WIRING, options=LaneOptions(live=False, fallback_ns=START_NS))


def told(data: bytes, *, cut: int = 1 << 20) -> list[Message]:
    lane = opened()
    for at in range(0, len(data), cut):
        lane.feed(Block("a.log", data[at : at + cut], at))
    lane.finish()
    return [one for one in lane.take().messages if isinstance(one, OURS)]


def shop(at_s: float, message: str, pid: int = 7) -> bytes:
    return logs.line(at_s, message, program=f"shopd[{pid}]")


def test_a_template_is_told_at_its_first_line() -> None:
    data = shop(1, "served 17 in 3 ms") + shop(2, "served 9 in 44 ms") + shop(3, "idle")

    first, second, window = told(data)

    assert isinstance(first, NewTemplate)
    assert (first.server, first.program, first.text) == ("web01", "shopd", "served <*> in <*>")
    assert (first.line, first.lines) == ("served 17 in 3 ms", 0)
    assert isinstance(second, NewTemplate)
    assert (second.text, second.lines, second.templates, second.singles) == ("idle", 2, 1, 0)
    assert isinstance(window, TemplateWindow)
    assert (window.counts, window.is_whole) == (((0, 2), (1, 1)), False)


def test_windows_end_at_ten_minutes_of_the_clock() -> None:
    data = shop(1, "idle") + shop(599, "idle") + shop(600, "idle") + shop(1300, "idle")

    windows = [one for one in told(data) if isinstance(one, TemplateWindow)]

    assert [(w.start_ns - START_NS) // NS_PER_S for w in windows] == [0, 600, 1200]
    assert [w.counts for w in windows] == [((0, 2),), ((0, 1),), ((0, 1),)]
    assert [w.is_whole for w in windows] == [True, True, False]


def test_triples_are_those_of_a_process() -> None:
    data = b"".join(
        shop(n, word, pid) for n, (word, pid) in enumerate(
            [("ant", 1), ("bee", 2), ("cat", 1), ("ant", 2), ("bee", 1), ("cat", 2)]
        )
    )  # fmt: skip

    (window,) = [one for one in told(data) if isinstance(one, TemplateWindow)]

    assert (window.triples, window.unseen) == (2, 2)


def test_known_formats_json_and_access_lines_are_not_mined() -> None:
    data = (
        logs.failed(1, source="203.0.113.9", port=4000)
        + shop(2, '{"level": "info", "message": "x"}')
        + b'203.0.113.9 - - [01/Jan/2026:00:00:03 +0000] "GET / HTTP/1.1" 200 9 "-" "x"\n'
    )

    assert told(data) == []


def test_templates_that_become_one_are_told() -> None:
    words = ("ant", "bee", "cat", "dog", "elk", "fox")
    data = b"".join(shop(n, f"job {word} begins") for n, word in enumerate(words))

    found = told(data)

    (joined,) = [one for one in found if isinstance(one, TemplatesJoined)]
    assert joined.joined == ((1, 0), (2, 0), (3, 0), (4, 0))
    (window,) = [one for one in found if isinstance(one, TemplateWindow)]
    assert (window.counts, window.texts) == (((0, 6),), ("job <*> begins",))


@pytest.mark.parametrize("cut", [1, 7, 100, 4096])
def test_any_cut_tells_the_same(cut: int) -> None:
    data = b"".join(logs.unusual_window()[-400:])

    assert told(data, cut=cut) == told(data)


def test_a_restart_tells_the_same(tmp_path: Path) -> None:
    data = b"".join(logs.unusual_window()[-400:])
    half = len(data) // 2
    old, fresh = opened(), opened()
    old.feed(Block("a.log", data[:half], 0))
    found = [one for one in old.take().messages if isinstance(one, OURS)]

    place = tmp_path / "state.ckpt"
    write_checkpoint(place, {"lane": old.state()})
    kept = read_checkpoint(place)
    assert kept is not None
    fresh.restore(kept["lane"])
    fresh.feed(Block("a.log", data[half:], half))
    fresh.finish()
    found += [one for one in fresh.take().messages if isinstance(one, OURS)]

    assert found == told(data)


def test_ever_new_lines_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_table, "LOOKS_MAX", 100)
    monkeypatch.setattr(template_table, "SHAPES_MAX", 64)
    numbers = np.random.default_rng(5)
    letters = np.array(list("abcdefghijklmnop"))
    data = b"".join(
        shop(n, " ".join("".join(letters[numbers.integers(0, 16, 8)]) for _ in range(4)))
        for n in range(2000)
    )
    lane = opened()

    lane.feed(Block("a.log", data, 0))

    table = lane._templates  # type: ignore[union-attr]
    assert len(table._known) <= 64
    assert table.crowded > 1700
