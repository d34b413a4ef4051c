"""Model files: read back as written, and refused when anything was altered."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tocsin.core.errors import InputError, IntegrityError, UsageError
from tocsin.store import models
from tocsin.store.models import ModelCard, find_model, list_models, read_model, write_model

if TYPE_CHECKING:
    from pathlib import Path

CARD = ModelCard(
    name="calm-office",
    method="isolation_forest",
    detector="unusual_traffic",
    date="2026-11-23",
    features=("sources", "ports"),
    threshold=0.66,
    false_alarm_rate=0.001,
    data=({"name": "calm.pcap", "licence": "CC0-1.0"},),
)
ARRAYS = {"roots": np.array([0], dtype="<i4"), "usual": np.array([0.5, 2.0], dtype="<f8")}


def test_a_model_reads_back_as_it_was_written(tmp_path: Path) -> None:
    path = write_model(tmp_path, CARD, ARRAYS)

    model = read_model(path)

    assert model.card.threshold == 0.66
    assert model.card.features == ("sources", "ports")
    assert model.card.arrays["usual"] == {"dtype": "<f8", "shape": [2]}
    assert model.arrays["usual"].tolist() == [0.5, 2.0]


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    first = write_model(tmp_path / "a", CARD, ARRAYS)
    second = write_model(tmp_path / "b", CARD, ARRAYS)

    assert first.read_bytes() == second.read_bytes()
    assert first.with_suffix(".npz").read_bytes() == second.with_suffix(".npz").read_bytes()


def test_a_flipped_bit_in_the_arrays_is_an_integrity_error(tmp_path: Path) -> None:
    path = write_model(tmp_path, CARD, ARRAYS)
    archive = path.with_suffix(".npz")
    blob = bytearray(archive.read_bytes())
    blob[40] ^= 1
    archive.write_bytes(blob)

    with pytest.raises(IntegrityError, match="expected sha256"):
        read_model(path)


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, roots=np.array([{"a": 1}], dtype=object))
    path = forged(tmp_path, buffer.getvalue())

    with pytest.raises(IntegrityError, match="not an archive of arrays"):
        read_model(path)


def test_an_archive_that_unpacks_to_too_much_is_refused_before_unpacking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "UNPACKED_BYTES_MAX", 1000)
    path = write_model(tmp_path, CARD, {"roots": np.zeros(2000, dtype="<i4")})

    with pytest.raises(IntegrityError, match="unpacks to 16,128 bytes, at most 1,000"):
        read_model(path)


def test_arrays_that_the_card_does_not_list_are_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, other=np.zeros(3))
    path = forged(tmp_path, buffer.getvalue())

    with pytest.raises(IntegrityError, match="expected arrays"):
        read_model(path)


def test_a_header_that_asks_for_a_terabyte_is_refused_before_allocating(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (1 << 37,)}
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("roots.npy", header.getvalue())

    with pytest.raises(IntegrityError, match=r"unpacks to 1,099,511,\d+,\d+ bytes"):
        read_model(forged(tmp_path, buffer.getvalue()))


@pytest.mark.parametrize("blob", [b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00"])
def test_bytes_that_are_no_archive_are_refused(tmp_path: Path, blob: bytes) -> None:
    with pytest.raises(IntegrityError, match="not an archive of arrays"):
        read_model(forged(tmp_path, blob))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"schema": "tocsin.model/2"}',
        '{"schema": "tocsin.model/1"}',
        "[" * 100_000,
        json.dumps({**CARD.to_json(), "threshold": "high"}),
        json.dumps({**CARD.to_json(), "threshold": float("nan")}),
        json.dumps({**CARD.to_json(), "features": 3}),
        json.dumps({**CARD.to_json(), "name": "other"}),
        json.dumps({**CARD.to_json(), "arrays": []}),
    ],
)
def test_a_card_that_is_none_is_an_integrity_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "calm-office.json"
    path.write_text(text)

    with pytest.raises(IntegrityError, match=r"calm-office\.json"):
        read_model(path)


def test_a_card_without_its_arrays_says_which_file_is_missing(tmp_path: Path) -> None:
    path = write_model(tmp_path, CARD, ARRAYS)
    path.with_suffix(".npz").unlink()

    with pytest.raises(InputError, match=r"calm-office\.npz.*No such file"):
        read_model(path)


@pytest.mark.parametrize("name", ["", "../calm", "Calm", ".calm", "a/b", "a" * 64])
def test_a_name_that_could_leave_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="lower-case letters"):
        write_model(tmp_path, replace(CARD, name=name), ARRAYS)


def test_the_first_folder_that_holds_a_name_wins(tmp_path: Path) -> None:
    own, shipped = tmp_path / "own", tmp_path / "shipped"
    mine = write_model(own, CARD, ARRAYS)
    write_model(shipped, CARD, ARRAYS)
    other = write_model(shipped, replace(CARD, name="another"), ARRAYS)

    assert list_models(own, shipped, tmp_path / "absent") == [other, mine]
    assert find_model("calm-office", own, shipped) == mine


def test_an_unknown_name_is_told_with_those_that_exist(tmp_path: Path) -> None:
    write_model(tmp_path, CARD, ARRAYS)

    with pytest.raises(UsageError, match="no model 'calm'; there are: calm-office"):
        find_model("calm", tmp_path)


def forged(folder: Path, blob: bytes) -> Path:
    """Write a card whose hash fits bytes that are not its arrays."""
    path = write_model(folder, CARD, ARRAYS)
    path.with_suffix(".npz").write_bytes(blob)
    content = json.loads(path.read_text())
    content["npz_sha256"] = hashlib.sha256(blob).hexdigest()
    path.write_text(json.dumps(content))
    assert zipfile.is_zipfile(path.with_suffix(".npz")) or len(blob) < 30
    return path
