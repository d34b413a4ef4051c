"""Inside is what is configured, else what the internet can't reach."""

from __future__ import annotations

import pytest

from tocsin.core.networks import Home


@pytest.mark.parametrize(
    ("party", "is_inside"),
    [
        ("10.1.2.3", True), ("192.168.7.1", True), ("fe80::1", True), ("fd00::7", True),
        ("100.64.0.9", True), ("8.8.8.8", False), ("2606:4700::1111", False),
        ("239.255.255.250", False), ("02:00:00:00:00:01", False), ("*spoofed", False),
    ],
)  # fmt: skip
def test_without_a_setting_private_addresses_are_inside(party: str, is_inside: bool) -> None:
    assert Home().holds(party) is is_inside


def test_a_setting_replaces_the_guess() -> None:
    home = Home(("8.8.0.0/16", "2001:db8::/32"))

    assert home.holds("8.8.4.4")
    assert home.holds("2001:db8::5")
    assert not home.holds("10.1.2.3")
    assert home.words == "home is 8.8.0.0/16, 2001:db8::/32"
