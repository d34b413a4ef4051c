"""Arguments become sources in a fixed order; the rest is named with a reason."""

from __future__ import annotations

import errno
import gzip
import os
from typing import TYPE_CHECKING

from tocsin.collect.walk import Skipped, gather

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

LINE = b"Nov 11 08:04:51 host sshd[1]: Failed password for root from 203.0.113.9 port 1 ssh2\n"


def test_a_folder_is_read_recursively_in_order_as_one_site(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("c.log", "b/z.log", "b/a.log", ".hidden", "a.log.gz"):
        data = LINE + name.encode()
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)

    found = gather([str(tmp_path)])

    names = [os.path.relpath(source.path, tmp_path) for source in found.sources]
    assert names == [".hidden", "a.log.gz", "b/a.log", "b/z.log", "c.log"]
    assert {source.site for source in found.sources} == {str(tmp_path)}
    assert (found.skipped, found.problems) == ((), ())


def test_each_argument_is_its_own_site_unless_one_is_given(tmp_path: Path) -> None:
    paths = [str(tmp_path / "b.log"), str(tmp_path / "a.log")]
    for path in paths:
        (tmp_path / path).write_bytes(LINE)

    apart = gather(paths)
    joined = gather(paths, site="lab")

    assert [(source.path, source.site) for source in apart.sources] == [(p, p) for p in paths]
    assert [source.site for source in joined.sources] == ["lab", "lab"]


def test_what_is_no_input_is_skipped_when_found_and_a_problem_when_named(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    empty = tmp_path / "b.log"
    empty.touch()

    found = gather([str(tmp_path)])
    named = gather([str(picture), str(empty)])

    assert found.skipped == (
        Skipped(str(picture), "looks like a PNG image"),
        Skipped(str(empty), "is empty"),
    )
    assert found.problems == ()
    assert [problem.reason for problem in named.problems] == ["looks like a PNG image", "is empty"]
    assert named.skipped == ()


def test_text_without_records_is_skipped_when_found_and_read_when_named(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_bytes(b"# Samples\n\nRecorded with hping3.\n")

    found = gather([str(tmp_path)])
    named = gather([str(readme)])

    why = "is text, but no line looks like a log record"
    assert (found.sources, found.skipped) == ((), (Skipped(str(readme), why),))
    assert [source.medium for source in named.sources] == ["log"]


def test_a_folder_inside_itself_is_told_once_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(LINE)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "up").symlink_to(tmp_path)

    found = gather([str(tmp_path)])

    assert len(found.sources) == 1
    loop = Skipped(f"{tmp_path}/sub/up", f"is a loop back to {tmp_path}")
    assert found.skipped == (loop,)
    assert found.problems == ()


def test_a_file_under_two_names_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(LINE)
    (tmp_path / "b.log").symlink_to("a.log")

    found = gather([str(tmp_path)])

    assert [source.path for source in found.sources] == [f"{tmp_path}/a.log"]
    assert found.skipped == (Skipped(f"{tmp_path}/b.log", f"is the same as {tmp_path}/a.log"),)


def test_a_pipe_found_by_recursion_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    found = gather([str(tmp_path)])

    assert found.skipped == (Skipped(f"{tmp_path}/pipe", "is a named pipe"),)


def test_missing_names_and_links_to_nothing_are_problems(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "dangling").symlink_to("nowhere")
    (tmp_path / "d" / "a.log").write_bytes(LINE)

    found = gather([str(tmp_path / "none"), str(tmp_path / "d")])

    assert len(found.sources) == 1
    assert [str(problem) for problem in found.problems] == [
        f"{tmp_path}/none: at byte 0: No such file or directory",
        f"{tmp_path}/d/dangling: at byte 0: No such file or directory",
    ]


def test_a_self_referring_link_is_a_problem_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "me").symlink_to("me")
    (tmp_path / "z.log").write_bytes(LINE)

    found = gather([str(tmp_path)])

    assert len(found.sources) == 1
    assert [problem.reason for problem in found.problems] == ["Too many levels of symbolic links"]


def test_an_unreadable_folder_is_a_problem_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "open.log").write_bytes(LINE)
    honest = os.listdir

    def refusing(path: str) -> list[str]:
        if path.endswith("closed"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return honest(path)

    monkeypatch.setattr(os, "listdir", refusing)
    found = gather([str(tmp_path)])

    assert len(found.sources) == 1
    assert [(p.path, p.reason) for p in found.problems] == [
        (f"{tmp_path}/closed", "Permission denied")
    ]


def test_a_damaged_compressed_file_found_by_recursion_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(LINE)[:12])

    found = gather([str(tmp_path)])

    assert [problem.reason for problem in found.problems] == ["the gzip data is cut short"]
