"""Addresses: two halves and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.addresses import address_halves, address_text


def test_a_mapped_address_and_its_ipv4_form_are_one() -> None:
    assert address_halves("::ffff:203.0.113.9") == address_halves("203.0.113.9")


def test_a_link_layer_address_keeps_its_form() -> None:
    assert address_text(*address_halves("00:25:b3:bf:91:ee")) == "00:25:b3:bf:91:ee"


def test_words_are_refused() -> None:
    with pytest.raises(ValueError, match="does not appear to be an IPv4 or IPv6 address"):
        address_halves("web01")


@given(st.ip_addresses(v=4))
def test_every_ipv4_address_reads_back(address: object) -> None:
    assert address_text(*address_halves(str(address))) == str(address)
