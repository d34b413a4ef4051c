"""``tocsin.toml``: what it gives, and errors that name the line to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tocsin.core.errors import ConfigError
from tocsin.settings.load import load_settings
from tocsin.settings.schema import AssetSetting, Settings, SuppressSetting

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """\
[network]
home = ["198.51.100.0/24", "2001:db8::/32"]

[[asset]]
name = "web01"
addresses = ["198.51.100.5"]
names = ["web01.example.com"]
criticality = "critical"
data = "customers"
services = ["https"]
core = true

[allowlist]
addresses = ["203.0.113.9"]
reason = "our own scanner"

[[suppress]]
name = "backup"
reason = "moves at night"
until = 2026-12-31T00:00:00Z
kind = "traffic_spike"
victim = "198.51.100.5"
"""


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "tocsin.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    return str(caught.value).removeprefix(f"{tmp_path}/")


def test_no_file_gives_the_defaults() -> None:
    assert load_settings(None) == Settings()


def test_every_key_of_a_whole_file_arrives(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.toml"
    path.write_text(WHOLE, encoding="utf-8")

    settings = load_settings(path)

    assert settings.home == ("198.51.100.0/24", "2001:db8::/32")
    assert settings.assets == (
        AssetSetting(
            name="web01",
            addresses=("198.51.100.5",),
            names=("web01.example.com",),
            criticality="critical",
            data="customers",
            services=("https",),
            core=True,
        ),
    )
    assert settings.allowlist.addresses == ("203.0.113.9",)
    assert settings.allowlist.reason == "our own scanner"
    assert settings.suppressions == (
        SuppressSetting(
            name="backup",
            reason="moves at night",
            until_ns=1_798_675_200_000_000_000,
            kind="traffic_spike",
            victim="198.51.100.5",
        ),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[netwrk]\n", 'tocsin.toml:1: unknown key "netwrk"; did you mean "network"?'),
        (
            '[network]\n\nhoem = ["192.0.2.0/24"]\n',
            'tocsin.toml:3: unknown key "hoem"; did you mean "home"?',
        ),
        ('[network]\nhome = "192.0.2.0/24"\n', 'tocsin.toml:2: "home" must be a list of texts'),
        (
            '[allowlist]\naddresses = ["192.0.2.0/33"]\n',
            "tocsin.toml:2: \"addresses\": '192.0.2.0/33' is neither an address nor a network",
        ),
        ('[asset]\nname = "a"\n', "tocsin.toml:1: write [[asset]], once per entry"),
        ("network = 3\n", "tocsin.toml:1: [network] must be a table"),
        (
            '[[asset]]\nname = "a"\ncriticality = "hig"\n',
            'tocsin.toml:3: "criticality" must be one of low, medium, high, critical, got "hig"',
        ),
        ('[[asset]]\nname = "a"\ncore = 1\n', 'tocsin.toml:3: "core" must be true or false'),
        ("[network]\nhome = [\n", "tocsin.toml"),
    ],
)
def test_a_wrong_entry_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    assert refused(tmp_path, text).startswith(said)


def test_the_second_entry_of_a_list_has_its_own_lines(tmp_path: Path) -> None:
    text = '[[asset]]\nname = "a"\n\n[[asset]]\n# a comment\nnam = "b"\n'

    assert refused(tmp_path, text) == 'tocsin.toml:6: unknown key "nam"; did you mean "name"?'


def test_a_suppression_needs_an_end(tmp_path: Path) -> None:
    text = '[[suppress]]\nname = "a"\nreason = "b"\n'

    assert refused(tmp_path, text).startswith('tocsin.toml:1: "until" must be a time')


def test_broken_toml_is_named_with_its_line(tmp_path: Path) -> None:
    assert refused(tmp_path, "[network]\nhome = = 3\n").startswith("tocsin.toml:2: ")


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml: No such file"):
        load_settings(tmp_path / "absent.toml")
