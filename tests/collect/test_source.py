"""Sources give all readable bytes, and say where and why they stop."""

from __future__ import annotations

import bz2
import errno
import gzip
import hashlib
import lzma
import os
import subprocess
import sys
import threading
import tracemalloc
from typing import TYPE_CHECKING

import pytest
import zstandard

from tocsin.collect.source import UnrecognisedError, open_source
from tocsin.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tocsin.collect.source import Source

LINES = b"".join(
    b"Nov 11 08:%02d:%02d host sshd[%d]: Failed password for root from 203.0.113.9 port %d ssh2\n"
    % (i // 60 % 60, i % 60, i * i % 65536, i * 7919 % 65536)
    for i in range(20_000)
)
CODECS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "bz2": bz2.compress,
    "zst": zstandard.ZstdCompressor().compress,
}


def written(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def read_all(source: Source, *, block_bytes: int = 1 << 16) -> bytes:
    found = bytearray()
    read_into(found, source, block_bytes=block_bytes)
    return bytes(found)


def read_into(found: bytearray, source: Source, *, block_bytes: int = 4 << 20) -> None:
    """Add what a source gives, up to where it raises."""
    for block in source.blocks(block_bytes=block_bytes, is_hashed=True):
        assert block.offset == len(found)
        found += block.data


def test_a_plain_log_is_given_whole_with_its_hash(tmp_path: Path) -> None:
    path = written(tmp_path / "auth.log", LINES)

    source = open_source(path, site="lab")

    assert (source.medium, source.format, source.compression) == ("log", "log", "")
    assert (source.site, source.size_bytes) == ("lab", len(LINES))
    assert read_all(source, block_bytes=1000) == LINES
    assert source.sha256 == hashlib.sha256(LINES).hexdigest()
    assert source.bytes_read == len(LINES)


def test_blocks_are_read_only_and_of_the_size_asked_for(tmp_path: Path) -> None:
    source = open_source(written(tmp_path / "a.log", LINES[:2500]), site="lab")

    sizes = []
    for block in source.blocks(block_bytes=1000):
        assert memoryview(block.data).readonly
        sizes.append(len(block.data))

    assert sizes == [1000, 1000, 500]


@pytest.mark.parametrize("codec", sorted(CODECS))
def test_a_compressed_log_reads_as_its_content(codec: str, tmp_path: Path) -> None:
    source = open_source(written(tmp_path / "named-anyhow", CODECS[codec](LINES)), site="lab")

    assert (source.medium, source.compression) == ("log", codec)
    assert read_all(source) == LINES
    assert source.sha256 == hashlib.sha256(LINES).hexdigest()
    assert source.read_range(1_000_000, 50) == LINES[1_000_000:1_000_050]
    assert source.read_range(10, 50) == LINES[10:60]
    assert bytes(source.map()) == LINES
    assert source.head(100_000) == LINES[:100_000]


def test_one_compression_inside_another_is_taken_off(tmp_path: Path) -> None:
    path = written(tmp_path / "a", lzma.compress(gzip.compress(LINES)))

    source = open_source(path, site="lab")

    assert source.compression == "xz+gz"
    assert read_all(source) == LINES


@pytest.mark.parametrize("codec", sorted(CODECS))
def test_members_in_a_row_with_padding_are_one_stream(codec: str, tmp_path: Path) -> None:
    pack = CODECS[codec]
    path = written(tmp_path / "a", pack(LINES[:1000]) + pack(LINES[1000:]) + b"\0" * 512)

    assert read_all(open_source(path, site="lab")) == LINES


@pytest.mark.parametrize("codec", ["gz", "xz", "zst"])
def test_a_cut_short_file_gives_all_it_holds_and_says_where_it_ends(
    codec: str, tmp_path: Path
) -> None:
    packed = CODECS[codec](LINES)
    source = open_source(written(tmp_path / "a", packed[: len(packed) // 2]), site="lab")
    found = bytearray()

    with pytest.raises(InputError) as caught:
        read_into(found, source)

    assert len(found) > len(LINES) // 3
    assert LINES.startswith(found)
    assert caught.value.offset == len(found)
    assert "is cut short" in caught.value.reason
    assert source.damage is caught.value
    assert bytes(source.map()) == bytes(found)
    assert source.damage is not None


def test_everything_before_the_damage_is_read(tmp_path: Path) -> None:
    stored = gzip.compress(LINES, compresslevel=0)
    place = stored.index(LINES[700_000:700_040])
    source = open_source(written(tmp_path / "a.gz", stored[:place]), site="lab")
    found = bytearray()

    with pytest.raises(InputError) as caught:
        read_into(found, source)

    assert bytes(found) == LINES[:700_000]
    assert caught.value.offset == 700_000


@pytest.mark.parametrize("codec", sorted(CODECS))
def test_spoiled_bytes_in_the_middle_lose_nothing_before_them(codec: str, tmp_path: Path) -> None:
    packed = bytearray(CODECS[codec](LINES))
    middle = len(packed) // 2
    packed[middle : middle + 4000] = b"\xff" * 4000
    source = open_source(written(tmp_path / "a", bytes(packed)), site="lab")
    found = bytearray()

    with pytest.raises(InputError, match="damaged") as caught:
        read_into(found, source)

    assert len(found) > len(LINES) // 4
    assert found[: len(LINES) // 4] == LINES[: len(LINES) // 4]
    assert caught.value.offset == len(found)


def test_bytes_behind_the_last_member_are_reported(tmp_path: Path) -> None:
    source = open_source(written(tmp_path / "a", gzip.compress(LINES) + b"garbage"), site="lab")
    found = bytearray()

    with pytest.raises(InputError, match="damaged"):
        read_into(found, source)

    assert bytes(found) == LINES


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnrecognisedError) as caught:
        open_source(written(tmp_path / "a.log", b""), site="lab")

    assert str(caught.value) == f"{tmp_path}/a.log: at byte 0: is empty"


def test_compressed_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnrecognisedError, match="its gz content is empty"):
        open_source(written(tmp_path / "a.gz", gzip.compress(b"")), site="lab")


def test_a_folder_is_refused_as_a_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder, not a file"):
        open_source(str(tmp_path), site="lab")


def test_a_missing_file_is_told_in_the_systems_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file or directory"):
        open_source(str(tmp_path / "none"), site="lab")


def test_a_failing_disk_gives_what_was_read_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = open_source(written(tmp_path / "a.log", LINES), site="lab")
    honest = os.preadv

    def failing(fd: int, buffers: Sequence[memoryview], offset: int) -> int:
        if offset >= 300_000:
            raise OSError(errno.EIO, "Input/output error")
        return honest(fd, [buffers[0][: 300_000 - offset]], offset)

    monkeypatch.setattr(os, "preadv", failing)
    found = bytearray()
    with pytest.raises(InputError) as caught:
        read_into(found, source)

    assert bytes(found) == LINES[:300_000]
    assert (caught.value.offset, caught.value.reason) == (300_000, "Input/output error")


def test_a_huge_line_is_read_in_constant_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(LINES[:200])
    os.truncate(path, 200 << 20)
    source = open_source(str(path), site="lab")

    tracemalloc.start()
    count = sum(len(block.data) for block in source.blocks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 200 << 20
    assert peak < 9 << 20


@pytest.mark.parametrize("codec", sorted(CODECS))
def test_a_decompression_bomb_costs_no_memory(codec: str, tmp_path: Path) -> None:
    path = written(tmp_path / "a", CODECS[codec](LINES[:200] + b"\0" * (64 << 20)))

    tracemalloc.start()
    source = open_source(path, site="lab")
    count = sum(len(block.data) for block in source.blocks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 200 + (64 << 20)
    assert peak < 48 << 20


def test_a_named_pipe_is_read_once_and_its_ranges_again(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(gzip.compress(LINES),))
    writer.start()

    source = open_source(str(path), site="lab", spool_dir=tmp_path)
    found = read_all(source)
    writer.join()

    assert found == LINES
    assert source.is_stream
    assert source.read_range(500_000, 40) == LINES[500_000:500_040]
    assert bytes(source.map()) == LINES
    assert os.listdir(tmp_path) == ["pipe"]


def test_a_stream_beyond_its_spool_says_that_it_was_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(LINES,))
    writer.start()

    source = open_source(str(path), site="lab", spool_bytes_max=100_000)
    found = read_all(source)
    writer.join()

    assert found == LINES
    assert source.read_range(99_000, 1000) == LINES[99_000:100_000]
    with pytest.raises(InputError, match="not kept: the spool is full at 100000 bytes"):
        source.read_range(200_000, 10)
    with pytest.raises(InputError, match="not kept"):
        source.map()


def test_a_range_beyond_the_spool_of_a_compressed_file_is_decoded_anew(tmp_path: Path) -> None:
    path = written(tmp_path / "a", gzip.compress(LINES))

    source = open_source(path, site="lab", spool_bytes_max=100_000)

    assert source.read_range(50_000, 10) == LINES[50_000:50_010]
    assert source.read_range(800_000, 10) == LINES[800_000:800_010]
    with pytest.raises(InputError, match="more than 100000 bytes when decompressed"):
        source.map()


def test_a_file_that_changed_after_opening_is_known(tmp_path: Path) -> None:
    source = open_source(written(tmp_path / "a.log", LINES), site="lab")
    before = source.changed()

    (tmp_path / "a.log").write_bytes(LINES + b"more")

    assert (before, source.changed()) == (False, True)


def test_standard_input_is_read_and_its_ranges_again() -> None:
    program = (
        "from tocsin.collect.source import open_source\n"
        "source = open_source('-', site='lab')\n"
        "count = sum(len(block.data) for block in source.blocks())\n"
        "print(source.path, count, source.read_range(0, 6).decode())\n"
    )

    result = subprocess.run(
        [sys.executable, "-c", program], input=LINES, capture_output=True, check=True
    )

    assert result.stdout == b"<stdin> %d Nov 11\n" % len(LINES)
