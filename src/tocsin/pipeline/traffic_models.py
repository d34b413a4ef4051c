"""From a model file to the model that judges: where the store's floor meets the detectors'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.errors import IntegrityError
from tocsin.detect.unusual_traffic import TrafficModel, traffic_model
from tocsin.store.models import find_model, read_model, shipped_folder

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = "calm-traffic"


def load_traffic_model(path: Path) -> TrafficModel:
    """Return the checked model of a card's path; `IntegrityError` when anything is amiss."""
    stored = read_model(path)
    packets_min = stored.card.parameters.get("packets_min")
    if not isinstance(packets_min, int) or packets_min < 0:
        raise IntegrityError(f"expected packets_min, got {packets_min!r}", where=str(path))
    return traffic_model(
        stored.arrays,
        name=stored.card.name,
        features=stored.card.features,
        threshold=stored.card.threshold,
        packets_min=packets_min,
    )


def shipped_traffic_model() -> TrafficModel:
    """Return the model that comes with Tocsin; batch analysis uses no other."""
    return load_traffic_model(find_model(SHIPPED, shipped_folder()))
