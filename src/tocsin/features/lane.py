"""What every lane gives: trips, windows and flows; counts that add up; an index for evidence.

A lane turns the bytes of one source into rows. Both lanes offer the same calls: ``feed``
a block (any cut), ``advance`` when the source is idle, ``finish`` at its end, ``take``
what was found since the last take.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    import numpy as np
    from numpy.typing import NDArray

    from tocsin.core.messages import Message


class Beside(Protocol):
    """Another thread that takes calls in order; see `tocsin.pipeline.beside`."""

    is_open: bool

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """What to hold while touching what both threads touch."""
        ...

    def begin(self, call: Callable[..., None], *arguments: Any) -> None:
        """Hand a call on; waits when too many are waiting."""
        ...

    def end_block(self) -> None:
        """Wait for all calls of the block before this one."""
        ...

    def settle(self) -> None:
        """Wait for every call."""
        ...

    def close(self) -> None:
        """Wait for every call and end the thread."""
        ...


@dataclass(frozen=True, slots=True)
class LaneYield:
    """Structured rows in time order; see `tocsin.kernels.layouts` for the fields.

    ``messages`` are what protocol readers understood, in the order of their packets.
    """

    trips: NDArray[np.void]
    windows: NDArray[np.void]
    flows: NDArray[np.void]
    messages: Sequence[Message] = ()


@dataclass(slots=True)
class LaneStats:
    """Where every record went: records = events + all of weird + filtered (law 7).

    ``odd`` counts events with a peculiarity (`tocsin.kernels.weird.ODD`); like ``late`` it is a
    mark on records that stand elsewhere in the sum.
    """

    records: int = 0
    events: int = 0
    filtered: int = 0
    late: int = 0
    untemplated: int = 0
    disorder: int = 0
    packets: int = 0
    bytes: int = 0
    flows: int = 0
    unread: int = 0  # payloads beyond what readers take in a pane
    first_ns: int | None = None
    last_ns: int | None = None
    weird: dict[str, int] = field(default_factory=dict)
    odd: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A stretch of a source: what evidence needs to read it again.

    ``first_offset`` is where its first record begins, ``end_offset`` where its last one
    ends. ``framing`` is the state from which a capture can be walked there (empty for
    logs); ``crc32`` is of the bytes between the two offsets (0: not taken). ``addresses`` is
    the filter of `tocsin.kernels.address_filter` over its packets (None: anything).
    """

    first_offset: int
    end_offset: int
    first_ns: int
    last_ns: int
    records: int
    framing: NDArray[np.int64] | None = None
    crc32: int = 0
    addresses: NDArray[np.uint64] | None = None
