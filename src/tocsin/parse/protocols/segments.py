"""What a reader of a protocol is: one object per conversation, segments in, messages out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.segments import Common, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message

__all__ = ["GATHER_BYTES_MAX", "Common", "Reader", "Segment"]

GATHER_BYTES_MAX = 16_384


class Reader:
    """Read one conversation; a subclass keeps plain values only (numbers, text, bytes, lists).

    ``name`` is unique; ``claims`` says whether a conversation's first payload (of either
    side) is of this protocol. Readers are asked in the order of
    `tocsin.parse.protocols.readers.READERS`; the first that claims keeps the conversation.
    Memory per reader: at most `GATHER_BYTES_MAX` gathered bytes a side.
    """

    name: ClassVar[str]

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell whether a conversation that begins with this payload is of this protocol."""
        raise NotImplementedError

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield the messages that this payload completes; never raises on any bytes."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Return what a restart needs."""
        return dict(vars(self))

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        for name, value in state.items():
            setattr(self, name, value)
