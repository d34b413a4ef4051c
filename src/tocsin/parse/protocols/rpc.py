"""DCE/RPC (C706, [MS-RPCE] 2.2.2): binds and requests, over TCP or inside an SMB pipe.

Read are the interface of each presentation context, the number of the operation and the
start of its arguments; encrypted arguments stay what they are. A PDU that a segment cuts
is read from what is there, its rest is skipped by its length. Lengths are claims: they
skip, they never allocate. Memory: `CONTEXTS_MAX` interfaces and 24 bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from tocsin.core.messages import RpcCall
from tocsin.parse.protocols.segments import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message
    from tocsin.parse.protocols.segments import Common, Segment

CONTEXTS_MAX, PDUS_MAX, STUB_BYTES = 16, 16, 256
_TCP, _HEAD, _HEAD_REQUEST = 6, 16, 24
_REQUEST, _RESPONSE, _FAULT, _BIND, _ALTER = 0, 2, 3, 11, 14
_CONTEXT_BYTES, _SYNTAX_BYTES, _HAS_OBJECT = 24, 20, 0x80
_LAST_TYPE = 20


def is_pdu(data: bytes, at: int = 0) -> bool:
    """Tell whether a PDU of version 5.0 or 5.1 begins there."""
    return (
        len(data) >= at + _HEAD
        and data[at] == 5
        and data[at + 1] <= 1
        and data[at + 2] < _LAST_TYPE
        and data[at + 4] & 0xEF == 0
    )


def calls(data: bytes, contexts: dict[int, str], common: Common) -> Iterator[RpcCall]:
    """Yield what the PDUs in ``data`` say; ``contexts`` learns interfaces by context number."""
    at = 0
    for _ in range(PDUS_MAX):
        if not is_pdu(data, at):
            return
        order = "little" if data[at + 4] & 0x10 else "big"
        length = int.from_bytes(data[at + 8 : at + 10], order)  # type: ignore[arg-type]
        if length < _HEAD:
            return
        yield from _one(data[at : at + length], contexts, common, order)
        at += length


def _one(pdu: bytes, contexts: dict[int, str], common: Common, order: str) -> Iterator[RpcCall]:
    kind = pdu[2]
    if kind in {_BIND, _ALTER}:
        yield from _bound(pdu, contexts, common)
    elif kind == _REQUEST and len(pdu) >= _HEAD_REQUEST:
        context = int.from_bytes(pdu[20:22], order)  # type: ignore[arg-type]
        opnum = int.from_bytes(pdu[22:24], order)  # type: ignore[arg-type]
        stub = pdu[_HEAD_REQUEST + (16 if pdu[3] & _HAS_OBJECT else 0) :]
        yield RpcCall(
            **common,
            kind="request",
            interface=contexts.get(context, ""),
            opnum=opnum,
            data=stub[:STUB_BYTES],
        )
    elif kind in {_RESPONSE, _FAULT} and len(pdu) >= _HEAD_REQUEST:
        name = "response" if kind == _RESPONSE else "fault"
        yield RpcCall(**common, kind=name, data=pdu[_HEAD_REQUEST:][-STUB_BYTES:])


def _bound(pdu: bytes, contexts: dict[int, str], common: Common) -> Iterator[RpcCall]:
    """Read the contexts of a bind, the first syntax of each."""
    if len(pdu) < _HEAD_REQUEST + 4:
        return
    at, seen = 28, set()
    for _ in range(min(pdu[24], CONTEXTS_MAX)):
        if len(pdu) < at + _CONTEXT_BYTES:
            return
        number = int.from_bytes(pdu[at : at + 2], "little")
        interface = str(UUID(bytes_le=pdu[at + 4 : at + 20]))
        if number in contexts or len(contexts) < CONTEXTS_MAX:
            contexts[number] = interface
        if interface not in seen:
            seen.add(interface)
            yield RpcCall(**common, kind="bind", interface=interface)
        at += _CONTEXT_BYTES + _SYNTAX_BYTES * pdu[at + 2]


class RpcReader(Reader):
    """Read DCE/RPC over TCP (ncacn_ip_tcp)."""

    name: ClassVar[str] = "rpc"

    def __init__(self) -> None:
        self.contexts: dict[int, str] = {}
        self.skip = [0, 0]

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by the head of a PDU whose length is possible."""
        return segment.proto == _TCP and is_pdu(segment.data)

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield binds, requests, answers and faults."""
        side, data = int(not segment.from_client), segment.data
        if segment.is_gap:
            self.skip[side] = 0
        cut = min(self.skip[side], segment.size_bytes)
        self.skip[side] -= cut
        data = data[cut:]
        if not is_pdu(data):
            return
        yield from calls(data, self.contexts, segment.common())
        self.skip[side] = _left(data, segment.size_bytes - cut)


def _left(data: bytes, size: int) -> int:
    """Return how many bytes of the last PDU are still to come."""
    at = 0
    for _ in range(PDUS_MAX):
        if not is_pdu(data, at):
            break
        order = "little" if data[at + 4] & 0x10 else "big"
        length = int.from_bytes(data[at + 8 : at + 10], order)  # type: ignore[arg-type]
        if length < _HEAD:
            break
        at += length
    return max(at - size, 0)
