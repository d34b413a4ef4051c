"""Segments: the payloads that protocol readers take, in the order of each side's stream."""

from __future__ import annotations

from typing import NamedTuple, TypedDict


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


class Segment(NamedTuple):
    """One payload: ``data`` is what was captured of ``size_bytes``.

    Of TCP, repeats have been taken out; ``is_gap`` says that bytes are missing before it
    (lost, out of order, or not marked), so that a reader begins anew. A tuple, because there
    are many: a frozen dataclass takes four times as long to make.
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
    is_read: bool = True  # False: only its volume is of interest
    # Payload bytes so far, the client's and the server's; both seen from the begin (`Volume`).
    volume: tuple[int, int, bool] | None = None
    stalled_at_bytes: int | None = None  # what the server had sent when the client stalled

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
