"""DNS (RFC 1035) over UDP and TCP: the first question, and what was answered."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import DnsMessage
from tocsin.parse.protocols.segments import GATHER_BYTES_MAX, Reader, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message

PORTS = frozenset({53, 5353, 5355})
_HEAD, _POINTER, _LABELS_MAX, _ANSWERS_MAX = 12, 0xC0, 128, 16
_A, _AAAA, _UDP = 1, 28, 17
_NAMED = frozenset({2, 5, 12})  # NS, CNAME, PTR


class DnsReader(Reader):
    """Read datagrams, or a stream of messages behind their lengths; keeps a partial one."""

    name: ClassVar[str] = "dns"

    def __init__(self) -> None:
        self.parts = [b"", b""]

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by the port, and by a header that can be one."""
        ports = {segment.client_port, segment.server_port}
        return bool(ports & PORTS) and len(segment.data) >= _HEAD

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield the messages that a payload completes."""
        if segment.proto == _UDP:
            found = _message(segment, segment.data)
            if found is not None:
                yield found
            return
        side = 0 if segment.from_client else 1
        data = segment.data if segment.is_gap else self.parts[side] + segment.data
        while len(data) >= 2 and len(data) >= 2 + int.from_bytes(data[:2]):
            size = int.from_bytes(data[:2])
            found = _message(segment, data[2 : 2 + size])
            if found is not None:
                yield found
            data = data[2 + size :]
        self.parts[side] = data if len(data) <= GATHER_BYTES_MAX else b""


def _message(segment: Segment, data: bytes) -> DnsMessage | None:
    if len(data) < _HEAD:
        return None
    flags = int.from_bytes(data[2:4])
    questions, answers = int.from_bytes(data[4:6]), int.from_bytes(data[6:8])
    name, kind, at = "", 0, _HEAD
    if questions:
        name, at = name_at(data, at)
        if at + 4 > len(data):
            return None
        kind = int.from_bytes(data[at : at + 2])
        at += 4
    found, size = _answers(data, at, answers) if questions <= 1 else ((), 0)
    return DnsMessage(
        **segment.common(),
        id=int.from_bytes(data[:2]),
        is_response=bool(flags & 0x8000),
        name=name,
        qtype=kind,
        rcode=flags & 15,
        answers=found,
        answers_total=answers,
        answer_bytes=size,
        is_truncated=bool(flags & 0x0200),
    )


def name_at(data: bytes, at: int) -> tuple[str, int]:
    r"""Return the lower-case name at an offset and where what follows it begins.

    Odd bytes become ``\xNN``; pointers are followed backwards only, so that no name loops.
    """
    labels: list[str] = []
    end, bound = -1, at
    while at < len(data) and data[at] and len(labels) < _LABELS_MAX:
        size = data[at]
        if size >= _POINTER:
            target = int.from_bytes(data[at : at + 2]) & 0x3FFF
            end = at + 2 if end < 0 else end
            if target >= bound:
                return ".".join(labels), end
            at = bound = target
            continue
        labels.append(_label(data[at + 1 : at + 1 + size]))
        at += 1 + size
    return ".".join(labels), at + 1 if end < 0 else end


def _label(raw: bytes) -> str:
    if raw.isascii() and raw.isalnum():
        return raw.decode("ascii").lower()
    return "".join(
        chr(byte).lower() if 33 <= byte <= 126 and byte not in b"\\." else f"\\x{byte:02x}"
        for byte in raw
    )


def _answers(data: bytes, at: int, total: int) -> tuple[tuple[tuple[int, str], ...], int]:
    found: list[tuple[int, str]] = []
    size = 0
    for _ in range(min(total, _ANSWERS_MAX)):
        _, at = name_at(data, at)
        if at + 10 > len(data):
            break
        kind, length = int.from_bytes(data[at : at + 2]), int.from_bytes(data[at + 8 : at + 10])
        start = at + 10
        size += length
        found.append((kind, _value(data, start, kind, length)))
        at = start + length
    return tuple(found), size


def _value(data: bytes, at: int, kind: int, length: int) -> str:
    raw = data[at : at + length]
    if kind == _A and len(raw) == 4:
        return str(IPv4Address(raw))
    if kind == _AAAA and len(raw) == 16:
        return str(IPv6Address(raw))
    if kind in _NAMED:
        return name_at(data, at)[0]
    return str(length)
