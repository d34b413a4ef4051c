"""The templates that Tocsin ships, compiled once per process."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from tocsin.parse.compile import compile_families
from tocsin.parse.templates import FAMILIES

if TYPE_CHECKING:
    from tocsin.kernels.log_scan import LogTables
    from tocsin.parse.compile import Compiled


@lru_cache(maxsize=1)
def known_templates() -> Compiled:
    """Return all shipped templates, compiled."""
    return compile_families(FAMILIES)


def log_tables() -> LogTables:
    """Return what a `tocsin.features.log_lane.LogLane` needs of them."""
    return known_templates().log_tables
