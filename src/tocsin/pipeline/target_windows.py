"""Captures to the 60 s windows per address that models are trained on; no engine involved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.errors import OutOfOrderError, UsageError
from tocsin.features.packet_lane import PacketLane
from tocsin.kernels import layouts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tocsin.collect.source import Source
    from tocsin.core.parameters import Parameters


def target_windows(source: Source, *, parameters: Parameters) -> NDArray[np.void]:
    """Return every closed window of a capture, in time order (``layouts.TARGET_WINDOW``).

    A capture whose time steps back is read again in time order. Raises `InputError` when
    it can't be read whole (a model must not be trained on half of what its card names),
    `UsageError` when it is no capture.
    """
    if source.medium != "packets":
        raise UsageError(f"expected a capture, got a {source.medium}", where=source.path)
    try:
        found = _streamed(source, parameters)
    except OutOfOrderError:
        lane = PacketLane(source.path, parameters=parameters, live=False)
        lane.feed_sorted(source.map())
        lane.finish()
        found = [lane.take().windows]
    whole = np.concatenate([np.empty(0, dtype=layouts.TARGET_WINDOW), *found])
    ordered: NDArray[np.void] = whole[np.argsort(whole["start_ns"], kind="stable")]
    return ordered


def _streamed(source: Source, parameters: Parameters) -> list[NDArray[np.void]]:
    lane = PacketLane(source.path, parameters=parameters, live=False)
    found = []
    for block in source.blocks(is_hashed=True):
        lane.feed(block)
        found.append(lane.take().windows)
    lane.finish()
    found.append(lane.take().windows)
    return found
