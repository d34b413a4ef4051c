"""Growing files are followed through all that is done to logs."""

from __future__ import annotations

import os
import struct
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tocsin.collect.tail import Tail
from tocsin.core.errors import InputError
from tocsin.core.inputs import Block, SourceStatus

if TYPE_CHECKING:
    from pathlib import Path

    from tocsin.collect.growing import Position

LINE = b"Nov 11 08:04:51 host sshd[1]: Failed password for root from 203.0.113.9 port 1 ssh2\n"
WAIT_S = 10.0


def taken(tail: Tail, count: int) -> list[str | tuple[int, bytes]]:
    """Return the next items: a status as its state, a block as (offset, bytes)."""
    found: list[str | tuple[int, bytes]] = []
    while len(found) < count:
        item = tail.take(timeout_s=WAIT_S)
        assert item is not None, f"nothing within {WAIT_S} s after {found}"
        if isinstance(item, Block):
            found.append((item.offset, bytes(item.data)))
        else:
            found.append(item.state)
    return found


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_what_stands_there_and_what_is_appended_is_given(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_bytes(LINE)

    with Tail([str(path)]) as tail:
        opened = tail.take(timeout_s=WAIT_S)
        first = taken(tail, 1)
        append(path, b"partial")
        second = taken(tail, 1)

    assert isinstance(opened, SourceStatus)
    assert (opened.source, opened.state, opened.medium) == (str(path), "opened", "log")
    assert opened.time_ns > 0
    assert first == [(0, LINE)]
    assert second == [(len(LINE), b"partial")]


def test_an_appended_line_is_seen_in_milliseconds(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_bytes(LINE)

    with Tail([str(path)]) as tail:
        taken(tail, 2)
        delays = []
        for _ in range(5):
            assert tail.take(timeout_s=0.02) is None
            begin = time.perf_counter()
            append(path, LINE)
            taken(tail, 1)
            delays.append(time.perf_counter() - begin)

    # The recheck without a notice takes 1 s; the machine may be busy.
    assert min(delays) < 0.1


def test_a_file_that_does_not_exist_yet_is_told_when_it_does(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"

    with Tail([str(path)]) as tail:
        before = tail.take(timeout_s=0.02)
        path.write_bytes(LINE)
        after = taken(tail, 2)

    assert before is None
    assert after == ["opened", (0, LINE)]


def test_a_renamed_file_is_read_to_its_end_before_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_bytes(LINE)

    with Tail([str(path)]) as tail, path.open("ab", buffering=0) as writer:
        taken(tail, 2)
        path.rename(tmp_path / "auth.log.1")
        path.touch()
        writer.write(b"late in the old file\n")
        late = taken(tail, 1)
        append(path, b"first in the new file\n")
        new = taken(tail, 2)

    assert late == [(len(LINE), b"late in the old file\n")]
    assert new == ["rotated", (0, b"first in the new file\n")]


def test_two_rotations_while_nobody_reads_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_bytes(LINE)

    with Tail([str(path)]) as tail:
        taken(tail, 2)
        path.rename(tmp_path / "auth.log.1")
        path.write_bytes(b"second\n")
        path.rename(tmp_path / "auth.log.2")
        path.write_bytes(b"third\n")
        found = taken(tail, 4)

    assert found == ["rotated", (0, b"second\n"), "rotated", (0, b"third\n")]


def test_all_that_was_rotated_while_away_is_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    (tmp_path / "auth.log.9").write_bytes(b"from before\n")
    os.utime(tmp_path / "auth.log.9", ns=(0, 0))
    path.write_bytes(LINE)
    position = read_position(path)
    path.rename(tmp_path / "auth.log.3")
    for second, name in enumerate(("auth.log.2", "auth.log.1", "auth.log")):
        (tmp_path / name).write_bytes(name.encode())
        os.utime(tmp_path / name, (2e9 + second, 2e9 + second))

    with Tail([str(path)], positions={str(path): position}) as tail:
        found = taken(tail, 7)

    assert [item[1] for item in found if isinstance(item, tuple)] == [
        b"auth.log.2", b"auth.log.1", b"auth.log",
    ]  # fmt: skip


def test_the_copy_of_a_truncated_file_is_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_bytes(LINE)

    with Tail([str(path)]) as tail:
        taken(tail, 2)
        (tmp_path / "auth.log.1").write_bytes(LINE)
        os.truncate(path, 0)
        rotated = taken(tail, 1)
        append(path, b"second\n")
        second = taken(tail, 1)
        path.rename(tmp_path / "auth.log.2")
        path.write_bytes(b"third\n")
        third = taken(tail, 2)

    assert (rotated, second) == (["rotated"], [(0, b"second\n")])
    assert third == ["rotated", (0, b"third\n")]


def test_a_truncated_file_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_bytes(LINE * 3)

    with Tail([str(path)]) as tail:
        taken(tail, 2)
        os.truncate(path, 0)
        rotated = taken(tail, 1)
        append(path, b"anew\n")
        anew = taken(tail, 1)

    assert (rotated, anew) == (["rotated"], [(0, b"anew\n")])


def test_a_file_rewritten_longer_than_before_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_bytes(LINE)
    other = LINE.replace(b"08:04:51", b"09:00:00") * 2

    with Tail([str(path)]) as tail:
        taken(tail, 2)
        with path.open("r+b", buffering=0) as writer:
            writer.write(other)
        found = taken(tail, 2)

    assert found == ["rotated", (0, other)]


def test_following_goes_on_from_a_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_bytes(LINE)
    position = read_position(path)
    append(path, b"while away\n")

    with Tail([str(path)], positions={str(path): position}) as tail:
        found = taken(tail, 2)

    assert found == ["opened", (len(LINE), b"while away\n")]


def test_a_file_rotated_while_away_is_finished_first(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_bytes(LINE)
    position = read_position(path)
    append(path, b"while away\n")
    path.rename(tmp_path / "auth.log.1")
    path.write_bytes(b"new\n")

    with Tail([str(path)], positions={str(path): position}) as tail:
        found = taken(tail, 4)

    assert found == ["opened", (len(LINE), b"while away\n"), "rotated", (0, b"new\n")]


def test_a_checkpoint_of_other_content_is_not_trusted(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_bytes(LINE)
    position = read_position(path)
    with path.open("r+b") as writer:
        writer.write(b"Dec")

    with Tail([str(path)], positions={str(path): position}) as tail:
        found = taken(tail, 2)

    assert found == ["opened", (0, b"Dec" + LINE[3:])]


def test_reading_from_the_end_leaves_out_what_stood_there(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_bytes(LINE)

    with Tail([str(path)], is_from_end=True) as tail:
        taken(tail, 1)
        append(path, b"new\n")
        found = taken(tail, 1)

    assert found == [(len(LINE), b"new\n")]


def test_a_growing_capture_is_told_when_its_header_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "live.pcap"
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    path.write_bytes(header[:10])

    with Tail([str(path)]) as tail:
        before = tail.take(timeout_s=0.02)
        append(path, header[10:])
        opened = tail.take(timeout_s=WAIT_S)
        block = taken(tail, 1)
        append(path, b"packet")
        packet = taken(tail, 1)

    assert before is None
    assert isinstance(opened, SourceStatus)
    assert opened.medium == "packets"
    assert (block, packet) == ([(0, header)], [(24, b"packet")])


def test_an_idle_file_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_bytes(LINE)

    with Tail([str(path)], idle_s=0.05) as tail:
        found = taken(tail, 3)
        again = tail.take(timeout_s=0.2)

    assert found == ["opened", (0, LINE), "idle"]
    assert again is None


def test_one_bad_file_is_reported_once_and_the_others_go_on(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    log = tmp_path / "auth.log"
    log.write_bytes(LINE)

    with Tail([str(picture), str(log)]) as tail:
        with pytest.raises(InputError, match="looks like a PNG image"):
            tail.take(timeout_s=WAIT_S)
        found = taken(tail, 2)
        append(picture, b"more")
        append(log, b"more")
        more = taken(tail, 1)

    assert (found, more) == (["opened", (0, LINE)], [(len(LINE), b"more")])


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a regular file"):
        Tail([str(tmp_path)])
    with pytest.raises(InputError, match="does not exist"):
        Tail([str(tmp_path / "none" / "auth.log")])


def test_large_growth_comes_in_bounded_blocks(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_bytes(LINE * 100)

    with Tail([str(path)], block_bytes=1000) as tail:
        taken(tail, 1)
        found = taken(tail, 9)

    assert b"".join(item[1] for item in found if isinstance(item, tuple)) == LINE * 100
    assert max(len(item[1]) for item in found if isinstance(item, tuple)) == 1000


def test_stop_ends_the_iteration_at_once(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_bytes(LINE)
    seen: list[Block | SourceStatus] = []
    is_read = threading.Event()

    def follow(tail: Tail) -> None:
        for item in tail:
            seen.append(item)
            if isinstance(item, Block):
                is_read.set()

    with Tail([str(path)]) as tail:
        reader = threading.Thread(target=follow, args=(tail,))
        reader.start()
        is_followed = is_read.wait(WAIT_S)
        begin = time.perf_counter()
        tail.stop()
        reader.join(WAIT_S)

    assert is_followed
    assert not reader.is_alive()
    assert time.perf_counter() - begin < 0.9


def test_a_writer_that_rotates_all_the_time_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_bytes(LINE)
    expected = LINE + b"".join(b"%d\n" % number for number in range(2000))

    def write() -> None:
        for number in range(2000):
            if number % 250 == 249:
                path.rename(tmp_path / f"auth.log.{number}")
            append(path, b"%d\n" % number)

    with Tail([str(path)]) as tail:
        writer = threading.Thread(target=write)
        writer.start()
        found = bytearray()
        states: list[str] = []
        while len(found) < len(expected):
            (item,) = taken(tail, 1)
            if isinstance(item, tuple):
                found += item[1]
            else:
                states.append(item)
        writer.join(WAIT_S)

    assert bytes(found) == expected
    assert states == ["opened"] + ["rotated"] * 8


def read_position(path: Path) -> Position:
    """Follow a file to its end and return the checkpoint."""
    with Tail([str(path)]) as tail:
        taken(tail, 2)
        position = tail.position(str(path))
    assert position is not None
    return position
