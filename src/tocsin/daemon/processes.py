"""The daemon's processes, as seen from each other.

The sensor holds the right to capture and reads logs; it writes bytes unchanged into ring
segments and decides nothing. The core reads segments and holds no right at all. The
enforcer is `respond.performers.Enforcer` behind a socket.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.inputs import Block, Shed, SourceStatus


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a source in the ring: where it begins in the source's stream, its bytes."""

    source: str
    offset: int
    bytes: int
    sha256: str


class Ring(Protocol):
    """Bounded storage between sensor and core: what does not fit is shed, and said."""

    def read(self, after: Segment | None) -> Iterator[Block | SourceStatus | Shed]:
        """Yield what was written after a segment, in order; ends where the sensor stands."""
        ...

    def done(self, segment: Segment) -> None:
        """Let go of a segment and all before it: the core's checkpoint covers them."""
        ...


class Sensor(Protocol):
    """What the supervisor asks of a sensor."""

    def drops(self) -> dict[str, int]:
        """Return how many records each source lost, as the kernel counts them."""
        ...

    def stop(self) -> None:
        """Stop collecting; what was collected stays in the ring."""
        ...
