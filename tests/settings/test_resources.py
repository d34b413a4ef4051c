"""Where shipped files are found."""

from __future__ import annotations

from tocsin.settings.resources import shipped
from tocsin.store.models import shipped_folder


def test_rules_and_models_of_a_checkout_are_found() -> None:
    assert (shipped("rules") / "detectors" / "port_scan.yml").is_file()
    assert (shipped("models") / "calm-traffic.json").is_file()


def test_the_store_looks_for_models_at_the_same_place() -> None:
    assert shipped_folder().resolve() == shipped("models").resolve()
