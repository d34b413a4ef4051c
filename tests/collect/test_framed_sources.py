"""Framed inputs through a source: blocks, ranges, damage; and followed while they grow."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.collect.evtx_files import evtx, logon
from tests.collect.framing.test_framing import TRAIL, exported
from tocsin.collect.source import open_source
from tocsin.collect.tail import Tail
from tocsin.core.errors import InputError
from tocsin.core.inputs import Block


def test_a_compressed_trail_is_read_as_lines_and_any_range_again(tmp_path: Path) -> None:
    path = tmp_path / "trail.json.gz"
    path.write_bytes(gzip.compress(json.dumps(TRAIL, indent=2).encode()))
    source = open_source(str(path), site="a")

    blocks = [(block.offset, bytes(block.data)) for block in source.blocks(block_bytes=64)]

    text = b"".join(data for _, data in blocks)
    assert [json.loads(line) for line in text.splitlines()] == TRAIL["Records"]
    assert [offset for offset, _ in blocks] == list(range(0, len(text), 64))
    assert source.read_range(10, 40) == text[10:50]
    assert (source.medium, source.framing, source.compression) == ("log", "json", "gz")
    assert not source.is_as_stored


def test_an_event_log_that_is_cut_short_gives_what_it_holds_and_says_where(tmp_path: Path) -> None:
    path = tmp_path / "Security.evtx"
    path.write_bytes(evtx([logon(n) for n in range(1, 31)])[: 4096 + (1 << 16) + 900])
    source = open_source(str(path), site="a")
    lines: list[bytes] = []

    with pytest.raises(InputError, match="the last chunk of the event log is cut short"):
        lines.extend(bytes(block.data) for block in source.blocks())

    assert b"".join(lines).count(b"\n") >= 20


def test_a_growing_journal_export_is_followed_and_taken_up_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.export"
    first, second = exported(_COMM="a", MESSAGE="one"), exported(_COMM="b", MESSAGE=b"t\nwo")
    path.write_bytes(first + second[:30])

    with Tail([str(path)]) as tail:
        opened = tail.take(timeout_s=5.0)
        (block,) = _blocks(tail, 1)
        position = tail.position(str(path))
    with path.open("ab") as file:
        file.write(second[30:])
    assert position is not None
    with Tail([str(path)], positions={str(path): position}) as tail:
        (later,) = _blocks(tail, 1)

    assert opened is not None
    assert json.loads(block[1])["MESSAGE"] == "one"
    assert json.loads(later[1])["MESSAGE"] == "t\nwo"
    assert later[0] == len(block[1])


def _blocks(tail: Tail, count: int) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    while len(found) < count:
        taken = tail.take(timeout_s=5.0)
        assert taken is not None
        if isinstance(taken, Block):
            found.append((taken.offset, bytes(taken.data)))
    return found
