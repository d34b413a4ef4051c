"""Finding detectors: every module of this package, and what plugins announce.

A plugin announces its class under the entry-point group ``tocsin.detectors``.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import lru_cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

import tocsin.detect
from tocsin.core.errors import ConfigError

if TYPE_CHECKING:
    from types import ModuleType

    from tocsin.detect.base import Detector

_NOT_DETECTORS = frozenset(
    {
        "accounts",
        "alarm_budget",
        "base",
        "command_signs",
        "control_signs",
        "domains",
        "episodes",
        "exfiltration_requests",
        "exfiltration_signs",
        "log_amounts",
        "login_history",
        "pauses",
        "presence",
        "registry",
        "relations",
        "signs",
        "surges",
        "trips",
        "vector_history",
        "volumes",
    }
)
ENTRY_POINTS = "tocsin.detectors"


@lru_cache(maxsize=1)
def detector_classes() -> dict[str, type[Detector]]:
    """Return every detector class by its name; raises `ConfigError` when two share one."""
    found: dict[str, type[Detector]] = {}
    for module in pkgutil.iter_modules(tocsin.detect.__path__):
        if module.name not in _NOT_DETECTORS:
            for cls in _classes_of(importlib.import_module(f"tocsin.detect.{module.name}")):
                _add(found, cls, where=f"tocsin.detect.{module.name}")
    for point in entry_points(group=ENTRY_POINTS):
        _add(found, point.load(), where=f"entry point {point.name}")
    return found


def _classes_of(module: ModuleType) -> list[type[Detector]]:
    found: list[Any] = [
        cls
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if cls.__module__ == module.__name__ and {"name", "wants", "judge"} <= set(dir(cls))
    ]
    return found


def _add(found: dict[str, type[Detector]], cls: type[Detector], *, where: str) -> None:
    if cls.name in found:
        raise ConfigError(f"two detectors are called {cls.name!r}", where=where)
    found[cls.name] = cls
