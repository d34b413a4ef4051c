"""The formats that Tocsin ships, gathered by walking `tocsin.parse.templates` once per process."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from tocsin.parse import templates
from tocsin.parse.compile import compile_families

if TYPE_CHECKING:
    from tocsin.kernels.log_scan import LogTables
    from tocsin.parse.compile import Compiled
    from tocsin.parse.template import Family, Layout, RecordFormat


@lru_cache(maxsize=1)
def known_families() -> tuple[Family, ...]:
    """Return every family, in the order of modules."""
    return (*_declared("FAMILY", one=True), *_declared("FAMILIES"))


@lru_cache(maxsize=1)
def known_layouts() -> tuple[Layout, ...]:
    """Return every layout, in the order of modules."""
    return _declared("LAYOUTS")


@lru_cache(maxsize=1)
def known_record_formats() -> tuple[RecordFormat, ...]:
    """Return every format of records of named values: those that ask for more come first."""
    found: tuple[RecordFormat, ...] = _declared("RECORD_FORMATS")
    return tuple(sorted(found, key=lambda one: -len(one.has)))


@lru_cache(maxsize=1)
def known_templates() -> Compiled:
    """Return the templates of dense families, compiled, and the names of all programs."""
    datasets = ["http.access", *(one.dataset for one in known_layouts())]
    datasets += [one.dataset for one in known_record_formats()]
    return compile_families(known_families(), datasets=datasets)


def log_tables() -> LogTables:
    """Return what a `tocsin.features.log_lane.LogLane` needs of them."""
    return known_templates().log_tables


def _declared(name: str, *, one: bool = False) -> tuple[Any, ...]:
    found: list[Any] = []
    for module in iter_modules(templates.__path__):
        value = getattr(import_module(f"{templates.__name__}.{module.name}"), name, None)
        if value is not None:
            found.extend([value] if one else value)
    return tuple(found)
