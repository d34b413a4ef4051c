"""DCE/RPC (The Open Group, C706; [MS-RPCE]): who binds to which interface, which calls follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from tocsin.core.messages import RpcCall
from tocsin.parse.protocols.segments import Reader, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message

_HEAD, _STUB_AT, _STUB_MAX, _INTERFACES_MAX = 16, 24, 256, 16
_REQUEST, _RESPONSE, _FAULT, _BIND, _ALTER = 0, 2, 3, 11, 14
_PORT = 135


def calls_in(segment: Segment, data: bytes, interfaces: dict[str, str]) -> Iterator[RpcCall]:
    """Yield the calls of the fragments that begin in ``data``.

    ``interfaces`` remembers, by context number, what the conversation has bound to.
    """
    while len(data) >= _HEAD and data[0] == 5 and data[1] <= 1:  # noqa: PLR2004
        kind = data[2]
        order = "little" if data[4] & 0x10 else "big"
        size = int.from_bytes(data[8:10], order)  # type: ignore[arg-type]
        part = data[: max(size, _HEAD)]
        if kind in {_BIND, _ALTER}:
            for context, name in _contexts(part, order):
                if len(interfaces) < _INTERFACES_MAX:
                    interfaces[str(context)] = name
                yield RpcCall(**segment.common(), kind="bind", interface=name)
        elif kind == _REQUEST and len(part) >= _STUB_AT:
            context = int.from_bytes(part[20:22], order)  # type: ignore[arg-type]
            yield RpcCall(
                **segment.common(),
                kind="request",
                interface=interfaces.get(str(context), ""),
                opnum=int.from_bytes(part[22:24], order),  # type: ignore[arg-type]
                data=part[_STUB_AT : _STUB_AT + _STUB_MAX],
            )
        if size < _HEAD:
            return
        data = data[size:]


def _contexts(part: bytes, order: str) -> Iterator[tuple[int, str]]:
    at = 28
    for _ in range(min(part[24] if len(part) > 24 else 0, 8)):  # noqa: PLR2004
        if at + 24 > len(part):
            return
        raw = part[at + 4 : at + 20]
        name = str(UUID(bytes_le=raw) if order == "little" else UUID(bytes=raw))
        yield int.from_bytes(part[at : at + 2], order), name  # type: ignore[arg-type]
        at += 24 + 20 * part[at + 2]


class RpcReader(Reader):
    """Read RPC over TCP; keeps what was bound to."""

    name: ClassVar[str] = "rpc"

    def __init__(self) -> None:
        self.interfaces: dict[str, str] = {}

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by version 5.0 and a known kind of fragment."""
        data = segment.data
        return len(data) >= _HEAD and data[:2] == b"\5\0" and data[2] in {0, 2, 11, 12, 14, 15, 16}

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield the calls of a payload."""
        yield from calls_in(segment, segment.data, self.interfaces)

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        self.interfaces = dict(state["interfaces"])
