"""From rules and settings to the parts of an engine; the only place that knows all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.confirm.confirm import Confirm, Confirmation, Suppression
from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.registry import detector_classes
from tocsin.incidents.case import RulePages
from tocsin.incidents.casebook import Casebook
from tocsin.incidents.identity import Asset, Identity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.detect.base import Detector


@dataclass(frozen=True, slots=True)
class Wiring:
    """Everything an engine is made of, as values; `detectors` makes fresh ones."""

    parameters: Parameters
    rules: tuple[tuple[str, str], ...]  # (rule id, detector name)
    confirmations: Mapping[str, Confirmation]
    pages: Mapping[str, RulePages]
    suppressions: Sequence[Suppression] = ()
    assets: Sequence[Asset] = ()
    year: int | None = None  # of log stamps without one; None: the file's modification time
    zone: str = "UTC"
    since_ns: int | None = None
    until_ns: int | None = None

    def detectors(self) -> list[Detector]:
        """Return one detector per rule, in the order of the rules."""
        classes = detector_classes()
        return [
            classes[name](Policy(rule=rule, parameters=self.parameters))
            for rule, name in self.rules
        ]

    def confirm(self) -> Confirm:
        """Return an empty confirm stage."""
        return Confirm(confirmations=self.confirmations, suppressions=self.suppressions)

    def casebook(self) -> Casebook:
        """Return an empty casebook."""
        return Casebook(identity=Identity(assets=self.assets))
