"""What readers take: marked payloads, in the order of each side's stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message

GATHER_BYTES_MAX = 16_384


class Common(TypedDict):
    """The fields that every message has, to be handed on as ``Kind(**segment.common(), ...)``."""

    at_ns: int
    offset: int
    client: str
    server: str
    client_port: int
    server_port: int
    proto: int
    start_ns: int
    start_offset: int
    from_client: bool
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Segment:
    """One payload: ``data`` is what was captured of ``size_bytes``.

    Of TCP, repeats have been taken out; ``is_gap`` says that bytes are missing before it
    (lost, out of order, or not marked), so that a reader begins anew.
    """

    at_ns: int
    offset: int
    client: str
    server: str
    client_port: int
    server_port: int
    proto: int
    start_ns: int
    start_offset: int
    from_client: bool
    size_bytes: int
    data: bytes
    is_gap: bool = False
    icmp_type: int = 0

    def common(self) -> Common:
        """Return what a message has from the segment that completed it."""
        return {
            "at_ns": self.at_ns,
            "offset": self.offset,
            "client": self.client,
            "server": self.server,
            "client_port": self.client_port,
            "server_port": self.server_port,
            "proto": self.proto,
            "start_ns": self.start_ns,
            "start_offset": self.start_offset,
            "from_client": self.from_client,
            "size_bytes": self.size_bytes,
        }


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
