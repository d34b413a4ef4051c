"""What every detector is: rows in, detections out, one call for all closed panes.

Three kinds of rows reach detectors. *Trips* are thresholds that a kernel saw crossed while
it counted (`layouts.PACKET_TRIP`, `layouts.AUTH_TRIP`); such a detector only explains.
*Windows* are closed 60 s rows per target (`layouts.TARGET_WINDOW`); such a detector scores
them first and learns from them afterwards, oldest window first. *Messages*
(`tocsin.core.messages`) are what protocol readers understood of payloads, in the order of
the packets that completed them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from tocsin.core.networks import Home

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.parameters import Parameters

PACKET_TRIPS, AUTH_TRIPS, WINDOWS = "packet_trips", "auth_trips", "windows"
MESSAGES = "messages"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a rule file says to its detector, and what the configuration says of the network.

    ``medium`` is what the source is made of: ``packets``, ``flows`` or ``log``.
    """

    rule: str
    parameters: Parameters
    home: Home = field(default_factory=Home)
    medium: str = "packets"


class Detector(Protocol):
    """A detector; ``tocsin.testing.conformance`` holds the laws that each obeys.

    ``wants`` names the rows it takes. ``judge`` gets rows in time order and yields
    detections in that order; it reads no clock and does no I/O. ``state`` returns plain
    values and arrays that ``restore`` takes back; a detector without memory returns {}.
    One of messages may name in ``hears`` the kinds that it looks at; else it gets all.
    """

    name: ClassVar[str]
    wants: ClassVar[str]

    def __init__(self, policy: Policy) -> None:
        """Take the rule's policy; the detector keeps nothing else from outside."""
        ...

    def judge(self, rows: Any, *, source: str) -> Iterator[Detection]:
        """Yield a detection for every row that crosses the threshold, with its numbers."""
        ...

    def state(self) -> dict[str, Any]:
        """Return what must survive a restart."""
        ...

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        ...


class Stateless:
    """A detector without memory: its kernel remembers for it."""

    def state(self) -> dict[str, Any]:
        """Return nothing."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Refuse a state that this detector never gave."""
        if state:
            raise ValueError(f"{type(self).__name__} keeps no state, got {sorted(state)}")
