from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tocsin.settings.kept import FILES_MAX, keep_arrays, kept_arrays

if TYPE_CHECKING:
    from pathlib import Path

ARRAYS = {"step": np.arange(6, dtype=np.int32), "is_whole": np.array(True)}


def test_arrays_come_back_as_they_were_and_are_their_owners_alone(tmp_path: Path) -> None:
    keep_arrays("texts", "k1", ARRAYS, folder=tmp_path / "cache")

    found = kept_arrays("texts", "k1", folder=tmp_path / "cache")

    assert found is not None
    assert {name: (str(array.dtype), array.tolist()) for name, array in found.items()} == {
        "step": ("int32", [0, 1, 2, 3, 4, 5]),
        "is_whole": ("bool", True),
    }
    (kept,) = (tmp_path / "cache").iterdir()
    assert kept.stat().st_mode & 0o077 == 0


def test_another_name_or_key_gives_nothing(tmp_path: Path) -> None:
    keep_arrays("texts", "k1", ARRAYS, folder=tmp_path)

    assert kept_arrays("texts", "k2", folder=tmp_path) is None
    assert kept_arrays("others", "k1", folder=tmp_path) is None


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"\x80\x04."])
def test_a_file_of_anything_else_counts_as_absent(tmp_path: Path, damage: bytes) -> None:
    keep_arrays("texts", "k1", ARRAYS, folder=tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(damage)

    assert kept_arrays("texts", "k1", folder=tmp_path) is None


def test_a_file_with_any_byte_changed_or_its_end_cut_counts_as_absent(tmp_path: Path) -> None:
    keep_arrays("texts", "k1", ARRAYS, folder=tmp_path)
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()

    for at in range(len(whole)):
        kept.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert kept_arrays("texts", "k1", folder=tmp_path) is None
        kept.write_bytes(whole[:at])
        assert kept_arrays("texts", "k1", folder=tmp_path) is None


def test_a_folder_that_cannot_be_made_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    keep_arrays("texts", "k1", ARRAYS, folder=tmp_path / "file" / "cache")

    assert kept_arrays("texts", "k1", folder=tmp_path / "file" / "cache") is None


def test_of_one_name_only_the_newest_files_stay(tmp_path: Path) -> None:
    keep_arrays("others", "k", ARRAYS, folder=tmp_path)
    for number in range(FILES_MAX + 3):
        keep_arrays("texts", f"k{number}", ARRAYS, folder=tmp_path)

    assert len(list(tmp_path.glob("texts-*"))) == FILES_MAX
    assert kept_arrays("texts", f"k{FILES_MAX + 2}", folder=tmp_path) is not None
    assert kept_arrays("others", "k", folder=tmp_path) is not None
