"""Who performs what the engine asks for: the shapes that notifiers and enforcers fill.

The live driver hands `core.commands.Notify` to every notifier and `core.commands.Contain`
to the one enforcer; a replay hands out neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tocsin.core.commands import Contain, Notify


@dataclass(frozen=True, slots=True)
class Delivery:
    """Whether a message was taken by its channel; ``reason`` says why not."""

    channel: str
    is_delivered: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """A containment in force. The kernel ends it at ``expires_ns``, whatever becomes of us."""

    action: str
    target: str
    expires_ns: int


class Notifier(Protocol):
    """One channel to people."""

    @property
    def channel(self) -> str:
        """Its name in the configuration."""
        ...

    def send(self, notice: Notify) -> Delivery:
        """Try once, within the channel's time limit; raises nothing for a refusal."""
        ...


class Enforcer(Protocol):
    """The only holder of the right to change how the host's network behaves."""

    def apply(self, action: Contain) -> Applied:
        """Put an action in force; raises `core.errors.UsageError` for one it must not take.

        It never takes one without an expiry, against an allowlisted address, or against
        one that the evidence allows to be forged.
        """
        ...

    def revert(self, applied: Applied) -> None:
        """End an action before its time; one that is over already is no error."""
        ...

    def in_force(self) -> tuple[Applied, ...]:
        """Return what the kernel holds now, as the kernel says it."""
        ...
