"""What Tocsin itself writes: the marked event of its self-test."""

from __future__ import annotations

from tocsin.parse.template import Family, Template

FAMILY = Family(
    "tocsin",
    "tocsin",
    ("tocsin",),
    (Template("self-test from {source.address}", "tocsin_selftest", "unknown", "host"),),
)
