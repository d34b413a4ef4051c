"""Rules in an archive: unpacked once, bounded, never outside their folder."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from tocsin.core.errors import ConfigError, UsageError
from tocsin.settings.sigma.archive import rules_folder

if TYPE_CHECKING:
    from pathlib import Path


def archive(path: Path, **members: str) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, text in members.items():
            entry = tarfile.TarInfo(name.replace("__", "/").replace("_yml", ".yml"))
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return path


def test_a_folder_is_itself(tmp_path: Path) -> None:
    assert rules_folder(tmp_path) == tmp_path


def test_an_archive_is_unpacked_once_and_only_its_rules(tmp_path: Path) -> None:
    path = archive(tmp_path / "r.tar.gz", rules__a_yml="title: a", notes="x")

    folder = rules_folder(path, cache=tmp_path / "cache")
    (folder / "mark").touch()
    again = rules_folder(path, cache=tmp_path / "cache")

    assert sorted(p.name for p in folder.rglob("*") if p.is_file()) == ["a.yml", "mark"]
    assert again == folder


def test_what_is_neither_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is neither a folder nor an archive"):
        rules_folder(tmp_path / "gone")


def test_an_archive_cut_short_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path = archive(tmp_path / "r.tar.gz", a_yml="title: a" * 500)
    path.write_bytes(path.read_bytes()[:60])

    with pytest.raises(ConfigError, match="can't be unpacked"):
        rules_folder(path, cache=tmp_path / "cache")

    assert list((tmp_path / "cache" / "unpacked").iterdir()) == []


def test_a_member_outside_its_folder_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "r.tar.gz", **{"..__out_yml": "title: a"})

    with pytest.raises(ConfigError, match="can't be unpacked"):
        rules_folder(path, cache=tmp_path / "cache")

    assert not (tmp_path / "cache" / "out.yml").exists()


def test_pythons_without_a_filter_of_members_refuse_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(tarfile, "data_filter")
    outside = archive(tmp_path / "r.tar.gz", **{"..__out_yml": "title: a"})
    inside = archive(tmp_path / "s.tar.gz", rules__a_yml="title: a")

    with pytest.raises(ConfigError, match="lies outside"):
        rules_folder(outside, cache=tmp_path / "cache")

    folder = rules_folder(inside, cache=tmp_path / "cache")
    assert [path.name for path in folder.rglob("*.yml")] == ["a.yml"]
