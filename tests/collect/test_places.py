"""Places of addresses: records of databases of places, and files that can't be used."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tocsin.collect.places import open_places, place_of
from tocsin.core.errors import ConfigError
from tocsin.core.places import Place
from tocsin.pipeline.assemble import assemble


def test_a_city_record_gives_country_and_point() -> None:
    record = {
        "country": {"iso_code": "de"},
        "location": {"latitude": 52.5, "longitude": 13.4, "accuracy_radius": 20},
    }

    assert place_of(record) == Place("DE", 52.5, 13.4, 20.0)


def test_a_country_record_has_no_point() -> None:
    assert place_of({"registered_country": {"iso_code": "BR"}}) == Place("BR")
    assert place_of({"country_code": "BR"}) == Place("BR")
    assert place_of(None) is None


def test_without_the_package_the_setting_is_refused_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "maxminddb", None)
    settings = tmp_path / "tocsin.toml"
    settings.write_text('[geo]\ndatabase = "places.mmdb"\n')

    with pytest.raises(
        ConfigError, match=r"tocsin\.toml:2: the package maxminddb is not installed"
    ):
        assemble(config=str(settings))


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    settings = tmp_path / "tocsin.toml"
    settings.write_text('[geo]\npath = "places.mmdb"\n')

    with pytest.raises(ConfigError, match=r'tocsin\.toml:2: unknown key "path"'):
        assemble(config=str(settings))


def test_a_file_that_is_missing_is_refused() -> None:
    pytest.importorskip("maxminddb")

    with pytest.raises(ConfigError, match=r"a:1: geo database /nowhere/x\.mmdb: "):
        open_places("/nowhere/x.mmdb", where="a:1")
